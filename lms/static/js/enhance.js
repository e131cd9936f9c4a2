// Swaps one part of the page for the same part of the answer. Every form and link works without it.
//   <form method="post" data-swap="list">   <a href="…" data-swap="list">   the server answers a full page

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function put(old, fresh, focusId, ok) {
  old.replaceWith(fresh);
  fresh.dispatchEvent(new Event("swapped", { bubbles: true }));
  const target = (!ok && fresh.querySelector("[role=alert]")) || document.getElementById(focusId) || fresh.querySelector("[autofocus]");
  target?.focus();
}

async function swap(source, url, options) {
  const id = source.dataset.swap;
  const old = document.getElementById(id);
  const focusId = document.activeElement?.id;
  old.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { ...options, headers: { "X-Fragment": id } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    if (!fresh) { location.assign(answer.url); return; } // signed out or an error page: show it whole
    if (page.title) document.title = page.title;
    const change = () => put(old, fresh, focusId, answer.ok);
    if (document.startViewTransition && !calm.matches) document.startViewTransition(change);
    else change();
    if (source.tagName === "A" || options.method === "GET") history.pushState({}, "", answer.url);
  } catch {
    old.removeAttribute("aria-busy"); // no network: let the browser do it and say so
    if (source.tagName === "FORM") source.submit();
    else location.assign(url);
  }
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.swap || form.method === "dialog" || event.defaultPrevented) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  if (form.method === "get") swap(form, `${form.action.split("?")[0]}?${new URLSearchParams(data)}`, { method: "GET" });
  else swap(form, form.action, { method: "POST", body: data });
});

addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.button) {
    event.preventDefault();
    swap(link, link.href, {});
  }
  if (event.target.closest("[data-print]")) print();
});

addEventListener("popstate", () => location.reload());

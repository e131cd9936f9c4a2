// Sends small changes one after the other, keeps what could not be sent and says so. Used by answer.js and grade.js.

const RETRY_MS = 5000;

/** `form` carries the words (data-saving, data-saved, data-offline, data-problem, data-signedout); `stored(answer)` runs after each save. */
export function saver(form, stored = () => {}) {
  const status = form.querySelector("[data-status]") ?? document.querySelector("[data-status]");
  const waiting = new Map(); // by name: only the newest of each is sent
  let sending = false;
  let retry;

  function say(words, look) {
    if (!status) return;
    status.textContent = words;
    status.classList.toggle("ok", look === "ok");
    status.classList.toggle("stop", look === "stop");
  }

  function stop(words) {
    waiting.clear();
    say(words, "stop");
  }

  async function send(name, entries) {
    const body = new FormData();
    for (const hidden of form.querySelectorAll("input[type=hidden]")) body.append(hidden.name, hidden.value);
    body.append("changed", name);
    for (const [key, value] of entries) body.append(key, value);
    const answer = await fetch(form.dataset.url || form.action, {
      method: "POST", body, redirect: "manual", headers: { "X-Requested-With": "fetch", Accept: "application/json" },
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) return stop(form.dataset.signedout);
    if (answer.status >= 500 || answer.status === 429) throw new Error("later");
    if (!answer.ok) return stop((await answer.json().catch(() => ({}))).problem ?? form.dataset.problem);
    const told = await answer.json();
    if (waiting.get(name) === entries) waiting.delete(name);
    for (const [key, value] of Object.entries(told.fields ?? {})) {
      const hidden = form.querySelector(`input[type=hidden][name="${CSS.escape(key)}"]`);
      if (hidden) hidden.value = value;
    }
    say(form.dataset.saved.replace("{time}", told.saved), "ok");
    if (status) status.title = told.receipt ?? "";
    stored(told);
  }

  async function drain() {
    if (sending || !waiting.size) return;
    sending = true;
    clearTimeout(retry);
    try {
      while (waiting.size) await send(...waiting.entries().next().value);
    } catch {
      say(form.dataset.offline);
      retry = setTimeout(drain, RETRY_MS);
    }
    sending = false;
  }

  addEventListener("online", drain);
  addEventListener("pageshow", drain);
  addEventListener("beforeunload", (event) => { if (waiting.size && !form.dataset.leaving) event.preventDefault(); });
  form.addEventListener("submit", () => { form.dataset.leaving = "yes"; }); // the submit carries everything itself

  return (name, entries) => {
    waiting.set(name, entries);
    say(form.dataset.saving);
    drain();
  };
}

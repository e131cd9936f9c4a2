// Tells the server once a minute that someone is reading: only while the page is seen and touched within five minutes.

const EVERY_MS = 60_000;
const IDLE_MS = 300_000;
const place = document.querySelector("[data-activity]");
let touched = Date.now();

for (const kind of ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"]) {
  addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true });
}

async function beat() {
  if (document.visibilityState !== "visible" || Date.now() - touched > IDLE_MS) return;
  const body = new URLSearchParams({ csrf_token: place.dataset.csrf });
  try {
    const answer = await fetch(place.dataset.url, {
      method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": place.dataset.csrf, "X-Requested-With": "fetch" },
    });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) clearInterval(clock);
  } catch { /* offline: minutes that nobody saw are not counted */ }
}

const clock = place && setInterval(beat, EVERY_MS);

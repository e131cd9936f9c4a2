// A grading sheet keeps each mark on its tap, rings the next open step, counts what is left: <form data-grade …>.
import { saver } from "./save.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

for (const form of document.querySelectorAll("form[data-grade]")) {
  const steps = [...form.querySelectorAll("[data-step]")];
  const sign = document.querySelector("[data-sign]");
  const ratings = [...form.querySelectorAll("[name=rating]")];
  const save = saver(form, count);

  const open = (step) => !step.querySelector("input[type=radio]:checked");
  const unrated = () => !ratings.some((one) => one.checked);
  sign?.setAttribute("aria-disabled", String(steps.some(open) || unrated())); // without this module the button sends, and the page says what is missing

  function count({ left, safety_left: safety }) {
    for (const [name, n] of Object.entries({ left, safety_left: safety })) {
      const place = document.querySelector(`[data-count="${name}"]`);
      if (place && n !== undefined) {
        const none = name === "left" && unrated() ? place.dataset.unrated : place.dataset.none;
        const words = n === 0 ? none : n === 1 ? place.dataset.one : place.dataset.many.replace("{n}", n);
        if (place.textContent.trim() !== words) place.textContent = words;
      }
    }
    const ring = document.querySelector("[data-meter]");
    if (ring && left !== undefined) {
      const total = Number(ring.dataset.total) || 1;
      ring.setAttribute("stroke-dasharray", `${Math.round((100 * (total - left)) / total)} 100`);
    }
    if (left !== undefined) sign?.setAttribute("aria-disabled", String(left > 0 || unrated()));
  }

  function onward(from) {
    const at = steps.indexOf(from);
    const next = [...steps.slice(at + 1), ...steps.slice(0, at)].find(open);
    for (const step of steps) step.classList.toggle("open", step === next);
    show(next ?? (unrated() && ratings[0]?.closest("fieldset")));
  }

  function show(place) {
    if (place) place.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }

  form.addEventListener("change", (event) => {
    const step = event.target.closest("[data-step]");
    const scope = step ?? event.target.closest("fieldset") ?? event.target;
    const fields = [...(scope.querySelectorAll?.("input, textarea, select") ?? [])];
    const names = [...new Set((fields.length ? fields : [scope]).map((f) => f.name))].filter(Boolean);
    const data = new FormData(form);
    save(names[0], names.flatMap((name) => data.getAll(name).map((value) => [name, value])));
    if (step && event.target.type === "radio" && event.target.value !== "not_applicable") onward(step);
  });

  sign?.addEventListener("click", (event) => {
    const first = steps.find(open) ?? (unrated() && ratings[0]?.closest("fieldset"));
    if (sign.getAttribute("aria-disabled") !== "true" || !first) return;
    event.preventDefault();
    show(first);
    first.querySelector("input").focus({ preventScroll: true });
  });
}

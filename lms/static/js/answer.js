// A quiz question keeps its answer on each change: <form data-answer …>. The submit button works without this.
import { saver } from "./save.js";

for (const form of document.querySelectorAll("form[data-answer]")) {
  const save = saver(form);
  form.addEventListener("change", () => {
    const typed = [...new FormData(form)].filter(([name]) => form.querySelector(`[name="${CSS.escape(name)}"]`)?.type !== "hidden");
    save("answer", typed);
  });
}

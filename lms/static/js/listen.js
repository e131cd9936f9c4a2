// Reads a part of the page aloud with the browser's own voices and marks the word: <button data-listen="id of the part" hidden>.
// The button stays hidden where no voice of that language lives on this device: nothing is sent to a speech service.

const speech = window.speechSynthesis;
const buttons = () => document.querySelectorAll("[data-listen]"); // a swap brings new ones
const SILENT = "svg, [popover], .ref, .refs, .vh, input, button.btn, .icon-btn, details:not([open]) > :not(summary), [hidden]";
const BLOCK = "p, li, h1, h2, h3, h4, td, th, figcaption, summary, legend, label, dt, dd";
const mark = window.Highlight && CSS.highlights ? new Highlight() : null;
if (mark) CSS.highlights.set("spoken", mark);
let turn = 0; // what is being read; an older reading stops when it changes

const voiceFor = (lang) => speech.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().replace("_", "-").startsWith(lang));
const languageOf = (node) => (node.nodeType === 1 ? node : node.parentElement).closest("[lang]").lang.slice(0, 2);

function offer() {
  for (const button of buttons()) button.hidden = !voiceFor(languageOf(document.getElementById(button.dataset.listen)));
}

// Runs of text in reading order, one for each block, each with the places of its characters.
function passages(part) {
  const found = [];
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT, (node) => (
    node.parentElement.closest(SILENT) || !node.data.trim() ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const block = node.parentElement.closest(BLOCK) ?? part;
    let last = found.at(-1);
    if (last?.block !== block) found.push(last = { block, text: "", nodes: [] });
    last.nodes.push([last.text.length, node]);
    last.text += node.data;
  }
  return found.filter((one) => voiceFor(languageOf(one.block)));
}

function show(passage, from, length) {
  const at = passage.nodes.findLast(([start]) => start <= from);
  if (!at) return;
  const [start, node] = at;
  const range = new Range();
  range.setStart(node, Math.min(from - start, node.length));
  range.setEnd(node, Math.min(from - start + length, node.length));
  mark.clear();
  mark.add(range);
  const box = range.getBoundingClientRect();
  if (box.bottom > innerHeight - 96 || box.top < 96) passage.block.scrollIntoView({ block: "center" });
}

function stop() {
  turn += 1;
  speech.cancel();
  mark?.clear();
  for (const button of buttons()) {
    button.setAttribute("aria-pressed", "false");
    button.querySelector("[data-label]").textContent = button.dataset.start;
  }
}

function read(rest, mine) {
  const passage = rest.shift();
  if (mine !== turn) return;
  if (!passage) { stop(); return; }
  const said = new SpeechSynthesisUtterance(passage.text);
  said.voice = voiceFor(languageOf(passage.block));
  said.lang = said.voice.lang;
  said.onboundary = (event) => {
    if (mark && mine === turn && event.name !== "sentence") {
      const word = passage.text.slice(event.charIndex).match(/^\S+/);
      show(passage, event.charIndex, event.charLength || (word ? word[0].length : 1));
    }
  };
  said.onend = () => read(rest, mine);
  said.onerror = () => mine === turn && stop();
  speech.speak(said);
}

if (speech) {
  offer();
  speech.addEventListener?.("voiceschanged", offer);
  addEventListener("pagehide", stop);
  addEventListener("swapped", () => { stop(); offer(); });
  addEventListener("click", (event) => {
    const button = event.target.closest("[data-listen]");
    if (!button) return;
    const reading = button.getAttribute("aria-pressed") === "true";
    stop();
    if (reading) return;
    button.setAttribute("aria-pressed", "true");
    button.querySelector("[data-label]").textContent = button.dataset.stop;
    read(passages(document.getElementById(button.dataset.listen)), turn);
  });
}

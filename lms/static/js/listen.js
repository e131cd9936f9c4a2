// Reads a part of the page aloud with the browser's own voices and marks the word: <button data-listen="id of the part" hidden>.
// The button stays hidden where no voice of that language lives on this device: nothing is sent to a speech service.

const speech = window.speechSynthesis;
const buttons = () => document.querySelectorAll("[data-listen]"); // a swap brings new ones
const SILENT = "svg, script, noscript, [popover], [aria-hidden=true], [role=status], [hidden], .ref, .refs, .enlarge, input, button.btn, .icon-btn, summary, details:not([open]) > :not(summary)";
const BLOCK = "p, li, h1, h2, h3, h4, td, th, figcaption, legend, label, dt, dd";
const TELLS_APART = /[\p{N}.!?:;)…]$/u; // after these a word of the next element begins anew
const mark = window.Highlight && CSS.highlights ? new Highlight() : null;
if (mark) CSS.highlights.set("spoken", mark);
let turn = 0; // what is being read; an older reading stops when it changes
let said = null; // held, or a browser may forget it before it has ended
let follow = true; // until the reader scrolls

const voiceFor = (lang) => speech.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().replace("_", "-").startsWith(lang));
const tongue = (node) => node.closest("[lang]");
const languageOf = (node) => tongue(node).lang.slice(0, 2);

function offer() {
  for (const button of buttons()) button.hidden = !voiceFor(languageOf(document.getElementById(button.dataset.listen)));
}

// Runs of text in reading order, one for each block and language, each with the places of its characters.
function passages(part) {
  const found = [];
  let broken = false; // by a <br>
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => (
    node.nodeType === 1 && node.matches(SILENT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === 1) broken ||= node.localName === "br";
    if (node.nodeType === 1 || !node.data.trim()) continue;
    const within = node.parentElement;
    const block = within.closest(BLOCK) ?? part;
    let last = found.at(-1);
    if (broken || last?.block !== block || last.tongue !== tongue(within)) {
      found.push(last = { block, tongue: tongue(within), lang: languageOf(within), text: "", nodes: [] });
    }
    broken = false;
    if (TELLS_APART.test(last.text)) last.text += " ";
    last.nodes.push([last.text.length, node]);
    last.text += node.data;
  }
  return found.filter((one) => voiceFor(one.lang));
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
}

function bringIntoView(block) {
  const box = block.getBoundingClientRect();
  if (follow && (box.bottom > innerHeight - 96 || box.top < 96)) block.scrollIntoView({ block: "center" });
}

function label(button, reading) {
  button.toggleAttribute("data-reading", reading);
  button.querySelector("[data-label]").textContent = reading ? button.dataset.stop : button.dataset.start;
}

function stop() {
  turn += 1;
  said = null;
  speech.cancel();
  mark?.clear();
  for (const button of buttons()) label(button, false);
}

function read(rest, mine) {
  if (mine !== turn) return;
  const passage = rest.shift();
  if (!passage) { stop(); return; }
  bringIntoView(passage.block);
  said = new SpeechSynthesisUtterance(passage.text);
  said.voice = voiceFor(passage.lang);
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
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => { follow = false; }, { passive: true });
  addEventListener("click", (event) => {
    const button = event.target.closest("[data-listen]");
    if (!button) return;
    const reading = button.hasAttribute("data-reading");
    stop();
    if (reading) return;
    follow = true;
    label(button, true);
    read(passages(document.getElementById(button.dataset.listen)), turn);
  });
}

// Reads the transcribed text aloud, at a click or word by word, with a voice that is on this computer: others would send
// the text to whoever speaks it.
//
// data: { words: whether each word is spoken once it is complete }
const LOOK_MS = 150;

export default function (component) {
  const { data, parentElement } = component;
  const button = parentElement.querySelector("button");
  const said = button.querySelector("b");
  // Browsers fetch the list of voices when it is first asked for.
  window.speechSynthesis?.getVoices();
  let until = 0;

  const show = (word, ms) => {
    said.textContent = word;
    until = performance.now() + ms;
  };

  button.onclick = () => {
    const text = written().trim();
    if (window.speechSynthesis?.speaking) window.speechSynthesis.cancel();
    else if (!text) show("No text", 1400);
    else if (!speak(text)) show("No voice", 1400);
  };

  let words = completeWords();
  const timer = setInterval(() => {
    const speaking = Boolean(window.speechSynthesis?.speaking);
    if (speaking || performance.now() > until) said.textContent = speaking ? "Stop" : "";
    const now = completeWords();
    const added = now.length >= words.length && now.at(-1) !== words[now.length - 1];
    words = now;
    if (data.words && added && !speak(now.at(-1))) show("No voice", 1400);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

function written() {
  return document.querySelector(".sc-written")?.textContent ?? "";
}

function completeWords() {
  return written().split(" ").slice(0, -1).filter(Boolean);
}

function speak(text) {
  const voices = window.speechSynthesis?.getVoices().filter((voice) => voice.localService) ?? [];
  const english = voices.filter((voice) => voice.lang.startsWith("en"));
  const voice = english.find((one) => one.default) ?? english[0] ?? voices[0];
  if (!voice) return false;
  // In capitals it would be spelled.
  const said = new SpeechSynthesisUtterance(text.toLowerCase());
  said.voice = voice;
  said.lang = voice.lang;
  window.speechSynthesis.speak(said);
  return true;
}

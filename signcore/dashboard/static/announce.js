// Tells a screen reader what is new: letters that were written, and sentences marked with `data-say`.
//
// The cards are replaced as a whole whenever anything in them changes; a live region in one of them is read from its
// start again, or not at all. This one stays, and only gets what is new.
const LOOK_MS = 200;
const STANDS_MS = 600;
const KEPT = 40;

export default function (component) {
  const region = component.parentElement.querySelector("[role=log]");
  region.text ??= written();
  region.said ??= sentences();
  let seen = sentences();
  let since = performance.now();

  const timer = setInterval(() => {
    const text = written();
    if (text !== null && text !== region.text) {
      if (region.text !== null) add(region, news(region.text, text));
      region.text = text;
    }
    const now = sentences();
    if (now.join() !== seen.join()) [seen, since] = [now, performance.now()];
    // What a hand does changes faster than anybody can listen.
    if (performance.now() - since < STANDS_MS) return;
    const said = region.said;
    region.said = seen;
    seen.filter((sentence) => !said.includes(sentence)).forEach((sentence) => add(region, sentence));
  }, LOOK_MS);
  return () => clearInterval(timer);
}

// The transcribed text; null on a page, or at a moment, without any.
function written() {
  const card = document.querySelector(".sc-text");
  return card && (card.querySelector(".sc-written")?.textContent ?? "");
}

function sentences() {
  return [...document.querySelectorAll("[data-say]")].map((place) => place.textContent.trim()).filter(Boolean);
}

function news(before, now) {
  if (now.startsWith(before)) return now.slice(before.length).replace(/^ $/, "space");
  return now.trim() ? `now ${now.trim().split(" ").at(-1)}` : "no text";
}

function add(region, words) {
  const line = document.createElement("span");
  line.textContent = words;
  region.append(line);
  while (region.childNodes.length > KEPT) region.firstChild.remove();
}

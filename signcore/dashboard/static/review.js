// The review: one moment of a recording at a time, and everything that goes there.
//
// data: { checksum: of the tape that belongs to it, bones, labels, window, threshold, margin, blind, mirrored,
//   letters: [{char, at, cleared}], events: [{label, start, end, said}], notes: [{at, text, author, number}],
//   meant: [{meant, read, kind, at}], references: {letter: {hand, trail, said}} of the letters that were meant, figure, plotly, accent }. Times are milliseconds.
const SPEEDS = [0.25, 0.5, 1, 1.5, 2];
const ONE_SPEED = 1;
const WORTH_A_WORD = 0.01;

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".sc-review");
  root.review ??= new Review(root);
  const { review } = root;
  const begin = () => review.show(data, setTriggerValue);
  const keys = (event) => review.key(event);
  const points = (event) => (review.pointed = event.target);
  const seen = new ResizeObserver(() => review.paint());
  document.addEventListener("signcore-tape", begin);
  document.addEventListener("keydown", keys);
  document.addEventListener("pointerdown", points, true);
  seen.observe(root);
  begin();
  return () => {
    document.removeEventListener("signcore-tape", begin);
    document.removeEventListener("keydown", keys);
    document.removeEventListener("pointerdown", points, true);
    seen.disconnect();
    cancelAnimationFrame(review.request);
  };
}

class Review {
  constructor(root) {
    const find = (name) => root.querySelector(`.sc-rv-${name}`);
    this.root = root;
    this.parts = Object.fromEntries(
      ["hand", "bars", "now", "event", "letters", "clock", "slider", "play", "speed", "meant", "notes", "form", "auto", "reference", "how"].map(
        (name) => [name, find(name)],
      ),
    );
    this.timeline = new Timeline(find("plot"), (ms) => this.seek(ms));
    this.ms = 0;
    this.playing = false;
    // What the mouse or a finger was on last, unless the keyboard has gone on from there.
    this.pointed = null;
    this.parts.speed.append(...SPEEDS.map((speed) => new Option(`${speed}×`, speed, speed === ONE_SPEED, speed === ONE_SPEED)));
    this.parts.speed.onchange = () => this.restart();
    this.parts.slider.oninput = () => this.seek(Number(this.parts.slider.value));
    this.parts.auto.onchange = () => this.list();
    for (const button of root.querySelectorAll("[data-do]")) button.onclick = () => this.do(button.dataset.do);
    root.addEventListener("click", (event) => {
      const place = event.target.closest("[data-ms]");
      if (place) this.seek(Number(place.dataset.ms));
    });
    this.parts.form.onsubmit = (event) => {
      event.preventDefault();
      const { text, author } = this.parts.form.elements;
      if (!text.value.trim()) return;
      const note = { at: Math.round(this.ms), text: text.value.trim(), author: author.value };
      this.tell("note", note);
      // It shows at once, and in its place with the answer; until then there is nothing to remove.
      this.data.notes.unshift({ ...note, number: null });
      this.list();
      text.value = "";
    };
  }

  show(data, tell) {
    const tape = window.signcoreTape;
    if (tape?.checksum !== data.checksum) return;
    const { parts } = this;
    const other = this.tape !== tape;
    const hidden = data.blind && !this.data?.blind;
    [this.data, this.tape, this.tell] = [data, tape, tell];
    this.end = tape.time[tape.count - 1];
    if (other) {
      this.box = stageBox(tape);
      makeBars(parts.bars, data.labels);
      parts.slider.max = this.end;
    }
    if (other || hidden) [this.ms, this.playing] = [this.first(), false];
    this.root.classList.toggle("sc-rv-blind", data.blind);
    const letters = JSON.stringify(data.letters);
    if (letters !== this.letters) {
      this.letters = letters;
      parts.letters.replaceChildren(
        ...data.letters.map(({ char, at, cleared }) => {
          const letter = button(char === " " ? "␣" : char, at);
          if (char === " ") letter.ariaLabel = "space";
          if (cleared) {
            letter.className = "sc-rv-cleared";
            letter.title = "cleared later";
            letter.ariaLabel = `${letter.ariaLabel ?? char}, cleared later`;
          }
          return letter;
        }),
      );
      if (!data.letters.length) parts.letters.textContent = "Nothing was written.";
    }
    parts.meant.replaceChildren(
      ...data.meant.map(({ meant, read, kind, at }) => {
        const pair = button("", at);
        pair.append(line("b", meant ?? "–"), line("span", read ?? "–"));
        pair.dataset.kind = kind;
        pair.title = kind;
        return pair;
      }),
    );
    this.list();
    if (!data.blind) this.timeline.show(data, tape);
    this.paint();
    if (this.playing) this.run();
  }

  // Where there is something to see: the first letter, or the first hand where letters are hidden or none was written.
  first() {
    const { data, tape } = this;
    const [letter] = data.blind ? [] : data.letters;
    return letter?.at ?? tape.time[Math.max(0, tape.status.findIndex((status) => status & 3))];
  }

  list() {
    const { notes, auto } = this.parts;
    const shown = this.data.notes.filter(({ author }) => auto.checked || author !== "automatic");
    notes.replaceChildren(
      ...shown.map(({ at, text, author, number }) => {
        const row = line("li");
        row.append(button(clock(at), at), line("em", author), line("span", text));
        if (author !== "automatic" && number !== null) {
          const remove = line("button", "Remove");
          remove.type = "button";
          remove.onclick = () => this.tell("remove", number);
          row.append(remove);
        }
        return row;
      }),
    );
  }

  seek(ms) {
    this.ms = Math.min(Math.max(ms, 0), this.end);
    this.paint();
    if (this.playing) this.restart();
  }

  paint() {
    if (!this.tape) return;
    const { parts, tape, data, ms } = this;
    const frame = frameAt(tape, ms);
    this.root.dataset.ms = Math.round(ms);
    this.root.dataset.frame = frame;
    this.compare(ms);
    drawHand(parts.hand, tape, frame, this.box, data.bones, data.mirrored);
    parts.clock.textContent = `${clock(ms)} / ${clock(this.end)}`;
    parts.slider.value = ms;
    parts.slider.ariaValueText = clock(ms);
    parts.play.textContent = this.playing ? "pause" : "play_arrow";
    parts.play.parentElement.ariaLabel = this.playing ? "Pause" : "Play";
    if (data.blind) return;
    const probabilities = probabilitiesAt(tape, frame);
    drawBars(parts.bars, probabilities);
    parts.now.textContent = this.thought(frame, probabilities);
    parts.event.textContent = this.happened(ms);
    this.here?.classList.remove("sc-rv-here");
    this.here = parts.letters.children[data.letters.findLastIndex(({ at }) => at <= ms + 0.5)];
    this.here?.classList.add("sc-rv-here");
    this.timeline.mark(ms);
  }

  // The typical hand of the letter that was meant at this moment, beside the one that was signed.
  compare(ms) {
    const { reference, how } = this.parts;
    const { meant, references, bones, mirrored } = this.data;
    const letters = meant.filter((pair) => references[pair.meant]);
    const letter = (letters.find(({ at }) => at >= ms - 0.5) ?? letters.at(-1))?.meant;
    reference.hidden = !letter;
    how.textContent = letter ? references[letter].said : "";
    if (!letter) return;
    reference.querySelector("figcaption").textContent = `${letter}, as it is meant`;
    drawReference(reference.querySelector("canvas"), references[letter], bones, mirrored);
  }

  // What the engine sees in a frame.
  thought(frame, probabilities) {
    const { data, tape } = this;
    const status = tape.status[frame] & 3;
    if (status === 0) return "No hand in view";
    if (!probabilities) return `Collecting frames: ${tape.buffered[frame]} of ${data.window}`;
    const [first, second] = leaders(probabilities);
    const share = (index) => `${data.labels[index]} ${Math.round(100 * probabilities[index])}%`;
    if (first === CLASSES - 1) return `Signs nothing, ${Math.round(100 * probabilities[first])}%`;
    const lead = probabilities[first] - probabilities[second];
    if (probabilities[first] < data.threshold || lead < data.margin) return `Unsure: ${share(first)} or ${share(second)}`;
    const next = probabilities[second] >= WORTH_A_WORD ? `, then ${share(second)}` : "";
    return `Reads ${share(first)}${next}`;
  }

  // What it is about to do, or did last.
  happened(ms) {
    const { events } = this.data;
    const coming = events.find(({ start, end }) => start <= ms + 0.5 && ms + 0.5 < end);
    if (coming?.label) return `${coming.label} has led for ${((ms - coming.start) / 1000).toFixed(2)} s; nothing decided yet`;
    const last = events.findLast(({ end }) => end <= ms + 0.5);
    return last ? `${clock(last.end)} ${last.said}` : "Nothing written yet";
  }

  key(event) {
    const target = event.composedPath()[0];
    const ours = target === this.parts.slider;
    if (!this.tape || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!ours && target.closest?.("input, textarea, select, [contenteditable=true], [role=combobox], [role=dialog]")) return;
    // The space bar presses the button that the keyboard has gone to; where the mouse left the focus, it plays.
    if (event.key === "Tab") this.pointed = null;
    const pressed = event.key === " " && target.closest?.("button, a, [role=button]");
    if (pressed && !pressed.contains(this.pointed)) return;
    const what = { ArrowLeft: "back", ArrowRight: "on", " ": "play", ",": "before", ".": "after" }[event.key];
    if (!what) return;
    event.preventDefault();
    this.do(what);
  }

  do(what) {
    const { tape, ms } = this;
    const frame = frameAt(tape, ms);
    const { events } = this.data;
    const actions = {
      back: () => this.seek(tape.time[Math.max(0, frame - 1)]),
      on: () => this.seek(tape.time[Math.min(tape.count - 1, frame + 1)]),
      before: () => this.seek(events.findLast(({ end }) => end < ms - 0.5)?.end ?? 0),
      after: () => this.seek(events.find(({ end }) => end > ms + 0.5)?.end ?? this.end),
      play: () => this.play(!this.playing),
      closer: () => this.timeline.zoom(0.5),
      farther: () => this.timeline.zoom(2),
      whole: () => this.timeline.zoomTo(0, this.end),
    };
    actions[what]();
  }

  play(playing) {
    this.playing = playing;
    if (playing && this.ms >= this.end - 1) this.ms = 0;
    this.restart();
    this.paint();
  }

  // The moment on the browser's clock at which the recording would have begun.
  restart() {
    this.began = performance.now() - this.ms / Number(this.parts.speed.value);
    if (this.playing) this.run();
  }

  run() {
    cancelAnimationFrame(this.request);
    this.request = requestAnimationFrame(() => {
      if (!this.playing) return;
      this.ms = Math.min((performance.now() - this.began) * Number(this.parts.speed.value), this.end);
      if (this.ms >= this.end) this.playing = false;
      if (!this.data.blind) this.timeline.follow(this.ms);
      this.paint();
      this.run();
    });
  }
}

function line(tag, text = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function button(text, ms) {
  const made = line("button", text);
  made.type = "button";
  made.dataset.ms = ms;
  return made;
}

function clock(ms) {
  const tenths = Math.round(ms / 100);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}

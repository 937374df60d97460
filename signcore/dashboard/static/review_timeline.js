// The timeline: Python's figure of the whole, and closer looks at parts of it, made here from the tape.
// Where the figure's axis has the beginning of a recording.
const DAY_MS = 86400000;
const COLUMNS = 1200;
const LASTS_MS = 500;
const LETTER_PX = 13;
const MARK_PX = 3;
const CLICK_PX = 4;
const NEAR_PX = 12;

class Timeline {
  // place: .sc-rv-plot; seek: called with the milliseconds that were clicked.
  constructor(place, seek) {
    this.place = place;
    this.chart = place.querySelector("div");
    this.cursor = place.querySelector("i");
    this.seek = seek;
    place.addEventListener(
      "pointerdown",
      (pressed) => {
        // Plotly lays a cover over the page while the button is down; the release never comes here.
        window.addEventListener("pointerup", (released) => this.click(pressed, released), { once: true, capture: true });
      },
      true,
    );
  }

  async show({ figure, plotly, events, accent, labels }, tape) {
    const { height, margin, yaxis } = figure.layout;
    this.place.style.height = `${height}px`;
    // A line through the marks would hide the letter that was clicked; it begins below them.
    const marks = (height - margin.t - margin.b) * (yaxis.domain[1] - yaxis.domain[0]);
    this.cursor.style.inset = `${margin.t + marks}px auto ${margin.b}px -1px`;
    this.plotly = await plotlyFrom(plotly);
    if (!this.chart.isConnected) return;
    [this.tape, this.events, this.accent] = [tape, events, accent];
    this.rows = figure.data.find(({ name }) => name === "heat").y.map((label) => labels.indexOf(label));
    this.marks = figure.data.filter(({ customdata }) => customdata).map((trace) => ({ ...trace }));
    this.end = figure.layout.xaxis.range[1] - DAY_MS;
    const style = getComputedStyle(this.chart);
    const font = { color: style.color, family: style.fontFamily };
    // A finger scrolls the page; a mouse draws the part of the time that it wants to see.
    const dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
    const layout = { ...figure.layout, font, dragmode };
    const kept = this.chart.tape === tape.checksum ? this.range() : null;
    if (kept) layout.xaxis = { ...layout.xaxis, range: kept.map((edge) => edge + DAY_MS) };
    const range = kept ?? [0, this.end];
    this.thinOut(figure.data, range);
    if (kept) this.detail(figure.data, range);
    await this.plotly.react(this.chart, figure.data, layout, { responsive: true, displayModeBar: false, doubleClick: false });
    if (this.chart.tape === undefined) {
      this.chart.on("plotly_relayout", (changed) => this.relaid(changed));
      this.chart.on("plotly_doubleclick", () => this.zoomTo(0, this.end));
    }
    this.chart.tape = tape.checksum;
    this.mark(this.now ?? 0);
  }

  // Plotly's axis object is not documented; nothing else says where a moment lies on the screen.
  get axis() {
    return this.chart._fullLayout?.xaxis;
  }

  range() {
    return this.axis?.range.map((edge) => this.axis.r2l(edge) - DAY_MS);
  }

  mark(ms) {
    this.now = ms;
    if (!this.axis) return;
    const x = this.axis.l2p(DAY_MS + ms);
    this.cursor.style.display = x < -1 || x > this.axis._length + 1 ? "none" : "";
    this.cursor.style.transform = `translateX(${this.axis._offset + x}px)`;
  }

  // While it plays, the part that is shown goes along.
  follow(ms) {
    if (!this.axis) return;
    const [from, to] = this.range();
    if (ms > to || ms < from) this.zoomTo(ms, ms + to - from);
  }

  zoom(factor) {
    const [from, to] = this.range();
    const middle = this.now >= from && this.now <= to ? this.now : (from + to) / 2;
    this.zoomTo(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }

  zoomTo(from, to) {
    const long = Math.min(Math.max(to - from, 300), this.end);
    const begin = Math.min(Math.max(from, 0), this.end - long);
    this.plotly.relayout(this.chart, { "xaxis.range": [DAY_MS + begin, DAY_MS + begin + long] });
  }

  relaid(changed) {
    if (!Object.keys(changed).some((key) => key.startsWith("xaxis")) && !changed.autosize) return;
    const range = this.range();
    const data = this.chart.data;
    this.detail(data, range);
    this.thinOut(data, range);
    this.plotly.redraw(this.chart);
    this.mark(this.now);
  }

  // As Recording.heat_map: the highest probability of each label in equal stretches of time.
  detail(data, [from, to]) {
    const { tape } = this;
    const first = frameAt(tape, from);
    const last = frameAt(tape, to);
    const columns = Math.max(2, Math.min(COLUMNS, last - first + 1));
    const step = (to - from) / columns;
    const heat = Array.from({ length: CLASSES }, () => new Array(columns).fill(null));
    const confidence = new Array(columns).fill(null);
    const status = new Array(columns).fill(null);
    for (let column = 0; column < columns; column++) {
      const until = from + (column + 1) * step;
      let frame = frameAt(tape, from + column * step);
      if (until - tape.time[frame] > LASTS_MS + step) continue;
      status[column] = tape.status[frameAt(tape, until - step / 2)] & 3;
      if (tape.time[frame] < from + column * step && tape.time[frame + 1] < until) frame++;
      for (; frame < tape.count && tape.time[frame] < until; frame++) {
        const probabilities = probabilitiesAt(tape, frame);
        if (!probabilities) continue;
        for (let label = 0; label < CLASSES; label++) {
          heat[label][column] = Math.max(heat[label][column], probabilities[label]);
        }
        confidence[column] = Math.max(confidence[column], ...probabilities);
      }
    }
    const time = { x0: DAY_MS + from + step / 2, dx: step };
    for (const trace of data) {
      if (trace.name === "heat") Object.assign(trace, time, { z: this.rows.map((label) => heat[label]) });
      if (trace.name === "hand") Object.assign(trace, time, { z: [status] });
      if (trace.name === "confidence") {
        Object.assign(trace, { x: confidence.map((_, column) => time.x0 + column * step), y: confidence });
      }
    }
  }

  // Of the events only those in the range, and of these no more than have room; letters where all have room for one.
  thinOut(data, [from, to]) {
    const width = this.chart.clientWidth;
    // They are the figure's first traces.
    for (const [index, whole] of this.marks.entries()) {
      const inside = [];
      let crowded = false;
      for (let i = 0; i < whole.x.length; i++) {
        const at = whole.x[i] - DAY_MS;
        if (at < from || at > to) continue;
        const gap = inside.length ? ((at - whole.x[inside.at(-1)] + DAY_MS) / (to - from)) * width : Infinity;
        if (gap < LETTER_PX) crowded = true;
        if (gap >= MARK_PX) inside.push(i);
      }
      const pick = (values) => (Array.isArray(values) ? inside.map((i) => values[i]) : values);
      const marker = { ...whole.marker, color: pick(whole.marker.color) };
      if (crowded && whole.name === "written") Object.assign(marker, { size: 4, color: this.accent });
      Object.assign(data[index], {
        x: pick(whole.x),
        y: pick(whole.y),
        text: pick(whole.text),
        customdata: pick(whole.customdata),
        marker,
        mode: crowded || !whole.text ? "markers" : "markers+text",
      });
    }
  }

  click(pressed, event) {
    if (!this.axis || Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > CLICK_PX) return;
    const inside = this.chart.getBoundingClientRect();
    const across = event.clientX - inside.left - this.axis._offset;
    if (across < -NEAR_PX || across > this.axis._length + NEAR_PX) return;
    const ms = this.axis.p2l(across) - DAY_MS;
    const rows = this.chart._fullLayout.yaxis;
    if (event.clientY - inside.top < rows._offset + rows._length) {
      const far = (at) => Math.abs(this.axis.l2p(DAY_MS + at.end) - across);
      const nearest = this.events.reduce((best, at) => (best && far(best) <= far(at) ? best : at), null);
      if (nearest && far(nearest) <= NEAR_PX) return this.seek(nearest.end);
    }
    this.seek(ms);
  }
}

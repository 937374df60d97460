// A Plotly figure, redrawn in place when it is another one; a figure with a scene can be turned, one with
// frames moves, and one with a hover mode answers the mouse.
//
// data: { figure: { data, layout, frames }, label: what it shows, in words, plotly: where plotly.min.js is, seen from the page's root }
const TYPE_PX = 16;
const PLOTLY_PX = 12;
const FRAME_MS = 1000 / 15;
const REST_MS = 700;
const ROUNDS = 3;
let loading;

export default function (component) {
  const { data, parentElement } = component;
  const place = parentElement.querySelector("div");
  place.style.height = `var(--sc-chart, ${data.figure.layout.height}px)`;
  place.role = "img";
  place.ariaLabel = data.label;
  loading ??= load(new URL(data.plotly, document.baseURI.replace(/[^/]*$/, "")));
  place.given = data.figure;
  if (!place.fitted) {
    place.fitted = new ResizeObserver(() => show(place));
    place.fitted.observe(place);
  }
  show(place);
}

function show(place) {
  // Its type is for a page in Streamlit's own size; Large mode has a larger one.
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) / TYPE_PX;
  const drawn = JSON.stringify([size, place.clientWidth, place.clientHeight, place.given]);
  if (place.drawn === drawn) return;
  place.drawn = drawn;
  place.figure = sized(place.given, size);
  loading.then((Plotly) => draw(Plotly, place));
}

function sized(figure, by) {
  const font = (one) => one?.size ? { ...one, size: by * one.size } : one;
  const margin = Object.fromEntries(Object.entries(figure.layout.margin).map(([side, px]) => [side, by * px]));
  const layout = { ...figure.layout, margin, font: { size: by * PLOTLY_PX } };
  if (layout.title) layout.title = { ...layout.title, font: font(layout.title.font) };
  for (const axis of Object.keys(layout).filter((name) => /^[xy]axis/.test(name))) {
    layout[axis] = { ...layout[axis], tickfont: font(layout[axis].tickfont) };
  }
  return { ...figure, layout, data: figure.data.map((trace) => ({ ...trace, textfont: font(trace.textfont) })) };
}

function draw(Plotly, place) {
  if (!place.isConnected) return;
  // As high as its place, which the page's style may have made lower.
  const { data, layout: { height, ...layout }, frames } = place.figure;
  const style = getComputedStyle(place);
  const font = { ...layout.font, color: style.getPropertyValue("--st-text-color"), family: style.getPropertyValue("--st-font") };
  const config = { staticPlot: !layout.scene && !layout.hovermode, displayModeBar: false, responsive: true };
  Plotly.react(place, data, { ...layout, autosize: true, font }, config);
  clearTimeout(place.moving);
  const still = !frames?.length || matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.onclick = still ? null : () => move(Plotly, place, frames);
  if (!still) move(Plotly, place, frames);
}

// Drawn a few times, with a rest after each, and again after a click.
function move(Plotly, place, frames) {
  clearTimeout(place.moving);
  const step = (index, rounds) => {
    const last = index === frames.length - 1;
    place.moving = setTimeout(() => {
      if (!place.isConnected) return;
      Plotly.react(place, moved(place.figure.data, frames[index]), place.layout);
      if (!last) step(index + 1, rounds);
      else if (rounds > 1) step(0, rounds - 1);
    }, last ? REST_MS : FRAME_MS);
  };
  step(0, ROUNDS);
}

// A frame says of each trace it names what has changed.
function moved(data, frame) {
  const shown = [...data];
  frame.traces.forEach((trace, i) => { shown[trace] = { ...data[trace], ...frame.data[i] }; });
  return shown;
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
}

// A Plotly figure, redrawn in place when it is another one; a figure with a scene can be turned, one with
// frames moves, and one with a hover mode answers the mouse.
//
// data: { figure: { data, layout, frames }, label: what it shows, in words, plotly: where plotly.min.js is, seen from the page's root }
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
  const drawn = JSON.stringify(data.figure);
  if (place.drawn === drawn) return;
  place.drawn = drawn;
  place.figure = data.figure;
  loading.then((Plotly) => draw(Plotly, place));
}

function draw(Plotly, place) {
  if (!place.isConnected) return;
  // As high as its place, which the page's style may have made lower.
  const { data, layout: { height, ...layout }, frames } = place.figure;
  const style = getComputedStyle(place);
  const font = { color: style.getPropertyValue("--st-text-color"), family: style.getPropertyValue("--st-font") };
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

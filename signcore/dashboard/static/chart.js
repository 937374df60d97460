// A Plotly figure, redrawn in place when it is another one; a figure with a scene can be turned, one with
// frames moves, and one with a hover mode answers the mouse.
//
// data: { figure: { data, layout, frames }, plotly: where plotly.min.js is, seen from the page's root }
const FRAME_MS = 1000 / 15;
const REST_MS = 700;
let loading;

export default function (component) {
  const { data, parentElement } = component;
  const place = parentElement.querySelector("div");
  place.style.height = `var(--sc-chart, ${data.figure.layout.height}px)`;
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
  if (frames?.length) move(Plotly, place, frames, 0);
}

// Drawn again and again, with a rest after each time.
function move(Plotly, place, frames, index) {
  const last = index === frames.length - 1;
  place.moving = setTimeout(() => {
    if (!place.isConnected) return;
    Plotly.react(place, moved(place.figure.data, frames[index]), place.layout);
    move(Plotly, place, frames, last ? 0 : index + 1);
  }, last ? REST_MS : FRAME_MS);
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

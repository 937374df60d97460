// A Plotly figure, redrawn in place.
//
// data: { figure: { data, layout }, plotly: where plotly.min.js is, seen from the page's root }
let loading;

export default function (component) {
  const { data, parentElement } = component;
  const place = parentElement.querySelector("div");
  const { height } = data.figure.layout;
  place.style.height = `${height}px`;
  loading ??= load(new URL(data.plotly, document.baseURI.replace(/[^/]*$/, "")));
  place.figure = data.figure;
  loading.then((Plotly) => {
    if (!place.isConnected) return;
    const style = getComputedStyle(place);
    const font = { color: style.getPropertyValue("--st-text-color"), family: style.getPropertyValue("--st-font") };
    Plotly.react(place, place.figure.data, { ...place.figure.layout, font }, { staticPlot: true, responsive: true });
  });
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

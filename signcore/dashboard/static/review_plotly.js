// Plotly's script, loaded once for the page: it takes its time, so it begins while somebody still chooses.
//
// address: where the script is, seen from the page's root.
function plotlyFrom(address) {
  window.signcorePlotly ??= window.Plotly ? Promise.resolve(window.Plotly) : load(new URL(address, root()));
  return window.signcorePlotly;
}

function root() {
  return document.baseURI.replace(/[^/]*$/, "");
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

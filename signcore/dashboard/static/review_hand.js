// The skeleton and the 29 bars at one frame of a tape.
const PARTS = 4000;
const NO_HAND = -32768;
const STEPS = 250;
const NOT_READ = 255;
const CLASSES = 29;
// For the three long names, where there is no room for them.
const SIGNS = { space: "␣", delete: "⌫", none: "∅" };

// The newest frame at a moment.
function frameAt(tape, ms) {
  let low = 0;
  let high = tape.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tape.time[middle] <= ms + 0.5) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

// x from, y from, width and height of where the hand ever is, with some room around it.
function stageBox(tape) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < tape.places.length; i += 2) {
    if (tape.places[i] === NO_HAND) continue;
    left = Math.min(left, tape.places[i]);
    right = Math.max(right, tape.places[i]);
    top = Math.min(top, tape.places[i + 1]);
    bottom = Math.max(bottom, tape.places[i + 1]);
  }
  if (left > right) return [0, 0, 1, 1];
  const room = Math.max(0.12 * Math.max(right - left, bottom - top), 0.02 * PARTS);
  return [left - room, top - room, right - left + 2 * room, bottom - top + 2 * room].map((value) => value / PARTS);
}

function drawHand(canvas, tape, frame, box, bones, mirrored) {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  if (tape.places[frame * 42] === NO_HAND) return;
  const [left, top, wide, high] = box;
  const scale = Math.min(width / wide, height / high);
  const points = [];
  for (let joint = 0; joint < 21; joint++) {
    const x = (tape.places[frame * 42 + 2 * joint] / PARTS - left - wide / 2) * scale;
    const y = (tape.places[frame * 42 + 2 * joint + 1] / PARTS - top - high / 2) * scale;
    points.push([width / 2 + (mirrored ? -x : x), height / 2 + y]);
  }
  sketch(canvas, points, bones, getComputedStyle(canvas).getPropertyValue("--sc-accent"));
}

// The typical hand of a letter, as large as the canvas allows. hand and trail: [[x, y], ...], y down; the trail is the way
// of the fingertip that draws a J or a Z, empty for other letters.
function drawReference(canvas, { hand, trail }, bones, mirrored) {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  [canvas.width, canvas.height] = [width, height];
  const all = [...hand, ...trail];
  const range = (axis) => [Math.min(...all.map((p) => p[axis])), Math.max(...all.map((p) => p[axis]))];
  const [[left, right], [top, bottom]] = [range(0), range(1)];
  const scale = 0.72 * Math.min(width / (right - left), height / (bottom - top));
  const place = ([x, y]) => [
    width / 2 + (mirrored ? -1 : 1) * (x - (left + right) / 2) * scale,
    height / 2 + (y - (top + bottom) / 2) * scale,
  ];
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  if (trail.length) {
    context.setLineDash([height / 60, height / 60]);
    context.lineWidth = height / 100;
    context.strokeStyle = style.getPropertyValue("--sc-accent");
    context.beginPath();
    for (const point of trail) context.lineTo(...place(point));
    context.stroke();
    context.setLineDash([]);
  }
  sketch(canvas, hand.map(place), bones, style.color);
}

function sketch(canvas, points, bones, joints) {
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const thick = Math.min(canvas.height, 400 * devicePixelRatio);
  context.lineWidth = thick / 100;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = style.color;
  context.beginPath();
  for (const [a, b] of bones) {
    context.moveTo(...points[a]);
    context.lineTo(...points[b]);
  }
  context.stroke();
  context.fillStyle = joints;
  for (const [x, y] of points) {
    context.beginPath();
    context.arc(x, y, thick / 70, 0, 2 * Math.PI);
    context.fill();
  }
}

// Probabilities 0..1 in a frame, null where nothing was read.
function probabilitiesAt(tape, frame) {
  const found = tape.probabilities.subarray(frame * CLASSES, (frame + 1) * CLASSES);
  return found[0] === NOT_READ ? null : Array.from(found, (value) => value / STEPS);
}

// The two most probable classes, the first one first.
function leaders(probabilities) {
  let [first, second] = [0, 1];
  if (probabilities[1] > probabilities[0]) [first, second] = [1, 0];
  for (let i = 2; i < CLASSES; i++) {
    if (probabilities[i] > probabilities[first]) [first, second] = [i, first];
    else if (probabilities[i] > probabilities[second]) second = i;
  }
  return [first, second];
}

function makeBars(place, labels) {
  place.replaceChildren(
    ...labels.map((label) => {
      const column = document.createElement("div");
      column.innerHTML = "<em></em><b><i></i></b><span></span>";
      column.lastChild.textContent = label;
      column.title = label;
      if (SIGNS[label]) {
        column.className = "wide";
        column.lastChild.dataset.sign = SIGNS[label];
      }
      return column;
    }),
  );
}

function drawBars(place, probabilities) {
  const [first, second] = probabilities ? leaders(probabilities) : [-1, -1];
  [...place.children].forEach((column, index) => {
    const value = probabilities ? probabilities[index] : 0;
    const rank = value < 0.05 ? "" : index === first ? "first" : index === second ? "second" : "";
    column.dataset.rank = rank;
    column.firstChild.textContent = rank ? `${Math.round(100 * value)}%` : "";
    column.querySelector("i").style.transform = `scaleY(${value})`;
  });
}

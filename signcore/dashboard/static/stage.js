// A plain stage in place of a camera's picture: a hand's skeleton, from a recorded clip or from what is read right now.
//
// data: { bones: [[a, b], ...], mirrored, clip: null | { word, elapsed, fps, frames: [null | [[x, y], ...], ...] } }
// elapsed: seconds since the clip began, null while it stands still. Coordinates are in units of the stage's height.
const ASPECT = 4 / 3;
const LEAST_SKIP_S = 0.5;

export default function (component) {
  const { data, parentElement } = component;
  const canvas = parentElement.querySelector("canvas");
  const { clip } = data;
  parentElement.querySelector(".caption").textContent = clip?.word ?? "";
  if (clip && clip.elapsed !== null) {
    // Later runs of the page tell the time again, a little late; only another performance is far from it.
    const began = performance.now() / 1000 - clip.elapsed;
    if (!(Math.abs(began - canvas.began) < LEAST_SKIP_S)) canvas.began = began;
  } else {
    canvas.began = NaN;
  }

  let request = 0;
  const frame = () => {
    paint(canvas, data);
    request = requestAnimationFrame(frame);
  };
  frame();
  return () => cancelAnimationFrame(request);
}

function paint(canvas, { bones, mirrored, clip }) {
  const width = canvas.clientWidth * devicePixelRatio;
  const height = width / ASPECT;
  if (Math.round(canvas.width) !== Math.round(width)) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  const reading = document.querySelector("[data-hand]");
  let hand = null;
  if (clip) {
    const now = performance.now() / 1000 - canvas.began;
    hand = Number.isNaN(now) ? clip.frames.find(Boolean) : between(clip.frames, now * clip.fps);
  } else if (reading?.dataset.hand) {
    hand = JSON.parse(reading.dataset.hand);
  }
  if (!hand) return;
  const style = getComputedStyle(canvas);
  const points = hand.map(([x, y]) => [(mirrored ? ASPECT - x : x) * height, y * height]);
  context.lineWidth = height / 130;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = style.color;
  context.beginPath();
  for (const [a, b] of bones) {
    context.moveTo(...points[a]);
    context.lineTo(...points[b]);
  }
  context.stroke();
  context.fillStyle = style.getPropertyValue("--st-primary-color");
  for (const [x, y] of points) {
    context.beginPath();
    context.arc(x, y, height / 90, 0, 2 * Math.PI);
    context.fill();
  }
  const letter = reading?.dataset.letter;
  if (letter) badge(context, points, letter, reading.dataset.sure === "1", width, height, style);
}

// The hand at a moment between two recorded frames.
function between(frames, now) {
  const index = Math.floor(now);
  const before = frames[index];
  if (!before) return null;
  const after = frames[index + 1] ?? before;
  const part = now - index;
  return before.map(([x, y], joint) => [x + part * (after[joint][0] - x), y + part * (after[joint][1] - y)]);
}

function badge(context, points, letter, sure, width, height, style) {
  const size = height * 0.15;
  const text = sure ? letter : `${letter}?`;
  context.font = `600 ${size * 0.62}px ${style.fontFamily}`;
  const wide = Math.max(size, context.measureText(text).width + size * 0.6);
  const xs = points.map(([x]) => x);
  const top = Math.min(...points.map(([, y]) => y));
  const right = Math.max(...xs);
  const left = Math.min(...xs);
  const beside = right + size / 3 + wide <= width ? right + size / 3 : left - size / 3 - wide;
  const x = Math.min(Math.max(beside, 0), width - wide);
  const y = Math.min(Math.max(top, 0), height - size);
  context.globalAlpha = sure ? 1 : 0.8;
  context.fillStyle = sure ? style.getPropertyValue("--st-primary-color") : "#111827";
  context.beginPath();
  context.roundRect(x, y, wide, size, size * 0.28);
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = "#fff";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x + wide / 2, y + size * 0.53);
}

// Moves the keyboard's focus to a button, once for each turn, where it was lost with what had it.
//
// data: { selector, turn }
const LOOK_MS = 50;
const LOOKS = 20;

export default function (component) {
  const { data, parentElement } = component;
  if (parentElement.turn === data.turn) return;
  parentElement.turn = data.turn;
  let looks = 0;
  const timer = setInterval(() => {
    const target = document.querySelector(data.selector);
    const now = document.activeElement;
    const lost = now === document.body || now?.disabled;
    if (lost && target && !target.disabled) target.focus({ preventScroll: true });
    looks += 1;
    if (now === target || looks === LOOKS) clearInterval(timer);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

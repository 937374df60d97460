// Watches streamlit-webrtc's own frame: says why the camera cannot be had, fits the frame's look to the page, and hands the
// page the keys that are pressed in it.
//
// The frame comes from the same origin. It shows a failure as an alert, "NotAllowedError: Permission denied"; Python
// hears nothing of it.
// data: { style: the frame's style sheet }
export default function (component) {
  const { data, setTriggerValue } = component;
  let said = "";

  const look = () => {
    const frame = document.querySelector(".st-key-camera iframe");
    const inside = frame?.contentDocument;
    if (!inside?.head) return;
    frame.title = "Camera";
    let style = inside.getElementById("signcore");
    if (!style) {
      style = inside.createElement("style");
      style.id = "signcore";
      inside.head.append(style);
      for (const type of ["keydown", "keyup"]) inside.addEventListener(type, handOn);
    }
    const sheet = typefaces() + data.style;
    if (style.textContent !== sheet) style.textContent = sheet;
    inside.documentElement.style.fontSize = getComputedStyle(document.documentElement).fontSize;
    frame.toggleAttribute("data-chooses", Boolean(inside.querySelector("#root > .MuiStack-root")));
    const alert = inside.querySelector("[role=alert]")?.textContent ?? "";
    if (alert !== said) {
      said = alert;
      if (alert) setTriggerValue("problem", alert);
    }
  };

  if (!window.isSecureContext || !navigator.mediaDevices) setTriggerValue("problem", "insecure");
  look();
  const timer = setInterval(look, 150);
  return () => clearInterval(timer);
}

// The page's typeface, which the frame names and does not have.
function typefaces() {
  const family = getComputedStyle(document.body).fontFamily.split(",")[0];
  const absolute = (sheet) => (_, url) => `url("${new URL(url, sheet.href)}")`;
  return [...document.styleSheets].filter((sheet) => sheet.href).flatMap((sheet) => [...sheet.cssRules]
    .filter((rule) => rule instanceof CSSFontFaceRule && rule.style.getPropertyValue("font-family") === family)
    .map((rule) => rule.cssText.replace(/url\("(.*?)"\)/g, absolute(sheet)))).join("\n");
}

// After Start the keyboard is in the frame, and the keys that stand on the page's buttons would go nowhere. A space presses
// the frame's own button, and letters choose in its list of cameras.
function handOn(event) {
  const { type, key, code, keyCode, ctrlKey, metaKey, altKey, target } = event;
  if (ctrlKey || metaKey || altKey || key.length > 1 || key === " " || target.closest("select")) return;
  document.body.dispatchEvent(new KeyboardEvent(type, { key, code, keyCode, bubbles: true }));
}

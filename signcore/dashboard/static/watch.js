// Watches streamlit-webrtc's own frame: says why the camera cannot be had, and fits the frame's look to the page.
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
    }
    if (style.textContent !== data.style) style.textContent = data.style;
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

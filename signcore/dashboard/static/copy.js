// Copies the transcribed text to the clipboard. Without https the clipboard is closed to pages; a selection still works.
export default function (component) {
  const button = component.parentElement.querySelector("button");
  const label = button.querySelector("span");
  button.onclick = async () => {
    const text = document.querySelector(".sc-written")?.textContent ?? "";
    label.textContent = text && (await copy(text)) ? "Copied" : text ? "Not allowed" : "No text";
    setTimeout(() => { label.textContent = "Copy"; }, 1400);
  };
}

async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

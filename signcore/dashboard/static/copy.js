// Copies the transcribed text to the clipboard. Without https the clipboard is closed to pages; a selection still works.
export default function (component) {
  const button = component.parentElement.querySelector("button");
  const said = button.querySelector("b");
  button.onclick = async () => {
    const text = document.querySelector(".sc-written")?.textContent ?? "";
    said.textContent = text && (await copy(text)) ? "Copied" : text ? "Refused" : "No text";
    setTimeout(() => { said.textContent = ""; }, 1400);
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

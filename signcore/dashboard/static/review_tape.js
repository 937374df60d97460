// Unpacks the frames of a recording (see review_tape.py) and keeps them for the review on the same page.
export default function ({ data }) {
  const count = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  const checksum = new DataView(data.buffer, data.byteOffset).getUint32(4, true);
  if (window.signcoreTape?.checksum === checksum) return;
  // A copy begins at a whole word, as the views below need it.
  const { buffer } = data.slice();
  let at = 8;
  const view = (Kind, length) => {
    const found = new Kind(buffer, at, length);
    at += found.byteLength;
    return found;
  };
  window.signcoreTape = {
    checksum,
    count,
    time: view(Float64Array, count),
    places: view(Int16Array, count * 42),
    buffered: view(Uint16Array, count),
    probabilities: view(Uint8Array, count * 29),
    status: view(Uint8Array, count),
  };
  document.dispatchEvent(new Event("signcore-tape"));
}

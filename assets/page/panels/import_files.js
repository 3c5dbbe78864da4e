/* Import: requests to the server, and the files as they arrive. */
import { t } from "../base/words.js";

/** Send one file; `progress` receives the share that has been sent. */
export function sendFile(id, file, progress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("PUT", `/api/imports/${encodeURIComponent(id)}/files?name=${encodeURIComponent(file.name)}`);
    sending.setRequestHeader("Content-Type", "application/octet-stream");
    sending.responseType = "json";
    sending.upload.addEventListener("progress", (event) => progress(event.loaded / (event.total || 1)));
    sending.addEventListener("load", () => {
      const payload = sending.response || {};
      if (sending.status < 300) resolve(payload);
      else reject(new Error(payload.error || t("The server answered {status}.", { status: sending.status })));
    });
    sending.addEventListener("error", () => reject(new Error(t("The upload was interrupted."))));
    sending.send(file);
  });
}

const UNITS = ["B", "kB", "MB", "GB"];

/** A size as people write it. */
export function sizeText(bytes) {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${size >= 10 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Save a text as a file of the person's own. */
export function saveText(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

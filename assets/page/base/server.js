/* Requests to the server as JSON; what it refuses is thrown in its words. */
import { t } from "./words.js";

const JSON_TYPE = { "Content-Type": "application/json" };

/** Ask for something; a body is sent where there is one. */
export async function request(method, path, body) {
  const form = body ? { headers: JSON_TYPE, body: JSON.stringify(body) } : {};
  let response;
  try {
    response = await fetch(path, { method, cache: "no-store", ...form });
  } catch {
    throw new Error(t("The server cannot be reached. Try again when the connection is back."));
  }
  const payload = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(payload.error || t("The server answered {status}.", { status: response.status }));
  return payload;
}

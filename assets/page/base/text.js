/* Texts as people compare them: without case, accents and letters of no width. No page here. */

/** A text made plain: `Mu\u0308ller`, `Müller` and `MULLER` are the same. */
export const plain = (text) =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]/g, "")
    .replace(/ß/g, "ss");

/**
 * The ids of a list in an address, as `idList` wrote them. Each was encoded for itself, so a comma between two of them
 * is told from one within.
 */
export function idsOf(search, name) {
  const part = search
    .replace(/^\?/, "")
    .split("&")
    .find((cookie) => cookie.startsWith(`${name}=`));
  if (!part) return [];
  return part
    .slice(name.length + 1)
    .split(",")
    .filter(Boolean)
    .map(decoded);
}

/** Ids as one part of an address; slashes may stand in one as they are. */
export const idList = (ids) => ids.map(encodeURIComponent).join(",").replaceAll("%2F", "/");

function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text; // somebody cut the address in the middle of a letter
  }
}

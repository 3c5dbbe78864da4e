/* What this browser remembers of its user: theme, name, that the tour was seen. */

let keeps = true;

export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  if (!keeps) return;
  try {
    localStorage.setItem(name, value);
  } catch {
    // private windows forget
  }
}

/** From now on store nothing: a wall screen has no user. */
export function rememberNothing() {
  keeps = false;
}

/* The way to Dash: its stores out, its values in (bridge.js), and the name of this page. */

/** Set properties of a Dash component; the server's callbacks hear it. */
export function setProps(id, props) {
  const dash = window.dash_clientside;
  if (dash && dash.set_props) dash.set_props(id, props);
}

/** Take what Dash hands on from now on, and what it handed on before: `{scenario(value), picture(value), …}`. */
export function takeFromDash(handlers) {
  window.dash_clientside.knockon.connect(handlers);
}

/** Take what the grids' cells ask for, in the same way: `{stateCell(props), whole(value), short(value)}`. */
export function takeFromGrid(cells) {
  Object.assign(window.dash_clientside.knockon.cells, cells);
}

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** This page among all that are open, also after a reload; not a secret. */
export const pageName = (() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const reloaded = navigation && "type" in navigation && navigation.type === "reload";
  try {
    const known = reloaded && sessionStorage.getItem("knockon-page");
    const random = crypto.getRandomValues(new Uint8Array(12));
    const name = known || Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join("");
    sessionStorage.setItem("knockon-page", name);
    return name;
  } catch {
    return `page${Date.now()}`;
  }
})();

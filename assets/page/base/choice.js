/* Groups of buttons of which one is pressed; a Dash store holds its value. */
import { setProps } from "./dash.js";

/** Press the button of a value, release the others, and put the value into the store. */
export function choose(store, value) {
  const text = JSON.stringify(value);
  for (const button of document.querySelectorAll(`[data-choose="${store}"]`)) {
    button.setAttribute("aria-pressed", String(button.dataset.value === text));
  }
  setProps(store, { data: value });
}

/* Light, dark or projector: the system's setting until the user chooses. */
import { emit } from "../base/bus.js";
import { whenReady } from "../base/elements.js";
import { forgetDrawn, redrawMarks } from "../base/icons.js";
import { remember, remembered } from "../base/memory.js";
import { t } from "../base/words.js";

const root = document.documentElement;
const THEMES = ["light", "dark", "projector"];
const LABEL = { light: t("Light"), dark: t("Dark"), projector: t("Projector") };
const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

export function setTheme(name, keep) {
  root.dataset.theme = name;
  // the grid and other parts by Dash look for this
  root.dataset.agThemeMode = name === "dark" ? "dark" : "light";
  if (keep) remember("knockon-theme", name);
  forgetDrawn();
  redrawMarks();
  emit("theme", name);
  emit("layout", null);
  whenReady("theme-button", (button) => {
    button.querySelector(".theme-name").textContent = LABEL[name];
  });
}
setTheme(THEMES.includes(remembered("knockon-theme")) ? remembered("knockon-theme") : system(), false);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (!remembered("knockon-theme")) setTheme(system(), false);
});
/** Choose the next theme. */
export const nextTheme = () => setTheme(THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length], true);
whenReady("theme-button", (button) => button.addEventListener("click", nextTheme));

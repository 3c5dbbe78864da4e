/* The choice of a language, in the header. The server stores it in a cookie and renders the page again. */
import { el, whenReady } from "../base/elements.js";
import { spoken, t } from "../base/words.js";

function choose(code) {
  const address = new URL(location.href);
  address.searchParams.set("lang", code);
  location.assign(address);
}

// with one language there is nothing to choose
if (spoken.choice.length > 1) {
  whenReady("language", (host) => {
    const menu = el(
      "select",
      { "aria-label": t("Language"), title: t("Language"), onchange: () => choose(menu.value) },
      ...spoken.choice.map(([code, name]) =>
        el("option", { value: code, lang: code, selected: code === spoken.code }, `${code.toUpperCase()} ${name}`),
      ),
    );
    host.replaceChildren(menu);
  });
}

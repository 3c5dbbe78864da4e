/* Texts in the language of the page: translation, plurals, numbers. No page here.
   The server's script of words (`/words/…`) comes before this; without it the page speaks English. */

const ENGLISH = {
  code: "en",
  tag: "en-GB",
  keepsCapitals: false,
  plurals: [1, 0, 1],
  choice: [["en", "English"]],
  words: {},
};

/** The language of the page with its words, as `data/languages.py` writes it. */
export const spoken = globalThis.knockon?.spoken || ENGLISH;

const known = (key) => (Object.hasOwn(spoken.words, key) ? spoken.words[key] : null);
const filled = (text, values) =>
  values
    ? text.replace(/\{(\w+)\}/g, (place, name) => (Object.hasOwn(values, name) ? String(values[name]) : place))
    : text;

/** A text, with values in its places. Write the call out, and the text in double quotes: it is found by that. */
export const t = (text, values) => filled((known(text) || [text])[0], values);

/** The form of a text that goes with the number `n`; {n} shows it with separators unless `values` says how. */
export const tn = (one, many, n, values) => {
  const forms = known(one);
  const form = Number.isInteger(n) ? spoken.plurals[Math.min(Math.abs(n), 2)] : spoken.plurals[2];
  const text = forms ? forms[form] || forms[0] : n === 1 ? one : many;
  return filled(text, { n: Number.isInteger(n) ? formatNumber(n) : n, ...values });
};

/** A text with a context, which separates it from others that are the same in English. */
export const tp = (context, text, values) => filled((known(`${context}\u0004${text}`) || [text])[0], values);

/** A text, already translated, with elements in its places: a list for `el` (elements.js). */
export const textParts = (text, elements) =>
  text
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = part.startsWith("{") && part.endsWith("}") ? part.slice(1, -1) : "";
      return name && Object.hasOwn(elements, name) ? elements[name] : part;
    })
    .flat()
    .filter((part) => part !== "");

const formats = new Map();

/** A number with separators and this many digits behind the sign. */
export function formatNumber(n, digits = 0) {
  // as the server does: separators from a thousand on, in every language
  if (!formats.has(digits)) {
    formats.set(
      digits,
      new Intl.NumberFormat(spoken.tag, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        useGrouping: true,
        roundingMode: "halfEven",
      }),
    );
  }
  return formats.get(digits).format(n);
}

/** A moment; `options` are those of Intl.DateTimeFormat. */
export const formatMoment = (at, options) => new Date(at).toLocaleString(spoken.tag, options);

/**
 * A label for the middle of a sentence: abbreviations keep their capitals, German nouns too
 * (`lower_first` in `layouts/words.py`).
 */
export function lowerFirst(text) {
  const second = text.slice(1, 2);
  if (spoken.keepsCapitals || (second !== second.toLowerCase() && second === second.toUpperCase())) return text;
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

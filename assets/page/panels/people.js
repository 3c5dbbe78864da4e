/* People without each service: the number at the clock's hour and its course; large and as a table one click away. */
import { on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { el, svg, whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { peopleNow } from "../base/cells.js";
import { HOUR, hoursText, stepAt, stepPath, thousands } from "../base/time.js";
import { formatNumber, lowerFirst, t, tn } from "../base/words.js";

/** The small course, in px. */
const WIDTH = 72;
const HEIGHT = 28;
/** Seen on light and dark ground alike; the page's css cannot reach into a figure of Plotly's. */
const LINE = "#d8494d";
const AREA = "rgba(216, 73, 77, 0.22)";
const QUIET = { gridcolor: "rgba(128,138,150,0.25)", zeroline: false, fixedrange: true };
/** Nothing of Plotly's own furniture: no logo, no cloud, no toolbar. */
const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  plotlyServerURL: "",
  showSendToCloud: false,
  responsive: true,
};

/** The library of charts, as Dash serves it. */
const PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js";
let plotlyComes = null;

/** The rows that stand, by service and kind: a row stays while its service has losses or none. */
const kept = new Map();

function rows(host) {
  const courses = model.picture.people.filter((person) => person.in_panel);
  const keys = courses.map(({ service, peak }) => `${service} ${peak > 0}`);
  for (const [key, row] of kept) {
    if (!keys.includes(key)) {
      tidy(row);
      kept.delete(key);
    }
  }
  const shown = courses.map((course, n) => {
    if (!kept.has(keys[n])) kept.set(keys[n], made(course));
    update(kept.get(keys[n]), course);
    return kept.get(keys[n]);
  });
  if (!shown.length) shown.push(el("p", { class: "empty" }, t("The data contain no numbers of people.")));
  if (shown.length !== host.children.length || shown.some((row, n) => row !== host.children[n])) {
    host.replaceChildren(...shown);
  }
}

function made({ service, label, peak }) {
  const chart = peak ? [svg("svg", {}), el("span", { class: "people-now", "aria-hidden": "true" })] : [];
  return el(
    "div",
    { class: `people-row${peak ? "" : " calm"}`, "data-service": service },
    el("span", { class: "people-label" }, label),
    el("span", { class: "people-number" }),
    el("div", { class: "people-chart" }, ...chart, el("span", { class: "sr-only" })),
    el(peak ? "details" : "span", { class: peak ? "people-more" : null }),
    peak ? el("span", { class: "people-needs" }) : null,
  );
}

function update(row, course) {
  const { peak, label, people_label } = course;
  const horizon = hoursText(model.picture.horizon_ms);
  const more = row.querySelector(".people-more");
  row.querySelector(".sr-only").textContent = peak
    ? t("at most {n} over {horizon}", { n: thousands(peak), horizon })
    : t("nobody at any hour");
  if (!peak) return;
  row.querySelector("svg").replaceWith(small(course));
  if (!more.firstChild) {
    more.append(
      el(
        "summary",
        { "aria-label": t("Chart and table: people {without}", { without: lowerFirst(people_label || label) }) },
        "…",
      ),
    );
  }
  if (more.open) fill(more, course);
}

/** A course as a step area without axes; its scale is its own peak. */
function small({ t: times, n, peak }) {
  const line = stepPath(times, n, model.picture.horizon_ms, peak * 1.08, WIDTH, HEIGHT - 1);
  return svg(
    "svg",
    {
      class: "people-course",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      "aria-hidden": "true",
    },
    svg("path", { d: `${line}V${HEIGHT - 1}H0Z`, fill: AREA }),
    svg("path", { d: line, fill: "none", stroke: LINE, "stroke-width": 1.5 }),
  );
}

/** Draw chart and numbers of an opened row; unseen they would cost as much as seen. */
function fill(more, course) {
  if (!more.querySelector(".people-large")) {
    more.append(
      el("p"),
      el("div", { class: "people-large" }),
      el("ul", { class: "plain-list people-sources" }),
      el("table", { class: "numbers" }),
    );
  }
  const head = el("tr", {}, el("th", { scope: "col" }, t("from")), el("th", { scope: "col" }, t("people")));
  const steps = course.t.map((at, n) =>
    el("tr", {}, el("td", {}, hoursText(at)), el("td", {}, thousands(course.n[n]))),
  );
  const said = {
    n: thousands(course.peak),
    hours: thousands(course.person_hours),
    horizon: hoursText(model.picture.horizon_ms),
  };
  more.querySelector("p").textContent = t("At most {n} people; {hours} person-hours in {horizon}.", said);
  more.querySelector(".people-sources").replaceChildren(...course.needs.map((need) => el("li", {}, needText(need))));
  more.querySelector("table").replaceChildren(el("thead", {}, head), el("tbody", {}, ...steps));
  loadPlotly().then((plotly) => {
    // a newer picture may have come while the library was on its way
    const newest = model.picture.people.find((other) => other.service === course.service);
    if (more.open && newest) plotly.react(more.querySelector(".people-large"), [trace(newest)], layout(), CONFIG);
  }, console.error);
}

/** Load the library of charts, once: it takes longer than the rest of the page, and few open a row at once. */
function loadPlotly() {
  plotlyComes ||= new Promise((resolve, reject) => {
    const onerror = () => {
      plotlyComes = null;
      reject(new Error(`${PLOTLY} did not arrive`));
    };
    document.head.append(el("script", { src: PLOTLY, onload: () => resolve(window.Plotly), onerror }));
  });
  return plotlyComes;
}

/** A row of the table of use needs, with what it rests on. */
function needText({ label, share, confidence, source }) {
  const part = thousands(100 * share);
  return t("Needs {service} at home, for {part} % of the people. Confidence {confidence}: {source}", {
    service: lowerFirst(label),
    part,
    confidence: confidence || t("not stated"),
    source: source || t("no source"),
  });
}

/** How many of those without a service would have its supply, and for want of what they lack it. */
function needsText({ needs }) {
  return needs
    .map((need) => [stepAt(need.t, need.n, clock.t, 0), lowerFirst(need.label)])
    .filter(([n]) => n)
    .map(([n, service]) => t("{n} of these because there is no {service} at home", { n: thousands(n), service }))
    .join("; ");
}

/** Plotly listens to the window for a chart until it is told that it is gone. */
function tidy(row) {
  const large = row.querySelector(".people-large");
  if (large && window.Plotly) window.Plotly.purge(large);
}

function trace({ t: times, n }) {
  const text = t("{n} people at {at} h", { n: "%{y:,}", at: "%{x:.4g}" });
  return {
    type: "scatter",
    mode: "lines",
    x: [...times, model.picture.horizon_ms].map((at) => at / HOUR),
    y: [...n, n[n.length - 1]],
    line: { shape: "hv", color: LINE, width: 1.5 },
    fill: "tozeroy",
    fillcolor: AREA,
    hovertemplate: `${text}<extra></extra>`,
  };
}

function layout() {
  return {
    template: {},
    showlegend: false,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 44, r: 6, t: 6, b: 34 },
    height: 170,
    // what stands before decimals, and what between thousands
    separators: formatNumber(0.5, 1)[1] + formatNumber(1000)[1],
    font: { color: "#7d8794", size: 11 },
    xaxis: { ...QUIET, title: { text: t("hours") }, range: [0, model.picture.horizon_ms / HOUR] },
    yaxis: { ...QUIET, rangemode: "tozero", tickformat: "~s" },
  };
}

/** How many people lack something at the clock's hour, each counted once, and how many of them much. */
function lackingText(courses) {
  const [any, two, three] = [0, 1, 2].map((place) => peopleNow(courses[place]));
  if (!any) return t("Nobody lacks anything.");
  const least = peopleNow(model.picture.at_least);
  if (model.picture.at_least && least < any) {
    return t("Between {least} and {most} people lack something: areas of different services may overlap.", {
      least: thousands(least),
      most: thousands(any),
    });
  }
  if (any > 1 && three === any) {
    return t("{n} people lack something, all of them three services or more.", { n: thousands(any) });
  }
  if (three) {
    return tn(
      "{n} person lacks three services or more.",
      "{n} people lack something, {more} of them three services or more.",
      any,
      { more: thousands(three) },
    );
  }
  if (any > 1 && two === any) {
    return t("{n} people lack something, all of them two services.", { n: thousands(any) });
  }
  if (two) {
    return tn("{n} person lacks two services.", "{n} people lack something, {more} of them two services.", any, {
      more: thousands(two),
    });
  }
  return tn("{n} person lacks something.", "{n} people lack something.", any);
}

/** The m³ of sewage that are spilled up to the clock's hour. */
function spilledM3({ t: times, n, m3_per_person_d }) {
  const hours = times.map((at, i) => n[i] * Math.max(0, Math.min(times[i + 1] ?? clock.t, clock.t) - at));
  return (hours.reduce((sum, one) => sum + one, 0) / HOUR / 24) * m3_per_person_d;
}

/** Whose sewage is spilled at the clock's hour, and how much so far; nothing before the first. */
function spillText(spill) {
  const m3 = Math.round(spilledM3(spill));
  const people = peopleNow(spill);
  const n = { n: thousands(people), m3: thousands(m3) };
  if (people) {
    return tn(
      "The sewage of {n} person is spilled untreated: {m3} m³ so far.",
      "The sewage of {n} people is spilled untreated: {m3} m³ so far.",
      people,
      n,
    );
  }
  return m3 ? t("{m3} m³ of sewage were spilled untreated.", n) : "";
}

/** What the m³ rest on. */
function spillTitle({ m3_per_person_d, confidence, source, m3 }) {
  return t("{m3} m³ by the end, at {l} l a head and day. Confidence {confidence}: {source}", {
    m3: thousands(m3),
    l: thousands(1000 * m3_per_person_d),
    confidence: confidence || t("not stated"),
    source: source || t("no source"),
  });
}

/** Write the numbers of the clock's hour. */
function numbers() {
  const spill = document.getElementById("sewage-spilled");
  if (spill) write(spill, model.picture.spill ? spillText(model.picture.spill) : "");
  if (spill && model.picture.spill) spill.title = spillTitle(model.picture.spill);
  const lacking = document.getElementById("people-lacking");
  if (lacking) write(lacking, model.picture.people.length ? lackingText(model.picture.lacking) : "");
  const byService = new Map(model.picture.people.map((person) => [person.service, person]));
  document.querySelectorAll(".people-row").forEach((row) => {
    const course = byService.get(row.dataset.service);
    const n = peopleNow(course);
    write(row.querySelector(".people-number"), thousands(n));
    const needs = row.querySelector(".people-needs");
    if (needs) write(needs, course ? needsText(course) : "");
    row.classList.toggle("some", n > 0);
  });
  document.querySelectorAll(".people-at").forEach((at) => write(at, t(", at {at}", { at: hoursText(clock.t) })));
}

/** Only the text of a text node of Dash's own changes, so that React finds it again. */
function write(host, text) {
  const node = host.firstChild;
  if (!node || node.nodeType !== Node.TEXT_NODE) host.textContent = text;
  else if (node.data !== text) node.data = text;
}

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches || !target.matches(".people-more") || !target.open) return;
    const { service } = target.closest(".people-row").dataset;
    const course = model.picture.people.find((person) => person.service === service);
    if (course) fill(target, course);
  },
  true,
);
on("picture", () => whenReady("people-rows", rows));
on("clock", () => {
  if (model.picture && model.world) numbers();
});

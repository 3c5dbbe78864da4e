/* Changes are queued: each is sent on the revision that the one before it has made. No page here. */
import { t } from "./words.js";

/**
 * The interval of checks that the server responds, and how many checks before the queue gives up;
 * the delay after a message in which the rest of the same answer may arrive.
 */
const PATIENCE_MS = 20_000;
const LOOKS = 20;
const REST_MS = 60;
const SLOW = t(
  "The server is still processing your last change. After a start, or in a large world, this can take some minutes. Further changes are queued.",
);
const LOST = t("The server has not answered your last change. Check whether it was made before you repeat it.");
const GONE = t("This entry is no longer in the list. Nothing was changed.");
/** What the indices of these changes count. */
const LISTS = { edit_event: "events", remove_event: "events", remove_measure: "measures", cost_measure: "measures" };

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * What a queue needs of its page; `between` is called when no change is pending any more.
 * @typedef {object} Page
 * @property {() => any} now the scenario on show
 * @property {(action: any) => void} send
 * @property {(text: string) => void} refuse
 * @property {(text: string) => void} wait
 * @property {() => Promise<boolean>} alive
 * @property {() => void} [between]
 */

/**
 * One change at a time. An answer is a scenario with its picture, or a message.
 * Without a connection changes are kept.
 */
export class Queue {
  /** @param {Page} page */
  constructor(page, patience = PATIENCE_MS, rest = REST_MS) {
    this.page = page;
    this.patience = patience;
    this.rest = rest;
    this.waiting = [];
    this.underway = null;
    /** The scenario and the picture in the answer, as id and revision. */
    this.answered = null;
    this.drawn = null;
    this.timer = undefined;
    this.looks = 0;
    this.kept = false;
    this.checks = [];
  }

  /** Call `stops(action)` on every change before it is sent: if it returns true, the change is dropped. */
  before(stops) {
    this.checks.push(stops);
  }

  add(action) {
    if (this.checks.some((stops) => stops(action))) return;
    const wish = { action, meant: this._meant(action) };
    const last = this.waiting[this.waiting.length - 1] || this.underway;
    // a double click is one change; to undo twice is not
    if (last && action.do !== "undo" && action.do !== "redo" && same(last, wish)) return;
    this.waiting.push(wish);
    this._next();
  }

  /** The event or measure at an index when the user chose it. */
  _meant(action) {
    const list = LISTS[action.do];
    return list ? ((this.page.now().plain || {})[list] || [])[action.index] : undefined;
  }

  _next() {
    if (this.underway || this.kept || !this.waiting.length) return;
    this.underway = this.waiting.shift();
    this.answered = this.drawn = null;
    const { action, meant } = this.underway;
    const list = LISTS[action.do];
    if (list && meant !== undefined) {
      const there = (this.page.now().plain || {})[list] || [];
      const index = same(there[action.index], meant) ? action.index : there.findIndex((entry) => same(entry, meant));
      if (index < 0) {
        this.page.refuse(GONE);
        return this._done();
      }
      this.underway.action = { ...action, index };
    }
    this.underway.sentOn = this._stand();
    this.looks = 0;
    this._wait(this.patience, () => this._look());
    this.page.send(this.underway.action);
  }

  _wait(ms, then = () => this._done()) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = 0;
      then();
    }, ms);
  }

  /**
   * Keep waiting while the server responds: its worker processes may still start.
   * If it does not, or after too many checks, queued changes are dropped.
   */
  async _look() {
    const checked = this.underway;
    const well = ++this.looks < LOOKS && (await this.page.alive());
    // the answer has arrived meanwhile
    if (this.underway !== checked || this.timer) return;
    if (well) {
      if (this.looks === 1) this.page.wait(SLOW);
      return this._wait(this.patience, () => this._look());
    }
    this.waiting = [];
    this.page.refuse(LOST);
    this._done();
  }

  _done() {
    clearTimeout(this.timer);
    this.underway = null;
    if (this.page.between) this.page.between();
    this._next();
  }

  _stand() {
    const { id, rev } = this.page.now();
    return `${id} ${rev}`;
  }

  /** The connection is lost: keep the pending change, and all later ones. */
  keep() {
    if (this.kept) return;
    this.kept = true;
    if (!this.underway) return;
    clearTimeout(this.timer);
    this.waiting.unshift(this.underway);
    this.underway = null;
  }

  /** The connection is back, and the page shows what others did meanwhile. */
  goOn() {
    this.kept = false;
    const [first] = this.waiting;
    // it was sent, and the scenario has changed since, perhaps by it
    if (first && first.sentOn && first.sentOn !== this._stand()) {
      this.waiting.shift();
      this.page.refuse(LOST);
    }
    this._next();
  }

  scenario(value) {
    if (this.underway) {
      this.answered = `${value.id} ${value.rev}`;
      this._whole();
    }
  }
  picture(value) {
    if (this.underway) {
      this.drawn = `${value.scenario} ${value.rev}`;
      this._whole();
    }
  }
  /** The server refused the change with a reason: there is nothing to wait for. */
  refused(text) {
    if (this.underway) {
      this.page.refuse(text);
      this._done();
    }
  }
  /** A message may come alone, or just before the scenario and picture that belong to it. */
  message() {
    if (this.underway) this._wait(this.rest);
  }

  _whole() {
    if (this.answered !== null && this.answered === this.drawn) this._wait(0);
  }
}

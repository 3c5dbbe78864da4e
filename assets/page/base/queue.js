/* Changes wait for each other: each is sent on what the one before it has led to. No page here. */
import { t } from "./words.js";

/**
 * After so long we look whether the server is there, so often before we give up;
 * so long after a message the rest of the same answer may come.
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
 * What a queue asks of its page; `between` is called when nothing is under way any more.
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
    /** Which scenario and which picture the answer has brought, as id and revision. */
    this.told = null;
    this.drawn = null;
    this.timer = undefined;
    this.looks = 0;
    this.kept = false;
    this.checks = [];
  }

  /** Let `stops(action)` look at every change before it is sent: where it says yes, that is the end of it. */
  before(stops) {
    this.checks.push(stops);
  }

  add(action) {
    if (this.checks.some((stops) => stops(action))) return;
    const wish = { action, meant: this._meant(action) };
    const last = this.waiting[this.waiting.length - 1] || this.underway;
    // a double click is one change; to go back twice is not
    if (last && action.do !== "undo" && action.do !== "redo" && same(last, wish)) return;
    this.waiting.push(wish);
    this._next();
  }

  /** The event or measure that an index meant when people pointed at it. */
  _meant(action) {
    const list = LISTS[action.do];
    return list ? ((this.page.now().plain || {})[list] || [])[action.index] : undefined;
  }

  _next() {
    if (this.underway || this.kept || !this.waiting.length) return;
    this.underway = this.waiting.shift();
    this.told = this.drawn = null;
    const { action, meant } = this.underway;
    const list = LISTS[action.do];
    if (list && meant !== undefined) {
      const there = (this.page.now().plain || {})[list] || [];
      const index = same(there[action.index], meant) ? action.index : there.findIndex((one) => same(one, meant));
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
   * Wait on while the server is there: its workers may still start.
   * What waits is dropped where nothing is to be expected.
   */
  async _look() {
    const asked = this.underway;
    const well = ++this.looks < LOOKS && (await this.page.alive());
    // the answer has come meanwhile
    if (this.underway !== asked || this.timer) return;
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

  /** The connection is lost: keep what is under way, and all that comes. */
  keep() {
    if (this.kept) return;
    this.kept = true;
    if (!this.underway) return;
    clearTimeout(this.timer);
    this.waiting.unshift(this.underway);
    this.underway = null;
  }

  /** The connection is back, and what others did meanwhile is known. */
  goOn() {
    this.kept = false;
    const [first] = this.waiting;
    // it was sent, and since then something was changed: perhaps by it
    if (first && first.sentOn && first.sentOn !== this._stand()) {
      this.waiting.shift();
      this.page.refuse(LOST);
    }
    this._next();
  }

  scenario(value) {
    if (this.underway) {
      this.told = `${value.id} ${value.rev}`;
      this._whole();
    }
  }
  picture(value) {
    if (this.underway) {
      this.drawn = `${value.scenario} ${value.rev}`;
      this._whole();
    }
  }
  /** The server did not take the change at all, and said why: there is nothing to wait for. */
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
    if (this.told !== null && this.told === this.drawn) this._wait(0);
  }
}

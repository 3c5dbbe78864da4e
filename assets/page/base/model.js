/* What the page holds of what the server sent. Written by world.js and scenario.js alone, read by all. */

export const model = {
  /** The world with its rows and columns (columns.js), or null before it has come. */
  world: null,
  /** The picture on show, with its tables read. */
  picture: null,
  /** Label, token, shape and glyph of each state, by code. */
  states: [],
  /** States of all assets and links at the clock's time, in typed arrays by index; to be read only. */
  course: null,
  /** The scenario on show: id, revision, title, what can be undone, and `plain` as it is stored. */
  scenario: { id: null, rev: 0, title: "", can_undo: false, can_redo: false },
  /** The user of this page. Until the server has answered: a single user; the server still checks each request. */
  me: {
    name: "",
    role: "facilitator",
    leads: true,
    may_change: true,
    sectors: null,
    sign_in: false,
    account: false,
    session: null,
  },
  /** `{answer_ms, colours_ms}` of the last picture. */
  timing: null,
};

/** What an asset is at the clock's time. */
export function stateAt(i) {
  const { state, deadline, level, delivered } = model.course;
  return { state: state[i], deadline: deadline[i], level: level[i], delivered: delivered[i] };
}

/** The state's code of an asset at the clock's time; 0 before there is a picture. */
export const stateCode = (i) => (model.course ? model.course.state[i] : 0);

/** 0 working, 1 hit, 2 dark. */
export const linkState = (k) => (model.course ? model.course.link[k] : 0);

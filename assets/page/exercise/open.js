/* What is opened and what is new of it: plans, runs, and asking for news of a run. */
import { emit, on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { model } from "../base/model.js";
import { openScenario } from "../base/scenario.js";
import { request } from "../base/server.js";
import { HOUR } from "../base/time.js";
import { world } from "../base/world.js";
import { PLANS, RUNS, attempt, drawPane, exercise, paneVisible } from "./session.js";

const POLL_MS = 1500;
const POLL_HIDDEN_MS = 4000;

/** Begin an exercise: a ready one, one from a file, or an empty one. */
export async function begin(what) {
  take({ plan: await request("POST", PLANS, what) });
}

let polling = 0;
function take(open) {
  clearTimeout(polling);
  exercise.plan = open.plan || null;
  exercise.run = null;
  exercise.chosen = null;
  exercise.drafts.clear();
  if (open.run) {
    takeRun(open.run);
    poll();
  }
  emit("exercise", exercise);
  drawPane();
}

export const openPlan = (id) => attempt(async () => take({ plan: await request("GET", `${PLANS}/${id}`) }));
export const openRun = (id) =>
  attempt(async () => take({ run: await request("GET", `${RUNS}/${id}?${exercise.room ? "room=1" : ""}`) }));
export const startRun = () =>
  attempt(async () => take({ run: await request("POST", `${PLANS}/${exercise.plan.id}/runs`, {}) }));
export const leave = () => {
  take({});
  return lookAround();
};
/** Look what there is to open. */
export const lookAround = () =>
  attempt(async () => {
    exercise.list = await request("GET", PLANS);
  });

/** Change the plan: one step, that can be undone. */
export const changePlan = (command) =>
  attempt(async () => {
    try {
      exercise.plan = await request("POST", `${PLANS}/${exercise.plan.id}`, {
        base: exercise.plan.rev,
        change: command,
      });
    } catch (error) {
      // another user may have changed it: show the current state
      exercise.plan = await request("GET", `${PLANS}/${exercise.plan.id}`).catch(() => exercise.plan);
      throw error;
    }
  });

/** Do something in the run. */
export const actInRun = (command) =>
  attempt(async () =>
    takeRun(await request("POST", `${RUNS}/${exercise.run.id}${exercise.room ? "?room=1" : ""}`, command)),
  );

// ------------------------------------------------------------------- news
function takeRun(payload) {
  exercise.came = Date.now();
  const before = exercise.run;
  exercise.run = payload.same ? { ...before, ...payload } : payload;
  if (!payload.same) followScenario(before);
}

/** The map shows the run's scenario, up to what the room knows; others changed it, or a rewind did. */
function followScenario(before) {
  const { scenario, rev, known_h: known } = exercise.run;
  if (!scenario) return;
  const news = !before || before.known_h !== known;
  const other = model.scenario.id !== scenario;
  const held = !exercise.run.leads && news;
  if (other || model.scenario.rev < rev || held) openScenario(scenario);
  if ((news || other) && known > 0) afterPicture(other || held, () => clock.set(known * HOUR));
}

/** The room's window belongs to a facilitator, who gets the whole picture: so it is cut here. */
function cutToRoom(picture) {
  const until = Math.max(60_000, Math.round((exercise.run ? exercise.run.known_h : 0) * HOUR));
  if (until >= picture.horizon_ms || (exercise.run && exercise.run.phase === "ended")) return picture;
  const losses = picture.losses.filter((loss) => loss.t <= until);
  return { ...picture, horizon_ms: until, losses, lossTimes: picture.lossTimes.filter((t) => t <= until) };
}
if (exercise.room) {
  document.documentElement.dataset.room = "1";
  world.limit(cutToRoom);
}

let waiting = null;
function afterPicture(wait, run) {
  waiting = run;
  if (!wait) {
    run();
  }
}
on("picture", () => {
  if (waiting && exercise.run && model.scenario.id === exercise.run.scenario) {
    const run = waiting;
    waiting = null;
    run();
  }
});

async function poll() {
  clearTimeout(polling);
  const mine = exercise.run;
  if (!mine) return;
  try {
    const payload = await request(
      "GET",
      `${RUNS}/${mine.id}?line=${mine.line}&rev=${mine.rev}${exercise.room ? "&room=1" : ""}`,
    );
    if (exercise.run && exercise.run.id === payload.id && payload.line >= exercise.run.line) {
      const changed =
        !payload.same ||
        JSON.stringify(payload.holds) !== JSON.stringify(exercise.run.holds) ||
        payload.phase !== exercise.run.phase;
      takeRun(payload);
      if (changed) drawPane();
    }
  } catch {
    /* the page shows that the connection is lost */
  }
  polling = setTimeout(poll, paneVisible() ? POLL_MS : POLL_HIDDEN_MS);
}
// a source of changes that is faster than polling registers here
on("exercise-news", () => poll());

/* Sign in, or join by an invitation whose token is behind the # of the address: no server sees it there. */
import { t, textParts } from "../base/words.js";

const byId = (id) => document.getElementById(id);
const problem = byId("problem");
const query = new URLSearchParams(location.search);

let theme = null;
try {
  theme = localStorage.getItem("knockon-theme");
} catch {
  /* private windows forget */
}
document.documentElement.dataset.theme =
  theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

const WHY = {
  out: t(
    "You are signed out: you were removed, the session has ended, or this page was unused for too long. Ask the facilitator for a new invitation.",
  ),
  reach: t("Your organisation's sign-in does not answer. Try again in a moment."),
  organisation: t("Your organisation did not confirm who you are. Try again."),
  lead: t("Your organisation does not list you as a facilitator. Open your invitation instead."),
};

async function ask(address, body) {
  let answer;
  let payload = {};
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    payload = await answer.json();
  } catch {
    /* reported below */
  }
  if (!answer || !answer.ok) {
    throw new Error(payload.error || t("The server does not answer. Try again in a moment."));
  }
  return payload;
}

/** Run a form: show errors, and prevent a second submission while one is pending. */
function onSubmit(form, run) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    problem.textContent = "";
    try {
      await run(form.elements);
    } catch (error) {
      problem.textContent = error.message;
      button.disabled = false;
    }
  });
}

/** Always to the page itself: only the query of the original address is kept. */
const enter = () => {
  const to = query.get("to");
  location.replace(to ? `/?${to}` : "/");
};

async function join() {
  const form = byId("join");
  const token = location.hash.slice(1);
  // gone from the address before anything else happens: no history, no screenshot keeps it
  history.replaceState(null, "", "/join");
  if (!token) {
    problem.textContent = t("This address contains no invitation. Open the complete link, or scan the code again.");
    return;
  }
  try {
    const { session, role, sectors } = await ask("/api/join/look", { token });
    const may =
      role === "observer"
        ? t("You can view.")
        : role === "facilitator"
          ? t("You are one of its facilitators.")
          : t("You can change: {mine}.", { mine: sectors ? sectors.join(", ") : t("all sectors") });
    const invited = byId("invited");
    invited.replaceChildren(
      ...textParts(t("You are invited to {session}."), {
        session: Object.assign(document.createElement("strong"), { textContent: session }),
      }),
      ` ${may}`,
    );
    form.hidden = false;
    form.elements.name.focus();
  } catch (error) {
    problem.textContent = error.message;
    return;
  }
  onSubmit(form, async (fields) => {
    await ask("/api/join", { token, name: fields.name.value.trim() });
    location.replace("/");
  });
}

function signIn() {
  const form = byId("sign-in");
  form.hidden = false;
  if (WHY[query.get("no")]) problem.textContent = WHY[query.get("no")];
  form.elements.name.focus();
  onSubmit(form, async (fields) => {
    await ask("/api/sign-in", { name: fields.name.value, password: fields.password.value });
    enter();
  });
}

if (location.pathname === "/join") {
  join();
  // another link opened in the same window changes only what is behind the #
  addEventListener("hashchange", () => {
    if (location.hash) location.reload();
  });
} else signIn();

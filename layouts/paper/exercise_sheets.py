"""Files of an exercise: cards to print, the hot debrief as HTML and CSV.

Jinja escapes every text that goes into the templates of ``layouts/paper/sheets``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from layouts.parts import thousands
from models.exercise.debrief import Debrief
from models.exercise.plan import Exercise, Inject, When
from models.exercise.predictions import Judged
from models.explain.why import Words, plain_words
from models.papers.tabular import csv_text
from models.units import hours_text, to_ms
from models.wording import N_, _, n_, spoken
from models.world import World

KIND_WORDS = {
    "message": N_("Message"),
    "knock_out": N_("Knock-out"),
    "repair": N_("Repair"),
    "supply": N_("Supply"),
    "status_report": N_("Status report"),
    "question": N_("Question"),
}
VERDICT_WORDS = {
    "hit": N_("Hit"),
    "near": N_("Right asset, other time"),
    "miss": N_("Did not fail"),
    "surprise": N_("Surprise"),
}
VERDICT_MARKS = {"hit": "✔", "near": "◑", "miss": "✕", "surprise": "▲"}
#: a text of more characters than this gets a larger card
_SMALL, _LARGE = 520, 1_100
#: spreadsheets read cells that begin like this as formulas

_PAGES = Environment(
    loader=PackageLoader("layouts.paper", "sheets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.globals |= {"_": _, "n_": n_, "language": lambda: spoken().code}
_PAGES.filters |= {
    "thousands": thousands,
    "hour": lambda hours: hours_text(to_ms(hours)),
    "minute": lambda minutes: minute(minutes),
}


def minute(minutes: float) -> str:
    """Return a minute of the exercise as ``0:05``, ``1:30``."""
    whole = round(minutes)
    return f"{whole // 60}:{whole % 60:02d}"


@dataclass(frozen=True, slots=True)
class _Card:
    """One card: its words, and how large it must be for them."""

    head: str
    to: str
    title: str
    text: str
    options: tuple[str, ...]
    things: tuple[str, ...]
    note: str
    size: str


def cards(world: World, plan: Exercise, *, notes: bool) -> str:
    """Return the cards as a page to print, four on a sheet of A4; ``notes``: the facilitator's."""
    made = [_inject_card(world, plan, inject, notes=notes) for inject in plan.injects]
    roles = [] if notes else [_role_card(role.name, role.card) for role in plan.roles]
    template = _PAGES.get_template("cards.html.j2")
    return template.render(plan=plan, cards=[*roles, *made], notes=notes)


def _role_card(name: str, text: str) -> _Card:
    return _Card(_("Your role"), "", name, text, (), (), "", _size(text))


def _inject_card(world: World, plan: Exercise, inject: Inject, *, notes: bool) -> _Card:
    names = {role.id: role.name for role in plan.roles}
    parts = [minute(inject.at_min), _(KIND_WORDS[inject.kind])]
    if inject.at_h is not None:
        parts.append(_("hour {at}").format(at=hours_text(to_ms(inject.at_h))))
    note = ""
    if notes:
        when = condition(world, plan, inject.when) if inject.when else ""
        note = "\n".join(text for text in (when, inject.note) if text)
    things = (*map(world.label, inject.assets), *(_link(world, k) for k in inject.links))
    length = inject.text + note + "".join((*inject.options, *things))
    return _Card(
        head=" · ".join(parts),
        to=", ".join(names[role] for role in inject.to) or _("Everybody"),
        title=inject.title,
        text=inject.text,
        options=inject.options or _bands(inject),
        things=things,
        note=note,
        size=_size(length),
    )


def _link(world: World, link_id: str) -> str:
    link = world.links[link_id]
    return link.name or f"{world.label(link.from_id)} – {world.label(link.to_id)}"


def _bands(inject: Inject) -> tuple[str, ...]:
    edges = (0.0, *inject.bands_h)
    return tuple(
        _("{since} to {until} from now").format(
            since=hours_text(to_ms(since)), until=hours_text(to_ms(until))
        )
        for since, until in pairwise(edges)
    )


def _size(text: str) -> str:
    return "a6" if len(text) <= _SMALL else "a6 dense" if len(text) <= _LARGE else "a4"


_ONLY_IF = {
    ("done", "fail"): N_("Only if {asset} was knocked out."),
    ("done", "repair"): N_("Only if {asset} was repaired."),
    ("done", "supply"): N_("Only if {asset} was supplied."),
    ("not_done", "fail"): N_("Only if {asset} was not knocked out."),
    ("not_done", "repair"): N_("Only if {asset} was not repaired."),
    ("not_done", "supply"): N_("Only if {asset} was not supplied."),
}
_ONLY_IF_BY = {
    ("done", "fail"): N_("Only if {asset} was knocked out by {minute}."),
    ("done", "repair"): N_("Only if {asset} was repaired by {minute}."),
    ("done", "supply"): N_("Only if {asset} was supplied by {minute}."),
    ("not_done", "fail"): N_("Only if {asset} was not knocked out by {minute}."),
    ("not_done", "repair"): N_("Only if {asset} was not repaired by {minute}."),
    ("not_done", "supply"): N_("Only if {asset} was not supplied by {minute}."),
}


def condition(world: World, plan: Exercise, when: When) -> str:
    """Return an inject's condition in words."""
    if when.test == "answered":
        question = plan.inject(when.inject).title
        return _("Only if most answered '{option}' to '{question}'.").format(
            option=when.option, question=question
        )
    what, name = (when.test, when.do), world.label(when.asset)
    if when.by_min is None:
        return _(_ONLY_IF[what]).format(asset=name)
    return _(_ONLY_IF_BY[what]).format(asset=name, minute=minute(when.by_min))


def debrief_page(world: World, debrief: Debrief, words: Words = plain_words) -> str:
    """Return the hot debrief as one page to look at, print or mail.

    Parameters
    ----------
    world
        The world of the run.
    debrief
        The debrief.
    words
        Service id → what people call it.
    """
    template = _PAGES.get_template("debrief.html.j2")
    return template.render(
        found=debrief,
        world=world,
        name=lambda asset: world.label(asset) if asset in world.assets else asset,
        marks=VERDICT_MARKS,
        discuss=lambda question: discuss(world, question),
        change=change,
        service_changes=lambda services: service_changes(services, words),
        service_tolls=lambda services: service_tolls(services, words),
    )


_CHANGES = {
    "people": (N_("no change in people"), N_("{n} more people"), N_("{n} fewer people")),
    "person-hours": (
        N_("no change in person-hours"),
        N_("{n} more person-hours"),
        N_("{n} fewer person-hours"),
    ),
}


def change(number: float | None, unit: str) -> str:
    """Return the effect of a decision in words: ``1,200 fewer people``, ``no change``."""
    if number is None:
        return _("not computed")
    same, more, fewer = _CHANGES[unit]
    if round(number) == 0:
        return _(same)
    return _(more if number > 0 else fewer).format(n=thousands(abs(number)))


def service_changes(services: Sequence[tuple[str, float]], words: Words) -> str:
    """Return the person-hours of each service that a decision changes, in one line."""
    return "; ".join(
        _("{service}: {change}").format(service=words(name), change=change(more, "person-hours"))
        for name, more in services
    )


def service_tolls(services: Sequence[tuple[str, float]], words: Words) -> str:
    """Return the person-hours without each service, most first; empty where nobody lacks any."""
    ranked = sorted(services, key=lambda pair: (-pair[1], pair[0]))
    return "; ".join(
        _("{service}: {n} person-hours").format(service=words(name), n=thousands(hours))
        for name, hours in ranked
        if round(hours)
    )


def discuss(world: World, verdict: Judged) -> str:
    """Return one line of the discussion list."""
    name = world.label(verdict.asset) if verdict.asset in world.assets else verdict.asset
    if verdict.verdict == "surprise":
        at = hours_text(to_ms(verdict.at_h or 0))
        if not verdict.person_hours:
            return _("{name}: nobody expected it to fail at {at}.").format(name=name, at=at)
        return _("{name}: nobody expected it to fail at {at}, {n} person-hours.").format(
            name=name, at=at, n=thousands(verdict.person_hours)
        )
    if verdict.at_h is None:
        return _("{name}: the tables did not agree; it kept working.").format(name=name)
    return _("{name}: the tables did not agree; it failed at {at}.").format(
        name=name, at=hours_text(to_ms(verdict.at_h))
    )


def debrief_csv(world: World, debrief: Debrief) -> str:
    """Return the debrief as one table: injects, decisions, results of predictions."""
    header = (
        *("take", "minute", "kind", "who", "what", "reason"),
        *("people_changed", "person_hours_changed", "person_hours_changed_by_service"),
    )
    return csv_text(header, _rows(world, debrief), line_end="\r\n")


def _by_service(services: Sequence[tuple[str, float]]) -> str:
    return "|".join(f"{name}={hours:g}" for name, hours in services)


def _rows(world: World, debrief: Debrief) -> Iterator[tuple[Any, ...]]:
    for step in debrief.course:
        yield (step.take, step.minute, step.what, "", step.title, "", step.people,
               step.person_hours, _by_service(step.services))  # fmt: skip
    for decision in debrief.decisions:
        yield (decision.take, decision.minute, "decided", decision.who, decision.what,
               decision.reason, decision.people, decision.person_hours,
               _by_service(decision.services))  # fmt: skip
    for question in debrief.questions:
        for who, answer in question.answers:
            yield question.take, "", "answered", who, f"{question.title}: {answer}", "", "", "", ""
    for revealed in debrief.reveals:
        for score in revealed.scores:
            told = (f"hits: {score.hits}, at another time: {score.near}, did not fail: "
                    f"{score.misses}, not expected: {score.surprises}")  # fmt: skip
            yield "", "", "predicted", score.by, told, "", "", "", ""
        for judged in revealed.discussion:
            yield "", "", "to discuss", "", discuss(world, judged), "", "", "", ""
    for point in debrief.open_points:
        yield "", "", "open", "", point, "", "", "", ""

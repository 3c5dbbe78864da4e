"""A briefing made of a run: two pages for the room, an annex for who asks how we know.

Everything is read off the outcome; nothing here decides what fails. Words are those of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from layouts.briefing_annex import annex
from layouts.comparison import figure_rows
from layouts.situation_map import Base
from layouts.subject import Subject, people_at
from layouts.timeline_chart import timeline
from layouts.words import event_words
from models.briefing import Block, Briefing, Numbers, Picture, Section, Table, Text, cut
from models.comparison import Figures
from models.consequences import restored_ms, special_users_lost
from models.explain import state_at
from models.helping import Help
from models.units import hours_text

#: How many rows the two pages have of each at most: then they stay two.
DEADLINES, HELPS = 9, 4


def briefing(
    subject: Subject,
    base: Base,
    helps: Sequence[Help] = (),
    options: Sequence[tuple[str, Figures]] = (),
) -> Briefing:
    """Return the whole briefing."""
    return Briefing(
        title=subject.title,
        subtitle=f"{cut(subject.world.title, 100)} · situation at {hours_text(subject.at_ms)}",
        label=cut(subject.label, 80),
        sections=(
            _situation(subject, base),
            _people(subject),
            _course(subject),
            _deadlines(subject),
            _helps(subject, helps),
            *_options(options),
            *annex(subject),
        ),
        foot=_foot(subject),
    )


# --------------------------------------------------------------- two pages


def _situation(subject: Subject, base: Base) -> Section:
    return Section(
        f"Situation at {hours_text(subject.at_ms)}",
        (
            Text(subject.lead, "lead"),
            Numbers(_key_numbers(subject)),
            Picture(
                subject.map(base),
                subject.map_words,
                "Where several assets lie on one another the gravest is drawn. "
                f"{cut(subject.world.attribution, 160)}",
            ),
        ),
    )


def _key_numbers(subject: Subject) -> tuple[tuple[str, str], ...]:
    states = list(subject.situation.states.values())
    down = sum(_is_below(subject, a) for a in subject.situation.states)
    types = subject.labels.special_types
    special = special_users_lost(subject.world, subject.outcome, types)
    now = sum(a in subject.situation.states and _is_below(subject, a) for a in special)
    back = restored_ms(subject.outcome)
    restored = hours_text(back) if back is not None and subject.outcome.assets else "–"
    if back is None:
        restored = "not within " + hours_text(subject.outcome.horizon_ms)
    return (
        (f"{down:,}", "assets lost or impaired now"),
        (f"{sum(s == 'backup' for s in states):,}", "on backup now"),
        (f"{now:,}", "hospitals, schools and the like without something they need"),
        (restored, "90 % of what is lost is back"),
    )


def _is_below(subject: Subject, asset: str) -> bool:
    now = state_at(subject.outcome, asset, subject.at_ms)
    return now is not None and now.delivered < 1.0


def _people(subject: Subject) -> Section:
    labels, order = subject.labels, list(subject.labels.services)
    place = {service: n for n, service in enumerate(order)}
    rows = []
    people = sorted(
        subject.drawn["people"], key=lambda c: (place.get(c["service"], 99), c["service"])
    )
    for course in people:
        if not course["peak"]:
            continue
        at = course["t"][course["n"].index(course["peak"])]
        rows.append(
            (
                cut(labels.service(str(course["service"])), 40),
                f"{people_at(course, subject.at_ms):,}",
                f"{course['peak']:,}",
                hours_text(at),
                f"{course['person_hours']:,}",
            )
        )
    blocks: list[Block] = []
    if rows:
        head = ("Service", "now", "at most", "first at", "person-hours")
        caption = f"People without a service, up to {hours_text(subject.outcome.horizon_ms)}"
        blocks.append(Table(caption, head, tuple(rows), frozenset({1, 2, 3, 4})))
        blocks.append(
            Text(
                "A person without two services stands in both rows; rows must not be added.", "note"
            )
        )
    else:
        blocks.append(Text("Nobody is without a service."))
    return Section("People and hours", tuple(blocks))


def _course(subject: Subject) -> Section:
    chart = timeline(subject.drawn, subject.at_ms, subject.labels)
    picture_of_it = Picture(chart, _chart_words(subject), _CHART_CAPTION)
    return Section("Timeline", (picture_of_it,), new_page=True)


_CHART_CAPTION = (
    "Area: people without the service that most lack. Bars: assets lost, black hit, red by "
    "cascade, yellow as a reserve ends. Diamonds: what happens in the scenario."
)


def _chart_words(subject: Subject) -> str:
    losses = subject.drawn["losses"]
    if not losses:
        return f"Chart over {hours_text(subject.outcome.horizon_ms)}: nothing is lost."
    first, last = hours_text(losses[0]["t"]), hours_text(losses[-1]["t"])
    over = f"Chart over {hours_text(subject.outcome.horizon_ms)}"
    return f"{over}: {len(losses):,} losses, the first at {first}, the last at {last}."


def _deadlines(subject: Subject) -> Section:
    """What is lost next; of equal hours, what most people live on first."""
    coming = [loss for loss in subject.drawn["losses"] if loss["t"] > subject.at_ms]
    if not coming:
        return Section("Next deadlines", (Text("No further loss in this scenario."),))
    special = subject.labels.special_types
    chosen = sorted(coming, key=lambda loss: _weight(subject, loss, special))[:DEADLINES]
    rows = [_deadline(subject, loss) for loss in sorted(chosen, key=lambda loss: loss["t"])]
    left = len(coming) - len(rows)
    blocks: list[Block] = [
        Table(
            "Lost next unless something is done",
            ("At", "in", "Who", "because", "People"),
            tuple(rows),
            frozenset({0, 1, 4}),
        )
    ]
    if left:
        blocks.append(
            Text(f"{left:,} further losses follow; the mail list and the CSV name all.", "note")
        )
    return Section("Next deadlines", tuple(blocks))


def _weight(subject: Subject, loss: Mapping[str, Any], special: frozenset[str]) -> tuple[Any, ...]:
    asset = subject.world.assets[subject.world.listed[loss["a"]]]
    return -loss["people_total"], asset.asset_type not in special, loss["t"], loss["a"]


def _deadline(subject: Subject, loss: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        hours_text(loss["t"]),
        hours_text(loss["t"] - subject.at_ms),
        cut(subject.world.label(subject.world.listed[loss["a"]]), 48),
        cut(loss["text"], 44),
        f"{loss['people_total']:,}" if loss["people_total"] else "",
    )


def _helps(subject: Subject, helps: Sequence[Help]) -> Section:
    title = "What would help most now"
    if not helps:
        return Section(
            title, (Text("No single repair or supply at this hour would save anything."),)
        )
    rows = tuple(
        (
            cut(event_words(subject.world, one.event, subject.labels).sentence, 78),
            f"{max(0, round(one.person_hours)):,}",
            "not counted" if one.people is None else f"{max(0, one.people):,}",
            f"{max(0, one.assets):,}",
        )
        for one in helps[:HELPS]
    )
    table = Table(
        f"Tried one by one, at {hours_text(subject.at_ms)}",
        ("If …", "person-hours saved", "fewer people", "assets back"),
        rows,
        frozenset({1, 2, 3}),
    )
    alone = "Each tried alone; what two save together is not their sum."
    return Section(title, (table, Text(alone, "note")))


def _options(options: Sequence[tuple[str, Figures]]) -> Iterable[Section]:
    if len(options) < 2:
        return
    head, rows, marks = figure_rows([cut(name, 30) for name, _ in options], [f for _, f in options])
    table = Table(
        "Best and worst of each row are marked", head, rows, frozenset(range(1, len(head))), marks
    )
    yield Section("Options compared", (table,))


# ------------------------------------------------------------------ mail


def mail_list(subject: Subject) -> str:
    """Return who loses what when, and whom to call, as text to paste into a mail."""
    head = [line for line in (subject.label,) if line]
    since = f"from {hours_text(subject.at_ms)} on. Run {subject.run_id}."
    head += [subject.title, f"{cut(subject.world.title, 100)}, {since}", ""]
    coming = [loss for loss in subject.drawn["losses"] if loss["t"] >= subject.at_ms]
    said = []
    for loss in coming:
        asset = subject.world.assets[subject.world.listed[loss["a"]]]
        who = cut(subject.world.label(asset.asset_id), 120)
        people = f", {loss['people_total']:,} people" if loss["people_total"] else ""
        call = cut(asset.operator, 120) or "operator not known"
        said.append(
            f"{hours_text(loss['t'])}: {who}: {cut(loss['text'], 80)}{people}. Call: {call}"
        )
    if not said:
        said = ["No further loss in this scenario."]
    return "\n".join([*head, *said, "", cut(subject.world.attribution, 200)]) + "\n"


def _foot(subject: Subject) -> str:
    parts = (
        f"Run {subject.run_id}",
        cut(subject.world.attribution, 120),
        cut(subject.made, 60),
        "Knock-on",
    )
    return " · ".join(part for part in parts if part)

"""A briefing made of a run: two pages for decisions, an annex with the evidence.

Everything comes from the outcome; nothing here decides what fails. Words are those of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from layouts.feed.comparison import figure_rows
from layouts.paper.briefing_annex import annex
from layouts.paper.situation_map import Base
from layouts.paper.subject import Subject, people_at
from layouts.paper.timeline_chart import timeline
from layouts.words import event_words, lower_first
from models.explain.helping import Help
from models.explain.why import state_at
from models.impact.comparison import Figures
from models.impact.consequences import restored_ms, special_users_lost
from models.papers.briefing import (
    Block,
    Briefing,
    Numbers,
    Picture,
    Section,
    TableBlock,
    Text,
    cut,
)
from models.units import hours_text
from models.wording import _, n_, number, p_, spoken

#: Most rows of each list, so that they fit on two pages.
DEADLINES, HELPS = 9, 4


def briefing(
    subject: Subject,
    base: Base,
    helps: Sequence[Help] = (),
    options: Sequence[tuple[str, Figures]] = (),
) -> Briefing:
    """Return the whole briefing, in the current language."""
    subtitle = _("{world} · situation at {at}")
    return Briefing(
        title=subject.title,
        subtitle=subtitle.format(world=cut(subject.world.title, 100), at=hours_text(subject.at_ms)),
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
        language=spoken().code,
    )


# --------------------------------------------------------------- two pages


def _situation(subject: Subject, base: Base) -> Section:
    drawn = _("Where assets overlap, the gravest is drawn.")
    caption = f"{drawn} {cut(subject.world.attribution, 160)}"
    return Section(
        _("Situation at {at}").format(at=hours_text(subject.at_ms)),
        (
            Text(subject.lead, "lead"),
            Numbers(_key_numbers(subject)),
            Picture(subject.map(base), subject.map_words, caption),
        ),
    )


def _key_numbers(subject: Subject) -> tuple[tuple[str, str], ...]:
    states = list(subject.situation.states.values())
    down = sum(_is_below(subject, a) for a in subject.situation.states)
    backup = sum(s == "backup" for s in states)
    types = subject.labels.special_types
    special = special_users_lost(subject.world, subject.outcome, types)
    now = sum(a in subject.situation.states and _is_below(subject, a) for a in special)
    return (
        (
            number(down),
            n_("asset lost or impaired now", "assets lost or impaired now", down),
        ),
        (number(backup), n_("on backup now", "on backup now", backup)),
        (
            number(now),
            n_(
                "hospital, school or the like without something it needs",
                "hospitals, schools and the like without something they need",
                now,
            ),
        ),
        (_restored(subject), _("90 % of what is lost is back")),
    )


def _restored(subject: Subject) -> str:
    """Return the sentence about the end of the cascade."""
    back = restored_ms(subject.outcome)
    if back is None:
        horizon = hours_text(subject.outcome.horizon_ms)
        return _("not within {horizon}").format(horizon=horizon)
    return hours_text(back) if subject.outcome.assets else "–"


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
                number(people_at(course, subject.at_ms)),
                number(course["peak"]),
                hours_text(at),
                number(course["person_hours"]),
            )
        )
    blocks = (*_people_blocks(subject, rows), *_spill(subject))
    return Section(_("People and hours"), blocks)


def _spill(subject: Subject) -> Iterable[Block]:
    """Say how much sewage is spilled; nothing where none is."""
    spill = subject.drawn["spill"]
    if not spill or not spill["m3"]:
        return
    now = people_at(spill, subject.at_ms)
    text = n_(
        "Sewage spilled untreated: of {n} person now, {m3} m³ up to {horizon}, at {l} l a head "
        "and day.",
        "Sewage spilled untreated: of {n} people now, {m3} m³ up to {horizon}, at {l} l a head "
        "and day.",
        now,
    )
    yield Text(
        text.format(
            n=number(now),
            m3=number(spill["m3"]),
            horizon=hours_text(subject.outcome.horizon_ms),
            l=number(1000 * spill["m3_per_person_d"]),
        )
    )


def _people_blocks(subject: Subject, rows: Sequence[tuple[str, ...]]) -> Iterable[Block]:
    if not rows:
        yield Text(_("Nobody is without a service."))
        return
    head = (
        _("Service"),
        p_("people without a service", "now"),
        p_("people without a service", "at most"),
        # i18n: the hour at which there are most people without the service for the first time
        p_("people without a service", "first at"),
        _("person-hours"),
    )
    horizon = hours_text(subject.outcome.horizon_ms)
    caption = _("People without a service, up to {horizon}").format(horizon=horizon)
    yield TableBlock(caption, head, tuple(rows), frozenset({1, 2, 3, 4}))
    note = _("A person without two services counts in both rows; rows must not be added up.")
    yield Text(" ".join([*_use_needs(subject), note]), "note")


def _use_needs(subject: Subject) -> Iterable[str]:
    """Say how many of those without a service would have its supply, and what they lack."""
    for course in subject.drawn["people"]:
        for need in course["needs"]:
            if people := people_at(need, subject.at_ms):
                text = _("{service}: {n} of these because there is no {need} at home.")
                yield text.format(
                    service=cut(course["label"], 40),
                    n=number(people),
                    need=lower_first(cut(need["label"], 40)),
                )


def _course(subject: Subject) -> Section:
    chart = timeline(subject.drawn, subject.at_ms, subject.labels)
    caption = _(
        "Area: people without the service that most lack. Bars: assets lost, black hit, red by "
        "cascade, yellow as a reserve ends. Diamonds: what happens in the scenario."
    )
    picture_of_it = Picture(chart, _chart_words(subject), caption)
    return Section(_("Timeline"), (picture_of_it,), new_page=True)


def _chart_words(subject: Subject) -> str:
    losses, over = subject.drawn["losses"], hours_text(subject.outcome.horizon_ms)
    if not losses:
        return _("Chart over {horizon}: nothing is lost.").format(horizon=over)
    text = n_(
        "Chart over {horizon}: {n} loss, at {first}.",
        "Chart over {horizon}: {n} losses, the first at {first}, the last at {last}.",
        len(losses),
    )
    first, last = hours_text(losses[0]["t"]), hours_text(losses[-1]["t"])
    return text.format(horizon=over, n=number(len(losses)), first=first, last=last)


def _deadlines(subject: Subject) -> Section:
    """Return the next losses; at equal hours, those of most people first."""
    coming = [loss for loss in subject.drawn["losses"] if loss["t"] > subject.at_ms]
    title = _("Next deadlines")
    if not coming:
        return Section(title, (Text(_("No further loss in this scenario.")),))
    special = subject.labels.special_types
    chosen = sorted(coming, key=lambda loss: _weight(subject, loss, special))[:DEADLINES]
    rows = [_deadline(subject, loss) for loss in sorted(chosen, key=lambda loss: loss["t"])]
    left = len(coming) - len(rows)
    table = TableBlock(
        _("Lost next unless something is done"), _deadline_head(), tuple(rows), frozenset({0, 1, 4})
    )
    if not left:
        return Section(title, (table,))
    text = n_(
        "{n} further loss follows; the mail list and the CSV name all.",
        "{n} further losses follow; the mail list and the CSV name all.",
        left,
    )
    return Section(title, (table, Text(text.format(n=number(left)), "note")))


def _deadline_head() -> tuple[str, ...]:
    return (
        # i18n: the hour at which something is lost
        p_("what is lost next", "At"),
        # i18n: how long it is until then
        p_("what is lost next", "in"),
        p_("what is lost next", "Who"),
        p_("what is lost next", "because"),
        _("People"),
    )


def _weight(subject: Subject, loss: Mapping[str, Any], special: frozenset[str]) -> tuple[Any, ...]:
    asset = subject.world.assets[subject.world.listed[loss["a"]]]
    return -loss["people_total"], asset.asset_type not in special, loss["t"], loss["a"]


def _deadline(subject: Subject, loss: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        hours_text(loss["t"]),
        hours_text(loss["t"] - subject.at_ms),
        cut(subject.world.label(subject.world.listed[loss["a"]]), 48),
        cut(loss["text"], 44),
        number(loss["people_total"]) if loss["people_total"] else "",
    )


def _helps(subject: Subject, helps: Sequence[Help]) -> Section:
    title = _("What would help most now")
    if not helps:
        return Section(
            title, (Text(_("No single repair or supply at this hour would save anything.")),)
        )
    rows = tuple(
        (
            cut(event_words(subject.world, help_.event, subject.labels).sentence, 78),
            number(max(0, round(help_.person_hours))),
            number(max(0, help_.people)),
            number(max(0, help_.assets)),
        )
        for help_ in helps[:HELPS]
    )
    table = TableBlock(
        _("Tried one by one, at {at}").format(at=hours_text(subject.at_ms)),
        # i18n: "If …" is the heading of sentences such as "Power station is repaired"
        (_("If …"), _("person-hours saved"), _("fewer people"), _("assets back")),
        rows,
        frozenset({1, 2, 3}),
    )
    alone = _("Each tried alone; combined effects do not add up.")
    return Section(title, (table, Text(alone, "note")))


def _options(options: Sequence[tuple[str, Figures]]) -> Iterable[Section]:
    if len(options) < 2:
        return
    head, rows, marks = figure_rows(
        [cut(name, 30) for name, _figures in options], [figures for _name, figures in options]
    )
    caption = _("Best and worst of each row are marked")
    table = TableBlock(caption, head, rows, frozenset(range(1, len(head))), marks)
    yield Section(_("Options compared"), (table,))


# ------------------------------------------------------------------ mail


def mail_list(subject: Subject) -> str:
    """Return the losses by time, with contacts, as text for a mail."""
    head = [line for line in (subject.label,) if line]
    about = _("{world}, from {at} on. Run {run}.").format(
        world=cut(subject.world.title, 100), at=hours_text(subject.at_ms), run=subject.run_id
    )
    head += [subject.title, about, ""]
    coming = [loss for loss in subject.drawn["losses"] if loss["t"] >= subject.at_ms]
    said = [_mail_line(subject, loss) for loss in coming]
    if not said:
        said = [_("No further loss in this scenario.")]
    return "\n".join([*head, *said, "", cut(subject.world.attribution, 200)]) + "\n"


def _mail_line(subject: Subject, loss: Mapping[str, Any]) -> str:
    asset, people = subject.world.assets[subject.world.listed[loss["a"]]], loss["people_total"]
    whom = ", ".join(part for part in (asset.operator, asset.contact) if part)
    text = _("{at}: {who}: {what}. Call: {operator}")
    if people:
        text = n_(
            "{at}: {who}: {what}, {n} person. Call: {operator}",
            "{at}: {who}: {what}, {n} people. Call: {operator}",
            people,
        )
    return text.format(
        at=hours_text(loss["t"]),
        who=cut(subject.world.label(asset.asset_id), 120),
        what=cut(loss["text"], 80),
        n=number(people),
        operator=cut(whom, 120) or _("operator not known"),
    )


def _foot(subject: Subject) -> str:
    parts = (
        _("Run {run}").format(run=subject.run_id),
        cut(subject.world.attribution, 120),
        cut(subject.made, 60),
        "Knock-on",
    )
    return " · ".join(part for part in parts if part)

"""The annex of a briefing: restart, the scenario, assumptions, unknowns, the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layouts.paper.subject import Subject, names, people_at, people_of
from layouts.words import (
    Labels,
    basis_of,
    basis_words,
    event_words,
    graded,
    lower_first,
    measure_words,
)
from models.explain.grounds import Unknown, Wave, grounds, returns, unknowns, waves
from models.impact.cells import by_municipality, cell_courses
from models.outcome import Deadlock
from models.papers.briefing import MAX_TEXT, Block, Bullets, Section, TableBlock, Text, cut
from models.units import hours_text, to_ms
from models.wording import _, day, n_, number, p_
from models.world import World

#: How many rows the annex has of each at most.
GROUNDS, UNKNOWNS, PLACES = 16, 12, 12


def annex(subject: Subject) -> Iterable[Section]:
    """Yield the sections of the annex; the first begins a page."""
    first = _restart(subject)
    title = _("Annex · {title}").format(title=first.title)
    yield Section(title, first.blocks, new_page=True)
    makers = (_story, _where, _at_home, _assumptions, _not_known, _sources)
    yield from (section for make in makers if (section := make(subject)).blocks)


def _restart(subject: Subject) -> Section:
    world = subject.world
    restarts = waves(world, subject.outcome, subject.at_ms)
    blocks: list[Block] = [Text(_wave(world, wave)) for wave in restarts[:6]]
    if not restarts:
        nothing = _("Nothing is lost or impaired at {at}.")
        blocks.append(Text(nothing.format(at=hours_text(subject.at_ms))))
    back = returns(world, subject.outcome)
    if back:
        blocks.append(Text(_back(world, back)))
    else:
        never = _("Nothing fully recovers in this scenario: it contains no repair.")
        blocks.append(Text(never, "note"))
    locks = subject.outcome.deadlocks
    blocks += [Text(_deadlock(world, lock, subject.labels)) for lock in locks[:4]]
    if not locks:
        blocks.append(Text(_("No restart deadlock."), "note"))
    return Section(_("Restart order and deadlocks"), tuple(blocks))


def _wave(world: World, wave: Wave) -> str:
    who = names(world, sorted(wave.assets, key=lambda a: (-people_of(world, a), a)), 5)
    if wave.order == 0:
        return _("Hit directly, to be repaired: {names}.").format(names=who)
    return _("Then, step {n}: {names}.").format(n=wave.order, names=who)


def _back(world: World, back: Sequence[tuple[int, str]]) -> str:
    """Return the sentence about returns: the first by name, the last by its hour."""
    each = _("{name} at {at}")
    words = "; ".join(
        each.format(name=cut(world.label(a), 40), at=hours_text(t)) for t, a in back[:6]
    )
    more = len(back) - 6
    if more <= 0:
        return _("Fully recovered in this scenario: {names}.").format(names=words)
    text = n_(
        "Fully recovered in this scenario: {names} and {n} more, the last at {at}.",
        "Fully recovered in this scenario: {names} and {n} more, the last at {at}.",
        more,
    )
    return text.format(names=words, n=number(more), at=hours_text(back[-1][0]))


def _deadlock(world: World, lock: Deadlock, labels: Labels) -> str:
    who, each = names(world, lock.assets, 6), _("{service} for {name}")
    free = _(" and ").join(
        each.format(
            service=lower_first(labels.service(s.service)), name=cut(world.label(s.asset), 50)
        )
        for s in lock.breaking
    )
    if not free:
        return _("Deadlock: {names} wait for each other.").format(names=who)
    text = _("Deadlock: {names} wait for each other. Emergency {supplies} frees them.")
    if not lock.smallest:
        text = _(
            "Deadlock: {names} wait for each other. At most this is needed: emergency {supplies}."
        )
    return text.format(names=who, supplies=free)


def _where(subject: Subject) -> Section:
    """Whom it hits hardest and where, if anything is known of the people."""
    world, at_ms = subject.world, subject.at_ms
    rows = [
        (group["name"], people_at(group, at_ms), group["people"])
        for group in subject.drawn["groups"]
    ]
    groups = sorted(rows, key=lambda row: (-row[1] / row[2], row[0]))
    found = by_municipality(world, cell_courses(world, subject.outcome), at_ms)
    places = [
        (match.name, round(match.lacking), match.people) for match in found if round(match.lacking)
    ]
    blocks: list[Block] = []
    if groups:
        caption = _("Groups who lack something, hardest hit first")
        blocks.append(_people_table(caption, _("Group"), groups))
    if places:
        caption = _("Municipalities where people lack something, most people first")
        blocks.append(_people_table(caption, _("Municipality"), places))
    return Section(_("Where, and whom it hits hardest"), tuple(blocks))


def _people_table(caption: str, what: str, rows: Sequence[tuple[str, int, int]]) -> TableBlock:
    """Return a table of people who lack something; the longest cut to the first rows."""
    shown = tuple(
        (cut(name, 48), number(lacking), number(people), number(round(100 * lacking / people)))
        for name, lacking, people in rows[:PLACES]
    )
    head = (what, _("lacking"), _("of"), "%")
    return TableBlock(caption, head, shown, frozenset({1, 2, 3}))


def _at_home(subject: Subject) -> Section:
    """What services need at home: the rows of the table that were used."""
    rows = tuple(
        (
            cut(course["label"], 40),
            cut(need["label"], 40),
            number(100 * need["share"]),
            graded(need["confidence"]),
            cut(need["source"], 120),
        )
        for course in subject.drawn["people"]
        for need in course["needs"]
    )
    head = (_("Service"), _("needs at home"), _("% of people"), _("Confidence"), _("Source"))
    title = _("What services need at home")
    caption = _("Without it, the service is lacked though its supply arrives")
    return Section(title, (TableBlock(caption, head, rows, frozenset({2})),) if rows else ())


def _story(subject: Subject) -> Section:
    shown = [*_happenings(subject)[:14], *_measures(subject)[:8]]
    left = len(subject.scenario.events) + len(subject.scenario.measures) - len(shown)
    blocks: list[Block] = [Bullets(tuple(shown))] if shown else [Text(_("Nothing happens."))]
    if left:
        blocks.append(
            Text(n_("and {n} more.", "and {n} more.", left).format(n=number(left)), "note")
        )
    typical = subject.scenario.repairs == "typical"
    looked = (
        _("Horizon {horizon}, with typical repair times.")
        if typical
        else _("Horizon {horizon}, with no other repairs.")
    )
    ahead = hours_text(to_ms(subject.scenario.horizon_h))
    blocks.append(Text(looked.format(horizon=ahead), "note"))
    if subject.scenario.note:
        blocks.append(Text(cut(subject.scenario.note, MAX_TEXT), "note"))
    return Section(_("What happens in this scenario"), tuple(blocks))


def _happenings(subject: Subject) -> list[str]:
    world, labels, each = subject.world, subject.labels, _("{at}: {what}")
    return [
        each.format(
            at=hours_text(to_ms(e.at_h)), what=cut(event_words(world, e, labels).sentence, 120)
        )
        for e in sorted(subject.scenario.events, key=lambda e: e.at_h)
    ]


def _measures(subject: Subject) -> list[str]:
    each = _("Measure: {what}")
    said = (measure_words(subject.world, m, subject.labels) for m in subject.scenario.measures)
    return [each.format(what=cut(item, 140)) for item in said]


def _assumptions(subject: Subject) -> Section:
    assumed = grounds(subject.world, subject.outcome)
    labels = subject.labels
    if not assumed:
        return Section(_("Assumptions"), (Text(_("No loss is due to a dependency.")),))
    rows = tuple(
        (
            number(item.losses),
            cut(labels.service(item.service), 30),
            basis_words(basis_of(item.origin)),
            cut(_ground_words(item.origin, labels), 90),
            _reserve(item.autonomy_h),
            cut(graded(item.confidence), 50),
        )
        for item in assumed[:GROUNDS]
    )
    head = (_("Losses"), _("Service"), _("Basis"), _("Rule"), _("Reserve"), _("Confidence"))
    blocks: list[Block] = [TableBlock(_("Basis of the losses"), head, rows, frozenset({0}))]
    left = len(assumed) - GROUNDS
    if left > 0:
        text = n_(
            "{n} further ground carries fewer losses.",
            "{n} further grounds carry fewer losses each.",
            left,
        )
        blocks.append(Text(text.format(n=number(left)), "note"))
    return Section(_("Assumptions and how sure they are"), tuple(blocks))


def _ground_words(origin: str, labels: Labels) -> str:
    basis = basis_of(origin)
    if basis != "inferred":
        return _("stated by the data") if basis == "declared" else _("assumed for this region")
    note = labels.rules.get(origin, "")
    return f"{origin}: {note}" if note else origin


def _reserve(hours: tuple[float, float]) -> str:
    low, high = (hours_text(to_ms(h)) for h in hours)
    if hours[1] <= 0:
        return p_("reserve", "none")
    return low if low == high else _("{low} to {high}").format(low=low, high=high)


def _not_known(subject: Subject) -> Section:
    title, missing = _("Not known"), unknowns(subject.world)
    if not missing:
        return Section(title, (Text(_("Every need of this world has a known supplier.")),))
    items = tuple(_unknown(item, subject.labels) for item in missing[:UNKNOWNS])
    left = len(missing) - UNKNOWNS
    if left <= 0:
        return Section(title, (Bullets(items),))
    more = n_(
        "{n} further kind of need is unknown.", "{n} further kinds of need are unknown.", left
    )
    return Section(title, (Bullets(items), Text(more.format(n=number(left)), "note")))


def _unknown(unknown: Unknown, labels: Labels) -> str:
    text = _("{type} ({n}): supplier of {service} not known.")
    if unknown.hides_state:
        text = _("{type} ({n}): supplier of {service} not known, so their state is unknown.")
    return text.format(
        type=labels.asset_type(unknown.asset_type),
        n=number(unknown.assets),
        service=lower_first(labels.service(unknown.service)),
    )


def _sources(subject: Subject) -> Section:
    world = subject.world
    said = [_credit(world)]
    for source in world.sources[:8]:
        parts = (source.get("title"), source.get("attribution"), source.get("licence"))
        said.append(cut(" · ".join(str(part) for part in parts if part), 220))
    said.append(
        _(
            "Run {run}: the same world, scenario and version of Knock-on give the "
            "same result. A model, not an observation: it shows the consequences of "
            "its assumptions."
        ).format(run=subject.run_id)
    )
    return Section(_("Data and run"), (Bullets(tuple(said)),))


def _credit(world: World) -> str:
    attribution = cut(world.attribution or _("No attribution stated"), 200)
    licence = cut(world.licence or _("No licence stated"), 80)
    # some worlds state it in words already
    if not world.snapshot_date or "data of" in world.attribution:
        return f"{attribution}. {licence}."
    text = _("{attribution}, data of {day}. {licence}.")
    return text.format(attribution=attribution, day=day(world.snapshot_date), licence=licence)

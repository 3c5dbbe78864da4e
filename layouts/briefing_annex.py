"""The annex of a briefing: restart, the scenario, assumptions, what nobody knows, the data."""

from __future__ import annotations

from collections.abc import Iterable

from layouts.subject import Subject, names, people_of
from layouts.words import (
    Labels,
    basis_of,
    confidence_words,
    event_words,
    lower_first,
    measure_words,
)
from models.briefing import MAX_TEXT, Block, Bullets, Section, Table, Text, cut
from models.grounds import grounds, returns, unknowns, waves
from models.units import hours_text, to_ms

#: How many rows the annex has of each at most.
GROUNDS, UNKNOWNS = 16, 12


def annex(subject: Subject) -> Iterable[Section]:
    """Yield the sections of the annex; the first begins a page."""
    first = _restart(subject)
    yield Section(f"Annex · {first.title}", first.blocks, new_page=True)
    yield from (make(subject) for make in (_story, _assumptions, _not_known, _sources))


def _restart(subject: Subject) -> Section:
    world, labels = subject.world, subject.labels
    blocks: list[Block] = []
    found = waves(world, subject.outcome, subject.at_ms)
    if not found:
        blocks.append(Text(f"Nothing is lost or impaired at {hours_text(subject.at_ms)}."))
    for wave in found[:6]:
        who = names(world, sorted(wave.assets, key=lambda a: (-people_of(world, a), a)), 5)
        opening = "Hit itself, to be repaired" if wave.order == 0 else f"Then, step {wave.order}"
        blocks.append(Text(f"{opening}: {who}."))
    back = returns(world, subject.outcome)
    if back:
        told = "; ".join(f"{cut(world.label(a), 40)} at {hours_text(t)}" for t, a in back[:6])
        more = (
            f" and {len(back) - 6:,} more, the last at {hours_text(back[-1][0])}"
            if len(back) > 6
            else ""
        )
        blocks.append(Text(f"Fully back in this scenario: {told}{more}."))
    else:
        blocks.append(
            Text("Nothing comes fully back in this scenario: no repair is in it.", "note")
        )
    for lock in subject.outcome.deadlocks[:4]:
        free = " and ".join(
            f"{lower_first(labels.service(s.service))} for {cut(world.label(s.asset), 50)}"
            for s in lock.breaking
        )
        blocks.append(
            Text(
                f"Deadlock: {names(world, lock.assets, 6)} wait for each other. Emergency {free} "
                "frees them."
            )
        )
    if not subject.outcome.deadlocks:
        blocks.append(Text("No restart deadlock.", "note"))
    return Section("Restart order and deadlocks", tuple(blocks))


def _story(subject: Subject) -> Section:
    world, labels = subject.world, subject.labels
    said = [
        f"{hours_text(to_ms(e.at_h))}: {cut(event_words(world, e, labels).sentence, 120)}"
        for e in sorted(subject.scenario.events, key=lambda e: e.at_h)
    ]
    tried = [
        f"Measure: {cut(measure_words(world, m, labels), 140)}" for m in subject.scenario.measures
    ]
    shown = [*said[:14], *tried[:8]]
    left = len(said) + len(tried) - len(shown)
    blocks: list[Block] = [Bullets(tuple(shown))] if shown else [Text("Nothing happens.")]
    if left:
        blocks.append(Text(f"and {left:,} more.", "note"))
    repairs = (
        "typical repair times" if subject.scenario.repairs == "typical" else "no other repairs"
    )
    ahead = hours_text(to_ms(subject.scenario.horizon_h))
    blocks.append(Text(f"Looked {ahead} ahead, with {repairs}.", "note"))
    if subject.scenario.note:
        blocks.append(Text(cut(subject.scenario.note, MAX_TEXT), "note"))
    return Section("What happens in this scenario", tuple(blocks))


def _assumptions(subject: Subject) -> Section:
    found = grounds(subject.world, subject.outcome)
    labels = subject.labels
    if not found:
        return Section("Assumptions", (Text("No loss rests on a dependency."),))
    rows = tuple(
        (
            f"{one.losses:,}",
            cut(labels.service(one.service), 30),
            basis_of(one.origin),
            cut(_ground_words(one.origin, labels), 90),
            _reserve(one.autonomy_h),
            cut(confidence_words(one.confidence).removeprefix("confidence "), 50),
        )
        for one in found[:GROUNDS]
    )
    head = ("Losses", "Service", "Basis", "Rule", "Reserve", "Confidence")
    blocks: list[Block] = [Table("What the losses rest on", head, rows, frozenset({0}))]
    if len(found) > GROUNDS:
        blocks.append(
            Text(f"{len(found) - GROUNDS} further grounds carry fewer losses each.", "note")
        )
    return Section("Assumptions and how sure they are", tuple(blocks))


def _ground_words(origin: str, labels: Labels) -> str:
    basis = basis_of(origin)
    if basis != "inferred":
        return "stated by the data" if basis == "declared" else "assumed for this region"
    note = labels.rules.get(origin, "")
    return f"{origin}: {note}" if note else origin


def _reserve(hours: tuple[float, float]) -> str:
    low, high = (hours_text(to_ms(h)) for h in hours)
    if hours[1] <= 0:
        return "none"
    return low if low == high else f"{low} to {high}"


def _not_known(subject: Subject) -> Section:
    labels, found = subject.labels, unknowns(subject.world)
    if not found:
        return Section("Not known", (Text("Every need of this world has a known supplier."),))
    items = tuple(
        f"{labels.asset_type(one.asset_type)} ({one.assets:,}): nobody has told us who supplies "
        f"{lower_first(labels.service(one.service))}"
        + (", so their state is unknown." if one.hides_state else ".")
        for one in found[:UNKNOWNS]
    )
    more = (
        f"{len(found) - UNKNOWNS} further kinds of need are unknown."
        if len(found) > UNKNOWNS
        else ""
    )
    blocks: tuple[Block, ...] = (Bullets(items),)
    return Section("Not known", (*blocks, Text(more, "note")) if more else blocks)


def _sources(subject: Subject) -> Section:
    world = subject.world
    # some worlds say it in words already
    told = not world.snapshot_date or "data of" in world.attribution
    day = "" if told else f", data of {world.snapshot_date}"
    said = [
        f"{cut(world.attribution or 'No attribution stated', 200)}{day}. "
        f"{cut(world.licence or 'No licence stated', 80)}."
    ]
    for source in world.sources[:8]:
        parts = (source.get("title"), source.get("attribution"), source.get("licence"))
        said.append(cut(" · ".join(str(part) for part in parts if part), 220))
    said.append(
        f"Run {subject.run_id}: the same world, scenario and version of Knock-on give the same "
        "result. A model, not an observation: it says what would follow from what is assumed."
    )
    return Section("Data and run", (Bullets(tuple(said)),))

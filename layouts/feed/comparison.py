"""Comparison of futures as text: the table of options, and the changes between two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layouts.feed.payloads.comparison import Act, AssetCompared, ComparisonTable, ServiceCompared
from layouts.words import Labels, event_words, lower_first, measure_words
from models.change import ABSENT, Change
from models.change import difference as change_between
from models.impact.comparison import (
    KINDS,
    AssetDifference,
    Difference,
    Figures,
    Option,
    ServiceDifference,
    difference,
    figures,
    table,
)
from models.papers.briefing import Mark, cut
from models.scenario import HELP, Event, Measure, Scenario
from models.units import hours_text, to_ms
from models.wording import N_, _, n_, number
from models.world import World

ROWS: Mapping[str, str] = {
    "people": N_("People who lack something, at the worst moment"),
    "person_hours": N_("Person-hours of people who lack something"),
    "person_hours_many": N_("Person-hours of people who lack three services or more"),
    "special": N_("Hospitals, schools and the like affected"),
    "restored": N_("90 % of what is lost is back"),
    "down_most": N_("Assets lost or impaired, most at once"),
    "down_end": N_("Assets lost or impaired at the end"),
    "sewage_m3": N_("Sewage spilled untreated (m³)"),
    "cost_eur": N_("Cost of the measures, as far as stated (€)"),
}
NAMED = 5


def figure_rows(
    names: Sequence[str], columns: Sequence[Figures]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[tuple[int, int, Mark], ...]]:
    """Return head, rows and marks of the table over all options."""
    rows, marks = [], []
    for r, row in enumerate(table(columns)):
        cells = [_cell(row.name, value) for value in row.values]
        rows.append((_(ROWS[row.name]), *cells))
        for c in range(len(cells)):
            if c in row.best:
                marks.append((r, c + 1, "best"))
            elif c in row.worst:
                marks.append((r, c + 1, "worst"))
    return ("", *names), tuple(rows), tuple(marks)  # type: ignore[arg-type]


def _cell(name: str, value: float | None) -> str:
    if name == "restored":
        return _("never") if value is None else hours_text(to_ms(value))
    return _("not stated") if value is None else number(value)


def changes(world: World, change: Change, labels: Labels) -> list[str]:
    """Describe a change of a scenario: events, measures, settings, one line each."""

    def event(plain: Mapping[str, Any]) -> str:
        event = Event(**plain)
        sentence = event_words(world, event, labels).sentence
        return _("{what} at {at}").format(what=sentence, at=hours_text(to_ms(event.at_h)))

    def measure(plain: Mapping[str, Any]) -> str:
        return measure_words(world, Measure(**plain), labels)

    return [
        *map(event, change.came("events")),
        *(_no_longer(event(entry)) for entry in change.went("events")),
        *map(measure, change.came("measures")),
        *(_no_longer(measure(entry)) for entry in change.went("measures")),
        *_settings(change.fields),
    ]


def _no_longer(what: str) -> str:
    return _("no longer: {what}").format(what=what)


def _settings(fields: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    after = {name: value for name, (_before, value) in fields.items()}
    if "title" in after:
        title = after["title"]
        is_named = title is not ABSENT and title
        yield _("title '{title}'").format(title=title) if is_named else _("no title")
    if "horizon_h" in after:
        yield _("horizon {hours}").format(hours=hours_text(to_ms(after["horizon_h"])))
    if "repairs" in after:
        yield _("typical repairs") if after["repairs"] == "typical" else _("no repairs")


def outcome_words(world: World, change: Difference, labels: Labels) -> list[str]:
    """Describe the outcome: savings and costs of B against A, and where they are largest."""
    said = []
    saved = change.person_hours_saved
    if round(saved):
        text = _("B saves {n} person-hours.") if saved > 0 else _("B costs {n} person-hours.")
        said.append(text.format(n=number(abs(saved))))
    for service in change.services:
        people = service.peak_a - service.peak_b
        if people:
            said.append(_people_words(people, lower_first(labels.people_label(service.service))))
    kept, lost = change.count("saved"), change.count("lost")
    better, worse = change.count("better"), change.count("worse")
    counts = (
        (kept, n_("{n} kept that A loses", "{n} kept that A loses", kept)),
        (better, n_("{n} lost later or shorter", "{n} lost later or shorter", better)),
        (worse, n_("{n} lost earlier or longer", "{n} lost earlier or longer", worse)),
        (lost, n_("{n} lost that A keeps", "{n} lost that A keeps", lost)),
    )
    parts = ", ".join(text.format(n=number(n)) for n, text in counts if n)
    said.append(
        _("Assets in B: {what}.").format(what=parts) if parts else _("No asset fares differently.")
    )
    openings = (("gain", _("Who gains most: {names}.")), ("loss", _("Who loses: {names}.")))
    for kind, opening in openings:
        chosen = [
            asset
            for asset in change.assets
            if (asset.kind in ("saved", "better")) == (kind == "gain")
        ][:NAMED]
        if chosen:
            names = ", ".join(cut(world.label(item.asset), 50) for item in chosen)
            said.append(opening.format(names=names))
    return said


def _people_words(fewer: int, service: str) -> str:
    """Describe how many fewer or more people are without a service at its worst moment."""
    n = abs(fewer)
    if fewer > 0:
        text = n_(
            "{n} fewer people {service} at the worst moment.",
            "{n} fewer people {service} at the worst moment.",
            n,
        )
    else:
        text = n_(
            "{n} more people {service} at the worst moment.",
            "{n} more people {service} at the worst moment.",
            n,
        )
    return text.format(n=number(n), service=service)


#: Most assets with a different outcome that are listed.
MOST_ASSETS = 20_000


def compared_plain(world: World, options: Sequence[Option], labels: Labels) -> ComparisonTable:
    """Return options for the page: the table, and the difference of the first two."""
    names = [option.name for option in options]
    head, rows, marks = figure_rows(
        names, [figures(world, option, labels.special_types) for option in options]
    )
    a, b = options[0], options[min(1, len(options) - 1)]
    change = difference(world, a.outcome, b.outcome)
    return {
        "horizon_ms": a.outcome.horizon_ms,
        "head": list(head),
        "rows": [list(row) for row in rows],
        "marks": list(marks),
        "assets": [_asset_plain(world, asset) for asset in change.assets[:MOST_ASSETS]],
        "counts": {kind: change.count(kind) for kind in KINDS},
        "services": [_service_plain(service, labels) for service in change.services],
        "changed": changes(
            world, change_between(a.scenario.to_dict(), b.scenario.to_dict()), labels
        ),
        "outcome": outcome_words(world, change, labels),
        "acts": [_acts(world, option.scenario, labels) for option in (a, b)],
    }


def _asset_plain(world: World, asset: AssetDifference) -> AssetCompared:
    return {
        "a": world.place_of[asset.asset],
        "kind": asset.kind,
        "first_a": asset.first_a_ms,
        "first_b": asset.first_b_ms,
        "hours": round(asset.lost_a_h - asset.lost_b_h, 2),
        "person_hours": round(asset.person_hours_saved),
    }


def _service_plain(service: ServiceDifference, labels: Labels) -> ServiceCompared:
    return {
        "label": labels.service(service.service),
        "peak_a": service.peak_a,
        "peak_b": service.peak_b,
        "person_hours_a": round(service.person_hours_a),
        "person_hours_b": round(service.person_hours_b),
    }


def _acts(world: World, scenario: Scenario, labels: Labels) -> list[Act]:
    """Return the actions in a scenario, with their assets: measures, supplies and repairs."""
    said = [
        (measure.asset, _("Measure: {what}").format(what=measure_words(world, measure, labels)), 0)
        for measure in scenario.measures
    ]
    for event in scenario.events:
        if event.do in HELP and event.asset:
            words = event_words(world, event, labels).sentence
            at = to_ms(event.at_h)
            sentence = _("{what} at {at}").format(what=words, at=hours_text(at))
            said.append((event.asset, sentence, at))
    return [
        {"a": world.place_of[asset], "text": text, "t": t}
        for asset, text, t in said
        if asset in world.place_of
    ]

"""The payload of one outcome over time for the browser; its form is in ``docs/reference/page.md``.

An asset or link is named by its position in the features (``layouts/feed/features.py``); times are
milliseconds; columns instead of rows keep the picture small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from layouts.feed.columns import coded, numbers, read, table
from layouts.feed.payloads.picture import (
    Deadlock as DeadlockPayload,
)
from layouts.feed.payloads.picture import (
    Drawn,
    LinkStates,
    Loss,
    Mark,
    People,
    Picture,
    PictureHead,
    States,
    Summary,
)
from layouts.feed.payloads.tables import Column
from layouts.feed.peopled import cell_states, group_rows, people_rows, spill_row, whole_steps
from layouts.words import Labels, buffer_ends, event_words, lower_first
from models.impact.consequences import (
    delivery_course,
    lost_by_sector,
    restored_ms,
)
from models.impact.environment import known_spill
from models.impact.people import Lacking, distinct_people
from models.impact.settlement import EVERYBODY
from models.outcome import STATES, Deadlock, Outcome, State, StateChange, TraceRow
from models.rights.need_to_know import covered
from models.scenario import Scenario
from models.units import to_ms
from models.wording import _
from models.world import Group, Link, World

Steps = Sequence[tuple[int, float]]

CODE: Mapping[State, int] = {state: code for code, state in enumerate(STATES)}
LINK_WORKING, LINK_HIT, LINK_DARK = range(3)


def picture(
    world: World,
    scenario: Scenario,
    outcome: Outcome,
    labels: Labels,
    lacking: Mapping[str, Lacking] | None = None,
    spilled: Steps | None = None,
) -> Drawn:
    """Return one outcome over time. Who it belongs to is added by :func:`addressed`.

    Parameters
    ----------
    world, scenario
        What ran.
    outcome
        What came of it.
    labels
        The page's words.
    lacking
        Who lacks something, by group, where ``world`` and ``outcome`` are only what somebody may
        see: sums are told of the whole, cells of what may be seen.
    spilled
        Likewise the people whose sewage is spilled; read only with ``lacking``.
    """
    index = world.place_of
    if lacking is None:
        lacking, spilled = distinct_people(world, outcome), known_spill(world, outcome)
    groups = dict(lacking)
    without = groups.pop(EVERYBODY)
    people = people_rows(world, without, labels)
    return {
        "scenario": None,
        "rev": 0,
        "horizon_ms": outcome.horizon_ms,
        "states": _states(outcome, index),
        "links": _links(world, outcome),
        "people": people,
        "lacking": [whole_steps(course) for course in without.courses],
        "at_least": None if without.at_least is None else whole_steps(without.at_least),
        "groups": group_rows(world, groups),
        "spill": spill_row(world, spilled, outcome.horizon_ms),
        "cells": cell_states(world, outcome, [person["service"] for person in people]),
        "losses": _losses(world, outcome, index, labels),
        "marks": _marks(world, scenario, labels),
        "deadlocks": [_deadlock(world, lock, index, labels) for lock in outcome.deadlocks],
        "summary": _summary(world, outcome, index, people),
    }


def addressed(drawn: Picture, scenario_id: str | None, rev: int) -> Picture:
    """Return a picture under the id and revision of its scenario; viewers share the rest."""
    return {**drawn, "scenario": scenario_id, "rev": rev}


def packed(drawn: Drawn) -> Picture:
    """Return a picture as it travels: its long tables as columns."""
    states, links, losses = drawn["states"], drawn["links"], drawn["losses"]
    cells = drawn["cells"]
    return {
        **_head(drawn),
        "states": {
            "t": coded(states["t"]),
            "s": coded(states["s"]),
            "d": coded(states["d"]),
            "l": coded(states["l"]),
            "v": coded(states["v"]),
            "a": numbers(np.array(states["a"], dtype=np.int64)),
        },
        "links": {"t": coded(links["t"]), "k": coded(links["k"]), "s": coded(links["s"])},
        "losses": {
            "t": coded(loss["t"] for loss in losses),
            "a": coded(loss["a"] for loss in losses),
            "kind": coded(loss["kind"] for loss in losses),
            "state": coded(loss["state"] for loss in losses),
            "text": coded(loss["text"] for loss in losses),
            "people_total": coded(loss["people_total"] for loss in losses),
        },
        "cells": {
            "t": coded(cells["t"]),
            "c": numbers(np.array(cells["c"], dtype=np.int64)),
            "s": coded(cells["s"]),
            "n": coded(cells["n"]),
        },
    }


def unpacked(sent: Picture) -> Drawn:
    """Return a packed picture as :func:`picture` made it."""
    states, links = sent["states"], sent["links"]
    return {
        **_head(sent),
        "states": {
            "t": read(states["t"]),
            "a": read(states["a"]),
            "s": read(states["s"]),
            "d": read(states["d"]),
            "l": read(states["l"]),
            "v": read(states["v"]),
        },
        "links": {"t": read(links["t"]), "k": read(links["k"]), "s": read(links["s"])},
        "losses": cast("list[Loss]", table(cast("Mapping[str, Column[Any]]", sent["losses"]))),
        "cells": {
            "t": read(sent["cells"]["t"]),
            "c": read(sent["cells"]["c"]),
            "s": read(sent["cells"]["s"]),
            "n": read(sent["cells"]["n"]),
        },
    }


def _head(picture: PictureHead) -> PictureHead:
    """Return all of a picture but its long tables."""
    return {
        "scenario": picture["scenario"],
        "rev": picture["rev"],
        "horizon_ms": picture["horizon_ms"],
        "people": picture["people"],
        "lacking": picture["lacking"],
        "at_least": picture["at_least"],
        "groups": picture["groups"],
        "spill": picture["spill"],
        "marks": picture["marks"],
        "deadlocks": picture["deadlocks"],
        "summary": picture["summary"],
    }


def _states(outcome: Outcome, index: Mapping[str, int]) -> States:
    rows = sorted(
        (change.t_ms, index[asset_id], order, change)
        for asset_id, changes in outcome.states.items()
        if asset_id in index
        for order, change in enumerate(changes)
    )
    changes = [change for *_, change in rows]
    return {
        "t": [change.t_ms for change in changes],
        "a": [place for _, place, *_ in rows],
        "s": [CODE[_drawn(change)] for change in changes],
        "d": [-1 if change.deadline_ms is None else change.deadline_ms for change in changes],
        "l": [round(change.level, 4) for change in changes],
        "v": [round(change.delivered, 4) for change in changes],
    }


def _drawn(change: StateChange) -> State:
    """Return the state to draw: a deadlock's own members stand out from all who wait for them.

    The engine calls everything stuck that cannot come back by itself. On a map that would colour
    a whole town like the few assets that somebody has to start.
    """
    if change.state != "stuck" or change.locked:
        return change.state
    return "failed-cascade" if change.delivered <= 0 else "degraded"


def at(steps: Steps, t_ms: int, before: float = 1.0) -> float:
    """Return the value of a step function at a time; ``before`` until its first step."""
    value = before
    for t, level in steps:
        if t > t_ms:
            break
        value = level
    return value


def _links(world: World, outcome: Outcome) -> LinkStates:
    rows: list[tuple[int, int, int]] = []
    for link_id in _touched_links(world, outcome):
        k, shown = world.link_place_of[link_id], LINK_WORKING
        for t, state in _link_steps(world.links[link_id], outcome):
            if state != shown:
                rows.append((t, k, state))
                shown = state
    rows.sort()
    return {"t": [r[0] for r in rows], "k": [r[1] for r in rows], "s": [r[2] for r in rows]}


def _touched_links(world: World, outcome: Outcome) -> set[str]:
    """Return the links that were hit, or at whose ends a delivery ever fell."""
    ends = (world.links_at.get(pair, ()) for pair in outcome.delivery)
    return set(outcome.link_hits).union(*ends)


def _link_steps(link: Link, outcome: Outcome) -> list[tuple[int, int]]:
    """Return the link's states: hit, or dark where neither end gets what it carries."""
    hits = outcome.link_hits.get(link.link_id, ())
    ends = [outcome.delivery.get((end, link.service), ()) for end in (link.from_id, link.to_id)]
    moments = sorted({t for steps in (hits, *ends) for t, _ in steps})

    def state(t: int) -> int:
        if at(hits, t) <= 0:
            return LINK_HIT
        return LINK_DARK if all(at(steps, t) <= 0 for steps in ends) else LINK_WORKING

    return [(t, state(t)) for t in moments]


# -------------------------------------------------------------------- losses


def _losses(world: World, outcome: Outcome, index: Mapping[str, int], labels: Labels) -> list[Loss]:
    falls: dict[tuple[int, int], TraceRow] = {}
    for row in outcome.trace:
        place = None if row.asset is None else index.get(row.asset)
        if place is None or row.after >= row.before:
            continue
        kept = falls.setdefault((row.t_ms, place), row)
        # the row of its own level tells more than that of a delivery
        if kept.service is not None and row.service is None:
            falls[row.t_ms, place] = row
    words = _LossWords(world, labels)
    losses: list[Loss] = []
    for (t_ms, place), row in falls.items():
        shown = _fallen_to(outcome, str(row.asset), t_ms)
        if shown is None:
            continue
        people = _newly_without(world, outcome, str(row.asset), t_ms)
        losses.append(
            {
                "t": t_ms,
                "a": place,
                "kind": row.kind,
                "state": CODE[_drawn(shown)],
                "text": words.of(row),
                # a person without two services is one person: the largest, not the sum
                "people_total": max(people.values(), default=0),
            }
        )
    return sorted(losses, key=lambda loss: (loss["t"], -loss["people_total"], loss["a"]))


def _fallen_to(outcome: Outcome, asset_id: str, t_ms: int) -> StateChange | None:
    """Return what a fall leads to; None where people notice nothing.

    What already delivers nothing cannot be lost a second time.
    """
    before, shown = 1.0, None
    for change in outcome.states.get(asset_id, ()):
        if change.t_ms > t_ms:
            break
        if change.t_ms < t_ms:
            before = change.delivered
        shown = change
    return shown if shown is not None and shown.delivered < before else None


def _newly_without(world: World, outcome: Outcome, asset_id: str, t_ms: int) -> dict[str, int]:
    assets = {}
    for area in world.people_of.get(asset_id, ()):
        steps = delivery_course(outcome, asset_id, area.service)
        earlier = [step for step in steps if step[0] < t_ms]
        lost = round(area.people * (at(earlier, t_ms) - at(steps, t_ms)))
        if lost > 0:
            assets[area.service] = lost
    return assets


class _LossWords:
    """Why something fell, in a few words; of very many losses most have equal words."""

    def __init__(self, world: World, labels: Labels) -> None:
        self._world, self._labels = world, labels
        self._said: dict[tuple[object, ...], str] = {}

    def of(self, row: TraceRow) -> str:
        group = self._world.groups.get(row.group or "")
        # only the end of a reserve is described by what the group itself has
        need = row.group if row.kind == "autonomy" else group and group.service
        key = (row.kind, row.after, row.service, need)
        if key not in self._said:
            self._said[key] = _loss_text(group, row, self._labels)
        return self._said[key]


def _loss_text(group: Group | None, row: TraceRow, labels: Labels) -> str:
    if row.kind in ("direct", "common-cause"):
        share = round(100 * row.after)
        return _("hit") if share <= 0 else _("hit, down to {share} %").format(share=share)
    if row.service is not None:
        service = lower_first(labels.service(row.service))
        return _("no {service} arrives").format(service=service)
    if group is None:
        return _("lost")
    if row.kind == "autonomy":
        return buffer_ends(group, labels)
    return _("no {service}").format(service=lower_first(labels.service(group.service)))


# ----------------------------------------------------- marks, locks, summary


def _marks(world: World, scenario: Scenario, labels: Labels) -> list[Mark]:
    marks: list[Mark] = [
        {"t": to_ms(event.at_h), "text": event_words(world, event, labels).sentence, "event": i}
        for i, event in enumerate(scenario.events)
    ]
    return sorted(marks, key=lambda mark: (mark["t"], mark["event"]))


def _deadlock(
    world: World, lock: Deadlock, index: Mapping[str, int], labels: Labels
) -> DeadlockPayload:
    unseen = [covered(lock.unseen)] if lock.unseen else []
    names = ", ".join([*(world.label(a) for a in lock.assets), *unseen])
    supplies = _(" and ").join(
        _("{service} for {name}").format(
            service=lower_first(labels.service(s.service)), name=world.label(s.asset)
        )
        for s in lock.breaking
    )
    way_out = ""
    # a part of the supplies alone frees no asset
    if supplies and not unseen:
        text = _("Emergency {supplies} frees them.")
        if not lock.smallest:
            text = _("At most this is needed: emergency {supplies}.")
        way_out = " " + text.format(supplies=supplies)
    if not lock.searched:
        way_out = " " + _("What would free them was not searched for: too many combinations.")
    return {
        "assets": [index[a] for a in lock.assets if a in index],
        "text": _("{names} wait for each other: none can start first.").format(names=names)
        + way_out,
        "break": [
            {"a": index[s.asset], "service": s.service} for s in lock.breaking if s.asset in index
        ],
        "searched": lock.searched,
    }


def _summary(
    world: World, outcome: Outcome, index: Mapping[str, int], people: Sequence[People]
) -> Summary:
    counts = lost_by_sector(world, outcome).values()
    return {
        "direct": sum(count.direct for count in counts),
        "indirect": sum(count.indirect for count in counts),
        "unknown": len(world.hidden & index.keys()) if world.hidden else 0,
        "people_peak": max((person["peak"] for person in people), default=0),
        "restored_90_ms": restored_ms(outcome),
    }

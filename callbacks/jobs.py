"""What a worker process does. It holds one world; questions come as the text of a scenario."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from layouts.picture import packed, picture
from layouts.words import Labels, lower_first
from models import explain
from models.cascade.engine import prepare, run
from models.exercise import debrief, predictions, situation
from models.explain import Explanation
from models.outcome import Outcome
from models.savings import Saving, saving_changes
from models.scenario import Scenario
from models.units import to_hours
from models.what_if import Extra, Things, candidates, extras
from models.world import World

#: What a knock-out takes: assets, people, person-hours.
Row = tuple[int, int, float]


class _Held:
    """The one thing that a worker keeps: set once at its start, then only read."""

    world: World
    labels: Labels


def hold(world: World, labels: Labels) -> None:
    """Keep the world for all questions to come."""
    _Held.world, _Held.labels = world, labels
    for kept in (_outcome, _singles, _candidates):
        kept.cache_clear()


def packed_for_workers(world: World, labels: Labels) -> bytes:
    """Return what a worker holds, as bytes; a large world takes seconds."""
    with no_collecting():
        return pickle.dumps((world, labels), protocol=pickle.HIGHEST_PROTOCOL)


def begin(held: bytes) -> None:
    """Begin a worker process, which ends with the web process."""
    # Ctrl-C is for the web process, which then ends its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with no_collecting():
        hold(*pickle.loads(held))  # noqa: S301  our own bytes, see packed_for_workers


@contextmanager
def no_collecting() -> Iterator[None]:
    """Keep the garbage collector away while millions of lasting objects are made, and from them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _end_with_parent() -> None:
    """End at once when the web process is gone; nobody would ever ask this worker again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def ready() -> bool:
    """Answer, to show that the worker has started and its engine stands by."""
    prepare(_Held.world)
    run(_Held.world, Scenario(_Held.world.world_id))
    return True


def draw(form: str) -> dict[str, Any]:
    """Return the picture of a scenario."""
    scenario, outcome = _outcome(form)
    return packed(picture(_Held.world, scenario, outcome, _Held.labels))


def drawn(world: World, labels: Labels, form: str) -> dict[str, Any]:
    """Return the picture of a scenario of a world that no worker holds."""
    scenario = Scenario.from_dict(json.loads(form))
    return packed(picture(world, scenario, run(world, scenario), labels))


def why(form: str, asset_id: str, at_ms: str) -> Explanation:
    """Explain one asset of a scenario at an hour."""
    _, outcome = _outcome(form)
    return explain.why(_Held.world, outcome, asset_id, int(at_ms), _words)


def savings(form: str, asset_id: str) -> tuple[Saving, ...]:
    """Return what would have kept one asset; this runs the engine many times."""
    scenario, outcome = _outcome(form)
    feeders = _Held.labels.feeder_types
    return saving_changes(_Held.world, scenario, outcome, asset_id, _words, feeders)


def _words(service: str) -> str:
    return lower_first(_Held.labels.service(service))


@lru_cache(maxsize=16)
def _outcome(form: str) -> tuple[Scenario, Outcome]:
    scenario = Scenario.from_dict(json.loads(form))
    return scenario, run(_Held.world, scenario)


def taken(form: str, at_ms: str, names: str) -> list[Row]:
    """Return what each of these candidates takes beyond the scenario: assets, people, hours.

    ``names`` are ids of ``what_if.candidates`` as a JSON list.
    """
    scenario, known = Scenario.from_dict(json.loads(form)), _candidates()
    hits = [known[name] for name in json.loads(names)]
    found = extras(_Held.world, scenario, hits, to_hours(int(at_ms)))
    return [(len(one.lost), one.people, one.person_hours) for one in found]


def taken_by_pairs(form: str, at_ms: str, asset: str) -> list[tuple[str, Row, Row]]:
    """Return for each later asset what it and ``asset`` take together, and what neither alone."""
    scenario, at_h = Scenario.from_dict(json.loads(form)), to_hours(int(at_ms))
    alone = _singles(form, at_ms)
    others = [other for other in alone if other > asset]
    hits = [Things((asset, other)) for other in others]
    found = []
    for other, both in zip(others, extras(_Held.world, scenario, hits, at_h), strict=True):
        one, two = alone[asset], alone[other]
        only = (
            len(both.lost - one.lost - two.lost),
            max(0, both.people - one.people - two.people),
            max(0.0, both.person_hours - one.person_hours - two.person_hours),
        )
        found.append((other, (len(both.lost), both.people, both.person_hours), only))
    return found


def fallen(form: str, from_h: str, until_h: str) -> list[tuple[str, float, float]]:
    """Return what fails in a window: asset, hour, person-hours of those it serves."""
    _, outcome = _outcome(form)
    found = predictions.falls(_Held.world, outcome, float(from_h), float(until_h))
    return [(fall.asset, fall.at_h, fall.person_hours) for fall in found]


def toll(form: str) -> debrief.Toll:
    """Return what a scenario costs up to its horizon."""
    return debrief.toll(_Held.world, _outcome(form)[1])


def report(form: str, at_h: str) -> dict[str, Any]:
    """Return how things stand at an hour: assets by sector, people by service."""
    return situation.situation(_Held.world, _outcome(form)[1], float(at_h))


@lru_cache(maxsize=2)
def _singles(form: str, at_ms: str) -> dict[str, Extra]:
    scenario = Scenario.from_dict(json.loads(form))
    hits = {name: hit for name, hit in _candidates().items() if hit.assets == (name,)}
    found = extras(_Held.world, scenario, hits.values(), to_hours(int(at_ms)))
    return dict(zip(hits, found, strict=True))


@lru_cache(maxsize=1)
def _candidates() -> dict[str, Things]:
    return candidates(_Held.world)

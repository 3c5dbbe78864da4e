"""Jobs of a worker process. It holds one world; requests contain a scenario as text."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from layouts.feed.comparison import compared_plain
from layouts.feed.payloads.comparison import ComparisonTable
from layouts.feed.payloads.picture import Picture
from layouts.feed.picture import packed, picture
from layouts.paper.outgoing import Order, Papers, Warn
from layouts.paper.subject import Subject
from layouts.words import Labels, lower_first
from models.access import LABELS, Tlp
from models.cascade.once import run_once
from models.cascade.timed.engine import run
from models.cascade.timed.prepared import prepare
from models.criticality.what_if import Baseline, Extra, Things, candidates
from models.errors import BadInputError
from models.exercise import debrief, predictions, situation
from models.explain import why as explain
from models.explain.causes import Case
from models.explain.savings import Saving, saving_changes
from models.explain.why import Explanation
from models.impact.comparison import options_of, without_help
from models.impact.settlement import EVERYBODY
from models.outcome import Outcome
from models.papers.briefing import Briefing
from models.rights.need_to_know import WHOLE, Seen
from models.rights.public_map import CoarseMap, Limits, public_map
from models.rights.views import view
from models.scenario import Scenario
from models.units import to_hours
from models.wording import ENGLISH, Language, speaking, spoken
from models.world import World
from usecases.ports import Strike

#: Cost of a knock-out: assets, people, person-hours.
Row = tuple[int, int, float]


#: Garbage collection thresholds of a worker. An outcome is some ten thousand cached objects without
#: reference cycles: with its default thresholds the collector would scan all of them during every
#: other answer.
COLLECT_AFTER = (100_000, 20, 100)
#: a worker for what takes seconds weighs a third of one that answers clicks
SLOW_NICE = 5


def unstruck(scenario: Scenario, world: World) -> Scenario:
    """Return the scenario as it is: for worlds without hazards."""
    del world
    return scenario


#: In the text of a scenario, what changes with the files of its fields: kept answers are by it.
MARK = "fields_mark"


@dataclass(frozen=True)
class WorkerData:
    """What every worker holds: the whole world, the page's words, who writes files, languages.

    Without ``papers`` no files are written; ``languages`` are by code. ``strike`` finds what the
    hazards of a scenario hit.
    """

    world: World
    labels: Labels
    papers: Papers | None = None
    languages: Mapping[str, Language] = field(default_factory=dict)
    strike: Strike = unstruck


class _WorkerState:
    """State of a worker: set once at its start, then read-only."""

    data: WorkerData


def hold(data: WorkerData) -> None:
    """Keep this for all questions to come."""
    _WorkerState.data = data
    for kept in (_outcome, _base, _singles, _candidates, _seen_in, _case):
        kept.cache_clear()


def packed_for_workers(data: WorkerData) -> bytes:
    """Return the data as bytes; a large world takes seconds."""
    # a fresh copy has no cached indexes: workers make those that they need
    fresh = replace(data, world=replace(data.world))
    with no_collecting():
        return pickle.dumps(fresh, protocol=pickle.HIGHEST_PROTOCOL)


def begin(held: bytes, *, yields: bool = False) -> None:
    """Begin a worker process, which ends with the web process.

    ``yields``: the web process and quick answers go before it where a processor is short.
    """
    if yields and hasattr(os, "nice"):
        os.nice(SLOW_NICE)
    # Ctrl-C is for the web process, which then ends its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(*COLLECT_AFTER)
    with no_collecting():
        hold(pickle.loads(held))  # noqa: S301  our own bytes, see packed_for_workers


@contextmanager
def no_collecting() -> Iterator[None]:
    """Disable garbage collection while millions of lasting objects are made, and freeze them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _end_with_parent() -> None:
    """Exit when the web process has ended: this worker would get no more requests."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def ready() -> bool:
    """Answer, to show that the worker has started and its engine is ready."""
    with no_collecting():
        prepare(_WorkerState.data.world)
        run(_WorkerState.data.world, Scenario(_WorkerState.data.world.world_id))
    return True


def in_language(language: str, job: Callable[..., Any], *arguments: str) -> Any:
    """Do a job; the texts in its answer are in the language with this code.

    Parameters
    ----------
    language
        Code of the language.
    job
        The function to call.
    arguments
        Its arguments.
    """
    with speaking(_WorkerState.data.languages.get(language, ENGLISH)):
        return job(*arguments)


def draw(form: str, clearance: Tlp) -> Picture:
    """Return the picture of a scenario as a user with this clearance may see it."""
    return _picture(_seen(clearance), *_outcome(form), _WorkerState.data.labels)


def drawn(world: World, labels: Labels, form: str) -> Picture:
    """Return the whole picture of a scenario in a world that no worker holds.

    Parameters
    ----------
    world
        The world, instead of the one that the worker holds.
    labels
        The page's words.
    form
        The scenario as canonical JSON.
    """
    scenario = Scenario.from_dict(_unmarked(json.loads(form)))
    return _picture(view(world, WHOLE), scenario, run_once(world, scenario), labels)


def _picture(seen: Seen, scenario: Scenario, outcome: Outcome, labels: Labels) -> Picture:
    redacted, mine = seen.outcome(outcome), seen.scenario(scenario)
    told = seen.people_lacking(outcome), seen.sewage_spilled(outcome)
    return packed(picture(seen.world, mine, redacted, labels, *told))


def for_all(form: str, limits: str) -> CoarseMap:
    """Return the safe public map of a scenario; ``limits`` are those of the map, as JSON."""
    seen, (_, outcome) = _seen(LABELS[0]), _outcome(form)
    return public_map(seen.world, outcome, Limits(**json.loads(limits)))


def why(form: str, asset_id: str, at_ms: str, clearance: Tlp) -> Explanation:
    """Explain one asset of a scenario at an hour.

    Parameters
    ----------
    form
        The scenario as canonical JSON.
    asset_id
        Id of the asset.
    at_ms
        The hour in question, in milliseconds after the start.
    clearance
        Clearance of the user: the answer contains nothing above it.
    """
    seen = _seen(clearance)
    case = _case(form, clearance, spoken().code)
    return seen.explanation(explain.why(case, asset_id, int(at_ms), seen.words(_words)))


def savings(form: str, asset_id: str, clearance: Tlp) -> tuple[Saving, ...]:
    """Return the changes that would have kept one asset; this runs the engine many times.

    Parameters
    ----------
    form
        The scenario as canonical JSON.
    asset_id
        Id of the asset.
    clearance
        Clearance of the user: the answer contains nothing above it.
    """
    case, labels = Case(_WorkerState.data.world, *_outcome(form)), _WorkerState.data.labels
    changes = saving_changes(case, asset_id, _words, labels.feeder_types, labels.is_possible)
    return _seen(clearance).savings(changes)


@lru_cache(maxsize=4)
def _case(form: str, clearance: Tlp, language: str) -> Case:
    seen = _seen_in(clearance, language)
    return Case(
        _WorkerState.data.world, *_outcome(form), shown=None if seen.is_whole else seen.veiled
    )


def _words(service: str) -> str:
    return lower_first(_WorkerState.data.labels.service(service))


def _seen(clearance: Tlp) -> Seen:
    return _seen_in(clearance, spoken().code)


@lru_cache(maxsize=8 * len(LABELS))
def _seen_in(clearance: Tlp, _language: str) -> Seen:
    # the label of redacted things depends on the language
    return view(_WorkerState.data.world, clearance)


@lru_cache(maxsize=16)
def _outcome(form: str) -> tuple[Scenario, Outcome]:
    scenario = _scenario(json.loads(form))
    return scenario, run(_WorkerState.data.world, scenario)


def _scenario(plain: Mapping[str, Any]) -> Scenario:
    """Return a scenario of a plain form; its hazards know what they hit."""
    return _WorkerState.data.strike(Scenario.from_dict(_unmarked(plain)), _WorkerState.data.world)


def _unmarked(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a scenario's plain form without the mark of its fields."""
    return {key: value for key, value in plain.items() if key != MARK}


def extras(form: str, at_ms: str, names: str, clearance: Tlp) -> list[Row]:
    """Return the additional losses of each candidate: assets, people, person-hours.

    ``names`` are ids of ``what_if.candidates`` as a JSON list.

    Parameters
    ----------
    form
        The scenario as canonical JSON.
    at_ms
        The hour in question, in milliseconds after the start.
    names
        Ids of the candidates.
    clearance
        Clearance of the user: the answer contains nothing above it.
    """
    base, candidates = _base(form, at_ms, clearance), _candidates(clearance)
    return [_row(base.beyond(candidates[name])) for name in json.loads(names)]


def extra_pairs(form: str, at_ms: str, asset: str, clearance: Tlp) -> list[tuple[str, Row, Row]]:
    """Return for each later asset its cost together with ``asset``, and the part of neither alone.

    Parameters
    ----------
    form
        The scenario as canonical JSON.
    at_ms
        The hour in question, in milliseconds after the start.
    asset
        Id of the first asset.
    clearance
        Clearance of the user: the answer contains nothing above it.
    """
    base, alone = _base(form, at_ms, clearance), _singles(form, at_ms, clearance)
    alone_lost = alone[asset]
    pairs = []
    for other, two in alone.items():
        if other <= asset:
            continue
        both = base.beyond(Things((asset, other)))
        only = (
            len(np.setdiff1d(both.lost, np.concatenate([alone_lost.lost, two.lost]))),
            max(0, both.people - alone_lost.people - two.people),
            max(0.0, both.person_hours - alone_lost.person_hours - two.person_hours),
        )
        pairs.append((other, _row(both), only))
    return pairs


def _row(extra: Extra) -> Row:
    return len(extra.lost), extra.people, extra.person_hours


@lru_cache(maxsize=2)
def _base(form: str, at_ms: str, clearance: Tlp) -> Baseline:
    """Return the scenario, solved up to an hour; only visible things count."""
    scenario, seen = _scenario(json.loads(form)), _seen(clearance)
    shown = None if seen.is_whole else seen.world.assets.keys()
    return Baseline(_WorkerState.data.world, scenario, to_hours(int(at_ms)), shown, seen.services)


@lru_cache(maxsize=2)
def _singles(form: str, at_ms: str, clearance: Tlp) -> dict[str, Extra]:
    base = _base(form, at_ms, clearance)
    alone = ((name, hit) for name, hit in _candidates(clearance).items() if hit.assets == (name,))
    return {name: base.beyond(hit) for name, hit in alone}


@lru_cache(maxsize=len(LABELS))
def _candidates(clearance: Tlp) -> dict[str, Things]:
    return candidates(_seen(clearance).world)


def fallen(form: str, from_h: str, until_h: str) -> list[tuple[str, float, float]]:
    """Return the failures in a window: asset, hour, person-hours of those it serves.

    Parameters
    ----------
    form
        The scenario as canonical JSON.
    from_h
        Start of the window, in hours.
    until_h
        End of the window, in hours.
    """
    _, outcome = _outcome(form)
    falls = predictions.falls(_WorkerState.data.world, outcome, float(from_h), float(until_h))
    return [(fall.asset, fall.at_h, fall.person_hours) for fall in falls]


def toll(form: str) -> debrief.Toll:
    """Return the consequences of a scenario up to its horizon."""
    return debrief.toll(_WorkerState.data.world, _outcome(form)[1])


def report(form: str, at_h: str, clearance: Tlp) -> situation.Situation:
    """Return the situation at an hour, as a user with this clearance may see it.

    Parameters
    ----------
    form
        The scenario as canonical JSON.
    at_h
        The hour in question.
    clearance
        Clearance of the user: the answer contains nothing above it.
    """
    seen, outcome = _seen(clearance), _outcome(form)[1]
    people = seen.people_lacking(outcome)[EVERYBODY]
    return situation.situation(seen.world, seen.outcome(outcome), people, float(at_h))


# --- files, and comparison of futures ----------------------------------------------------------


def made(form: str, text: str) -> bytes:
    """Return one kind of file about a scenario; ``text``: the request of ``leaving.py`` as JSON."""
    request = json.loads(text)
    scenario, outcome = _outcome(form)
    papers = _writer()
    run_id = papers.run_id(_WorkerState.data.world, scenario)
    about = (
        _WorkerState.data.world,
        scenario,
        outcome,
        _WorkerState.data.labels,
        request["at_ms"],
        run_id,
    )
    subject = Subject(*about, label=request["label"], made=request["made"])
    others = [(name, _scenario(plain)) for name, plain in request["others"]]
    return Order(subject, papers, Warn(**request["warn"]), others).made(request["kind"])


def written(paper: Briefing) -> bytes:
    """Return a paper as tagged PDF."""
    return _writer().briefing(paper, "pdf")


def _writer() -> Papers:
    if _WorkerState.data.papers is None:
        raise BadInputError(["Briefings cannot be written here: no writer was set up."])
    return _WorkerState.data.papers


def compared(options: str) -> ComparisonTable:
    """Return options side by side; ``options`` are [name, plain scenario, how] as JSON."""
    named = [
        (name, without_help(scenario) if how == "bare" else scenario)
        for name, plain, how in json.loads(options)
        for scenario in [_scenario(plain)]
    ]
    return compared_plain(
        _WorkerState.data.world,
        options_of(_WorkerState.data.world, named),
        _WorkerState.data.labels,
    )


#: jobs with the same answer in every language
WORDLESS = frozenset({for_all, extras, extra_pairs, fallen, toll, written})

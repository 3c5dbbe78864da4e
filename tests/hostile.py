"""Payloads of an attacker: calls of callbacks, valid ones and corrupted ones.

A sound call names what the tiny world has, so that it gets as far as a call of the page; a spoilt
one has some of its parts replaced, dropped or added to, at any depth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from layouts import ids

#: placeholder for the newest revision, which is known only when a call is sent
NEWEST = "@newest"
#: texts that have broken programs before
_NASTY = [
    "", " ", "\x00", "\ud800", "\u202e", "\ufeff", "a" * 300, "../../etc/passwd", "%00", "{}",
    "__proto__", "constructor", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "${7*7}",
    "=1+1", "null", "NaN", "1e999", "🏭" * 60, "grid\n", "GRID", "grid ",
]  # fmt: skip
_NUMBERS = [
    0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**63), 10**40, 0.5, -0.0, 1e-320, 1e308, 1e999,
    float("nan"), float("-inf"),
]  # fmt: skip
NAMES = ["grid", "works", "plant", "clinic", "line", "night", "works-power", "drinking water"]

_texts = st.sampled_from([*_NASTY, *NAMES]) | st.text(max_size=12)
_scalars = st.none() | st.booleans() | st.sampled_from(_NUMBERS) | st.integers() | _texts
anything = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)


def weighed(choices: list[st.SearchStrategy]) -> st.SearchStrategy:
    """Return one of these, each as often as it is there; ``one_of`` would see through them."""
    return st.sampled_from(range(len(choices))).flatmap(lambda n: choices[n])


# --- what the page sends ---------------------------------------------------------------------

_hours = st.sampled_from([0, 0.5, 3, 24.0, 48, 87_600, 1e-9]) | st.floats(0, 100)
_assets = st.lists(st.sampled_from(["grid", "works", "plant", "clinic"]), min_size=1, max_size=3)
_services = st.sampled_from(["electricity", "drinking water", "acute care", "fuel"])
_names = st.sampled_from(NAMES)


def _form(do: str, needed: Mapping[str, Any], may: Mapping[str, Any] = {}) -> st.SearchStrategy:
    return st.fixed_dictionaries({"do": st.just(do), **needed}, optional=may)


_event = {"asset": _names, "link": _names, "to": st.floats(0, 1), "service": _services}
_event |= {"until_h": _hours, "p": st.floats(0.01, 1), "note": _texts}
_kinds = st.sampled_from(["fail", "degrade", "repair", "supply"])
_events = st.fixed_dictionaries({"at_h": _hours, "do": _kinds}, optional=_event)
_measures = st.fixed_dictionaries(
    {
        "do": st.sampled_from(["add_autonomy", "add_supplier", "add_source"]),
        "asset": _names,
        "service": _services,
    },
    optional={"hours": _hours, "supplier": _names, "supply": _hours, "note": _texts},
)
_places = st.sampled_from([0, 1, 2, 499])
_links = st.lists(st.sampled_from(["line", "grid"]), max_size=2)


def actions(options: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return changes as the page makes them; ``options`` are ids of scenarios."""
    named = {"id": st.sampled_from(options)}
    forms = [
        _form("fail", {"assets": _assets}, {"links": _links, "at_h": _hours}),
        _form("repair", {"assets": _assets}, {"links": _links, "at_h": _hours}),
        _form("degrade", {"assets": _assets, "to": st.floats(0, 1)}, {"at_h": _hours}),
        _form("supply", {"assets": _assets, "service": _services}, {"until_h": _hours}),
        _form("edit_event", {"index": _places, "event": _events}),
        _form("remove_event", {"index": _places}),
        _form("add_measure", {"measure": _measures}),
        _form("remove_measure", {"index": _places}),
        _form("settings", {}, {"horizon_h": _hours, "title": _texts}),
        _form("undo", {}),
        _form("redo", {}),
        _form("new", {}),
        _form("open_ready", {"name": st.sampled_from(["night", "day"])}),
        _form("branch", {"name": _texts}),
        _form("open_option", named),
        _form("delete_option", named),
        _form("restore_option", named),
    ]
    revisions = st.sampled_from([NEWEST, NEWEST, NEWEST, 0, 1, 2])
    more = st.fixed_dictionaries({"base_rev": revisions}, optional={"nonce": _texts})
    return st.tuples(st.one_of(forms), more).map(lambda pair: pair[0] | pair[1])


def values(scenarios: list[str]) -> dict[str, st.SearchStrategy]:
    """Return what the page sends of each of its stores, by id and property."""
    shown = st.sampled_from([scenarios[0]] * 5 + [*scenarios, None])
    stored = st.fixed_dictionaries({"id": shown, "rev": st.sampled_from([NEWEST, 1, 2, 999])})
    return {
        f"{ids.SCENARIO}.data": stored,
        f"{ids.ACTION}.data": actions(scenarios),
        f"{ids.SELECTION}.data": st.fixed_dictionaries({"assets": _assets}),
        f"{ids.CLOCK}.data": st.fixed_dictionaries({"t_ms": st.integers(0, 10**9)}),
        f"{ids.GRAPH_MODE}.data": st.sampled_from(["neighbourhood", "affected", "sectors"]),
        f"{ids.GRAPH_STEPS}.data": st.integers(1, 6),
        f"{ids.LOCATION}.search": st.sampled_from([f"?s={scenarios[0]}&t=3", "", "?s=", "?s=%00"]),
        f"{ids.WHY_SAVED}.data-asked": st.sampled_from(["abcdefghijkl:1", "x" * 12 + ":9"]),
    }


def well_formed(
    callback_map: Mapping[str, Mapping[str, Any]], scenarios: list[str]
) -> st.SearchStrategy[dict[str, Any]]:
    """Return calls of every callback in Dash's form, with sound values and others."""
    strategies = values(scenarios)

    def call(name: str) -> st.SearchStrategy[dict[str, Any]]:
        declared = callback_map[name]
        several = isinstance(declared["output"], list)
        outputs = declared["output"] if several else [declared["output"]]
        targets = [
            {"id": output.component_id, "property": output.component_property.split("@")[0]}
            for output in outputs
        ]
        first = declared["inputs"][0]
        return st.fixed_dictionaries(
            {
                "output": st.just(name),
                "outputs": st.just(targets if name.startswith("..") else targets[0]),
                "inputs": st.tuples(*[_part(input_, strategies) for input_ in declared["inputs"]]),
                "state": st.tuples(*[_part(input_, strategies) for input_ in declared["state"]]),
                "changedPropIds": st.just([f"{first['id']}.{first['property']}"]),
            }
        )

    names = [name for name, callback in callback_map.items() if "callback" in callback]
    acting = [name for name in names if callback_map[name]["inputs"][0]["id"] == ids.ACTION]
    return st.sampled_from([*names, *acting * len(names)]).flatmap(call)


def _part(
    declared: Mapping[str, Any], strategies: Mapping[str, st.SearchStrategy]
) -> st.SearchStrategy:
    sound = strategies.get("{id}.{property}".format(**declared), anything)
    value = weighed([sound] * 5 + [spoilt(sound)] * 2 + [anything])
    return value.map(lambda value: {**declared, "value": value})


# --- spoilt ----------------------------------------------------------------------------------


@st.composite
def spoilt(draw: st.DrawFn, sound: st.SearchStrategy) -> Any:
    """Return something sound with one to three of its parts spoilt."""
    held = [json.loads(json.dumps(draw(sound)))]  # lists for tuples, and nothing shared
    for _ in range(draw(st.integers(1, 3))):
        places = [place for place in _places_in(held) if place]
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        inside: Any = held
        for step in way:
            inside = inside[step]
        _spoil(draw, inside, last)
    return held[0] if held else None


def _places_in(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield from _places_in(inner, (*here, key))


def _spoil(draw: st.DrawFn, inside: Any, key: Any) -> None:
    how = draw(st.sampled_from(["replace", "replace", "drop", "wrap", "add"]))
    if how == "replace":
        inside[key] = draw(anything)
    elif how == "drop":
        del inside[key]
    elif how == "wrap":
        inside[key] = draw(st.sampled_from([[inside[key]], {"data": inside[key]}]))
    elif isinstance(inside, dict):
        inside[draw(_texts)] = draw(anything)
    else:
        inside.append(deepcopy(inside[key]))


# --- exercises -------------------------------------------------------------------------------

_injects = st.sampled_from(["hit", "next", "gen", "late", "nowhere"])
_bands = st.lists(st.sampled_from([0.5, 4, 12, 24]), max_size=3)


def designs(plan: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return changes of an exercise's plan as its page makes them."""
    fields = st.fixed_dictionaries({}, optional={k: st.just(v) for k, v in plan.items()})
    changes = st.one_of(
        _form("put", {"inject": st.sampled_from(plan["injects"])}),
        _form("about", {"fields": fields}),
        _form("swap", {"inject": _injects, "by": st.sampled_from([-1, 1])}),
        _form("time", {"inject": _injects, "at_min": st.floats(0, 90)}),
        *[_form(do, {"inject": _injects}) for do in ("remove", "copy")],
        *[_form(do, {}) for do in ("undo", "redo")],
    )
    return st.fixed_dictionaries({"base": st.integers(0, 60), "change": changes})


def deeds() -> st.SearchStrategy[dict[str, Any]]:
    """Return what is done in a run, as its page does it."""
    marks = st.dictionaries(_names, st.integers(0, 3), max_size=3)
    return st.one_of(
        *[_form(do, {}) for do in ("start", "pause", "resume", "end")],
        *[_form(do, {"inject": _injects}) for do in ("release", "skip", "rewind")],
        _form("ask", {"from_h": _hours, "bands_h": _bands}),
        _form("answer", {"inject": _injects, "answer": _texts}, {"name": _texts}),
        _form("predict", {"id": _injects, "marks": marks}, {"name": _texts}),
        _form("reveal", {"id": _injects}),
        _form("show", {"hour": _hours}),
        _form("decide", {"text": _texts}, {"reason": _texts, "name": _texts}),
        _form("note", {"text": _texts}),
    )


def about_exercises(
    plan_id: str, run_id: str, plan: Mapping[str, Any]
) -> st.SearchStrategy[tuple[str, bytes]]:
    """Return addresses of a plan and a run, each with a body, sound or spoilt."""
    begun = st.fixed_dictionaries({"plan": st.just(dict(plan))})
    places = {
        "/api/exercises": spoilt(begun),
        f"/api/exercises/{plan_id}": designs(plan) | spoilt(designs(plan)),
        f"/api/runs/{run_id}": deeds() | spoilt(deeds()),
    }
    return st.one_of([st.tuples(st.just(at), body.map(_packed)) for at, body in places.items()])


def bodies(
    callback_map: Mapping[str, Mapping[str, Any]], scenarios: list[str]
) -> st.SearchStrategy[bytes]:
    """Return bodies for Dash's update route: most of them well formed, a few mere noise."""
    calls = well_formed(callback_map, scenarios)
    noise = st.one_of(spoilt(calls), anything).map(_packed) | st.binary(max_size=60)
    return weighed([calls.map(_packed)] * 6 + [noise])


def _packed(value: Any) -> bytes:
    """Return a value as JSON that holds what JSON can: NaN, half characters, huge numbers."""
    return json.dumps(value).encode()

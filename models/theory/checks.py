"""Runs the models of this folder on their published cases and compares the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from models.theory import inoperability, overload, percolation, threshold

Numbers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedCase:
    """One published case: inputs, expected results, and the source.

    ``expected`` has numbers or nested lists of them, equal within ``tolerance``, or
    ``{"above": x}`` or ``{"below": x}``. ``basis``: which numbers are printed, which recomputed.
    """

    case: str
    model: str
    title: str
    input: Numbers
    expected: Numbers
    tolerance: float
    source: str
    basis: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One number of a case, or one list of them, with the expected value."""

    name: str
    expected: Any
    computed: Any
    agrees: bool


def check(case: PublishedCase) -> tuple[Finding, ...]:
    """Run one case."""
    computed = MODELS[case.model](case.input)
    return tuple(
        Finding(name, expected, computed[name], _agree(expected, computed[name], case.tolerance))
        for name, expected in case.expected.items()
    )


def _agree(expected: Any, computed: Any, tolerance: float) -> bool:
    if isinstance(expected, Mapping):
        above, below = expected.get("above", -np.inf), expected.get("below", np.inf)
        return bool(above < computed < below)
    expected_values, computed_values = (
        np.asarray(expected, dtype=float),
        np.asarray(computed, dtype=float),
    )
    return expected_values.shape == computed_values.shape and bool(
        (np.abs(expected_values - computed_values) <= tolerance).all()
    )


# --- from the names in a case to the functions of a model -------------------------------------


def _inoperability(inputs: Numbers) -> Numbers:
    hit = inputs["A_star"], inputs["c_star"]
    return {
        "q": inoperability.inoperability(*hit).tolist(),
        "q_uncapped": inoperability.uncapped(*hit).tolist(),
    }


def _transaction_table(inputs: Numbers) -> Numbers:
    table = inputs["T"], inputs["x"]
    return {
        "A": inoperability.technical_coefficients(*table).tolist(),
        "A_star_supply": inoperability.supply_interdependency(*table).tolist(),
        "A_star_demand": inoperability.demand_interdependency(*table).tolist(),
    }


def _course(inputs: Numbers) -> Numbers:
    q = inoperability.course(
        inputs["A_star"],
        inputs["c_star"],
        inputs["K"],
        steps=inputs["steps"],
        perturbed=tuple(inputs["perturbed"]),
        start=inputs.get("q0", 0.0),
    )
    at = {f"q_t{t}": q[t].tolist() for t in (1, 2, 5, 10)}
    return at | {"q_last": q[-1].tolist(), "q_total": np.trapezoid(q, axis=0).tolist()}


def _resilience_coefficient(inputs: Numbers) -> Numbers:
    numbers = (inputs[name] for name in ("q0", "qT", "T_days", "a_ii"))
    return {"k": inoperability.resilience_coefficient(*numbers)}


def _mutual_threshold(inputs: Numbers) -> Numbers:
    least, lost = percolation.threshold(inputs["n"])
    return {"k_times_pc": least, "k_times_Pinf_at_pc": lost, "mu_at_pc_over_p": lost / least}


def _mutual_simulated(inputs: Numbers) -> Numbers:
    numbers = (inputs[name] for name in ("N", "k", "p", "runs", "seed"))
    return {"P_inf": percolation.simulated_mutual_giant_component(*numbers)}


def _giant_component(inputs: Numbers) -> Numbers:
    return {"S": percolation.giant_component(inputs["k"])}


def _cascade_window(inputs: Numbers) -> Numbers:
    low, high = threshold.window(inputs["phi"]) or (None, None)
    return {"z_low": low, "z_high": high}


def _cascade_simulated(inputs: Numbers) -> Numbers:
    def share(z: float) -> float:
        size = inputs["N"], z, inputs["phi"], inputs["runs"], inputs["seed"]
        return threshold.simulated_share_of_global_cascades(*size)

    return {
        "P_global_inside": share(inputs["z_inside"]),
        "P_global_outside": share(inputs["z_outside"]),
    }


def _overload(inputs: Numbers) -> Numbers:
    graph = GRAPHS[inputs["graph"]]()
    ends = (overload.cascade(graph, inputs["attack"], alpha) for alpha in inputs["alphas"])
    return {
        "load": overload.loads(graph)[inputs["attack"]],
        "largest_alive_rounds": [[end.largest, end.alive, end.rounds] for end in ends],
    }


#: graphs that cases name
GRAPHS: Mapping[str, Callable[[], nx.Graph[Any]]] = {
    # unweighted, like the paths of Motter and Lai
    "karate club": lambda: nx.Graph(nx.karate_club_graph().edges),
    "ring of 6": lambda: nx.cycle_graph(6),
}
MODELS: Mapping[str, Callable[[Numbers], Numbers]] = {
    "inoperability": _inoperability,
    "transaction_table": _transaction_table,
    "course": _course,
    "resilience_coefficient": _resilience_coefficient,
    "mutual_threshold": _mutual_threshold,
    "mutual_simulated": _mutual_simulated,
    "giant_component": _giant_component,
    "cascade_window": _cascade_window,
    "cascade_simulated": _cascade_simulated,
    "overload": _overload,
}


def described(case: PublishedCase, findings: tuple[Finding, ...]) -> Iterator[str]:
    """Yield lines that describe a case and compare its numbers."""
    yield f"{case.case}: {case.title}"
    yield f"  {case.source} ({case.basis})"
    within = f"within {case.tolerance:g}" if case.tolerance else "as stated"
    for result in findings:
        yield f"  {result.name}: {'agrees' if result.agrees else 'DIFFERS, not'} {within}"
        yield f"    expected {_value_text(result.expected)}"
        yield f"    computed {_value_text(result.computed)}"


def _value_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{word} {bound:g}" for word, bound in value.items())
    if isinstance(value, list):
        return "[" + ", ".join(_value_text(item) for item in value) + "]"
    return f"{value:.8g}" if value is not None else "none"

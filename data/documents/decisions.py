"""Tables of options, economies and sets of measures, from JSON and as JSON.

The forms are in ``docs/reference/decisions.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, StringConstraints

from data.documents.forms import Form, checked_form
from data.worlds.json_text import read_checked
from data.worlds.numbers import MAX_AMOUNT
from models.errors import BadInputError
from models.risk.best_set import Problem, Rule, Saving, Selection
from models.risk.decisions import (
    Better,
    Criterion,
    DecisionTable,
    Floats,
    Method,
    Normalisation,
    Weighting,
)
from models.risk.economy import Economy, Loss
from models.risk.flips import Flip
from models.scenario import MAX_ID

MAX_BYTES = 50_000_000
MAX_OPTIONS, MAX_CRITERIA = 200, 100
MAX_SECTORS = 2_000
MAX_MEASURES, MAX_SCENARIOS = 2_000, 20_000

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID)]
Number = Annotated[float, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
Amount = Annotated[float, Field(ge=0, le=MAX_AMOUNT)]
Share = Annotated[float, Field(ge=0, le=1)]


# --- options x criteria ----------------------------------------------------------------------


class _Criterion(Form):
    id: Id
    weight: Amount | None = None
    better: Better


class _TableForm(Form):
    options: Annotated[list[Id], Field(min_length=2, max_length=MAX_OPTIONS)]
    criteria: Annotated[list[_Criterion], Field(min_length=1, max_length=MAX_CRITERIA)]
    values: list[list[Number]]
    method: Method
    normalisation: Normalisation | None = None
    weights: Weighting = "given"
    title: str = ""
    note: str = ""


def read_table(path: Path) -> DecisionTable:
    """Read options x criteria.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    return read_checked(path, MAX_BYTES, _table)


def _table(plain: object) -> DecisionTable:
    form = checked_form(_TableForm, plain)
    names = [criterion.id for criterion in form.criteria]
    problems = [*_repeated("options", form.options), *_repeated("criteria", names)]
    problems += _shape("values", form.values, len(form.options), len(names), "option", "criterion")
    if form.weights == "given":
        problems += [
            f"criteria[{n}].weight: missing; weights are 'given'."
            for n, criterion in enumerate(form.criteria)
            if criterion.weight is None
        ]
    if problems:
        raise BadInputError(problems)
    criteria = tuple(Criterion(c.id, c.weight, c.better) for c in form.criteria)
    values = np.array(form.values, dtype=np.float64)
    return DecisionTable(
        tuple(form.options), criteria, values, form.method, form.normalisation, form.weights
    )


def decision_plain(
    table: DecisionTable,
    weights: Floats,
    scores: Floats,
    ranks: Sequence[int],
    flips: Iterable[Flip],
) -> dict[str, Any]:
    """Return a decision as JSON has it.

    Parameters
    ----------
    table
        Options x criteria.
    weights
        Weights [criteria] with sum 1.
    scores, ranks
        Of every option [options]; rank 1 is the best.
    flips
        Where pairs change places.
    """
    return {
        "method": table.method,
        "normalisation": table.norm,
        "better_score": "less" if table.less_is_better else "more",
        "scores": dict(zip(table.options, map(float, scores), strict=True)),
        "ranks": dict(zip(table.options, ranks, strict=True)),
        "weights": {c.id: float(weight) for c, weight in zip(table.criteria, weights, strict=True)},
        "flips": [
            {"pair": [f.first, f.second], "criterion": f.criterion, "at_weight": f.at_weight}
            for f in flips
        ],
    }


# --- economies -------------------------------------------------------------------------------


class _Economy(Form):
    flows: Annotated[list[list[Amount]], Field(min_length=1, max_length=MAX_SECTORS)]
    final_demand: list[Amount]
    output: list[Amount] | None = None
    labels: Annotated[list[Id], Field(min_length=1, max_length=MAX_SECTORS)]
    shock: dict[str, Share]
    title: str = ""
    note: str = ""


def read_economy(path: Path) -> tuple[Economy, Floats]:
    """Read a table of transactions and a shock [sectors], shares of final demand.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    return read_checked(path, MAX_BYTES, _economy)


def _economy(plain: object) -> tuple[Economy, Floats]:
    form = checked_form(_Economy, plain)
    count = len(form.labels)
    problems = [*_repeated("labels", form.labels)]
    problems += _shape("flows", form.flows, count, count, "label", "label")
    for name, vector in (("final_demand", form.final_demand), ("output", form.output)):
        if vector is not None and len(vector) != count:
            problems.append(f"{name}: {len(vector)} numbers for {count} labels.")
    unknown = sorted(set(form.shock) - set(form.labels))
    problems += [f"shock.{label}: no such label." for label in unknown]
    if problems:
        raise BadInputError(problems)
    flows, demand = np.array(form.flows), np.array(form.final_demand)
    output = flows.sum(axis=1) + demand if form.output is None else np.array(form.output)
    shock = np.array([form.shock.get(label, 0.0) for label in form.labels])
    return Economy(tuple(form.labels), flows, demand, output), shock


def loss_plain(economy: Economy, loss: Loss) -> dict[str, Any]:
    """Return a loss as JSON has it, in the currency of its table."""

    def by_label(values: Floats) -> dict[str, float]:
        return dict(zip(economy.labels, map(float, values), strict=True))

    return {
        "direct": float(loss.direct.sum()),
        "total": float(loss.total.sum()),
        "by_sector": by_label(loss.total),
        "direct_by_sector": by_label(loss.direct),
        "inoperability": by_label(loss.inoperability),
        "notes": list(loss.notes),
    }


# --- sets of measures ------------------------------------------------------------------------


class _Measure(Form):
    id: Id
    cost: Amount
    title: str = ""


class _Scenario(Form):
    value: Amount
    needs: list[Id]
    rule: Rule = "any"
    weight: Amount = 1.0
    id: str = ""
    title: str = ""


class _Problem(Form):
    measures: Annotated[list[_Measure], Field(max_length=MAX_MEASURES)]
    scenarios: Annotated[list[_Scenario], Field(max_length=MAX_SCENARIOS)]
    budget: Amount | None = None
    title: str = ""
    note: str = ""


def read_problem(path: Path, budget: float | None = None) -> Problem:
    """Read measures, scenarios and a budget.

    Parameters
    ----------
    path
        The file.
    budget
        In place of the file's own, in the currency of the costs.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    return read_checked(path, MAX_BYTES, lambda plain: _problem(plain, budget))


def _problem(plain: object, budget: float | None) -> Problem:
    form = checked_form(_Problem, plain)
    places = {measure.id: n for n, measure in enumerate(form.measures)}
    problems = _repeated("measures", [measure.id for measure in form.measures])
    problems += [
        f"scenarios[{n}].needs: no measure '{need}'."
        for n, scenario in enumerate(form.scenarios)
        for need in scenario.needs
        if need not in places
    ][:20]
    most = form.budget if budget is None else budget
    if most is None:
        problems.append("budget: missing. State it in the file or with --budget.")
    if problems or most is None:
        raise BadInputError(problems)
    scenarios = tuple(
        Saving(s.value * s.weight, tuple(sorted({places[need] for need in s.needs})), s.rule)
        for s in form.scenarios
    )
    costs = tuple(measure.cost for measure in form.measures)
    return Problem(tuple(places), costs, scenarios, most)


def selection_plain(
    problem: Problem, best: Selection, following: Selection | None
) -> dict[str, Any]:
    """Return the best set as JSON has it, and the second best.

    Parameters
    ----------
    problem
        Whose measures are named.
    best, following
        The best set, and the second best where there is one.
    """

    def ids(chosen: Iterable[int]) -> list[str]:
        return [problem.measures[n] for n in chosen]

    second = None
    if following is not None:
        second = {
            "chosen": ids(following.chosen),
            "cost": following.cost,
            "saved": following.saved,
        }
    return {
        "chosen": ids(best.chosen),
        "cost": best.cost,
        "saved": best.saved,
        "bound": best.bound,
        "proven": best.proven,
        "budget": problem.budget,
        "next_best": second,
    }


# --- checks ----------------------------------------------------------------------------------


def _repeated(place: str, ids: Iterable[str]) -> list[str]:
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    return [f"{place}: '{name}' appears more than once." for name in twice]


def _shape(
    place: str, rows: Sequence[Sequence[float]], height: int, width: int, row: str, column: str
) -> list[str]:
    problems = []
    if len(rows) != height:
        problems.append(f"{place}: {len(rows)} rows; one for each {row} makes {height}.")
    problems += [
        f"{place}[{n}]: {len(cells)} numbers; one for each {column} makes {width}."
        for n, cells in enumerate(rows)
        if len(cells) != width
    ]
    return problems[:20]

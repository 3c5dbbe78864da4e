"""The best set of measures under a budget, over many scenarios, with a proof of how good it is.

A scenario is saved if one of the measures it needs is chosen (*any*), or if all are (*all*); a set
saves the sum of ``weight x value`` of its scenarios. Exact: a mixed-integer programme solved by
HiGHS, whose bound is the proof. Greedy: the best ratio of gain to cost next, bounded by the
relaxation of the same programme, in which parts of measures can be bought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import highspy
import numpy as np
from scipy.sparse import csr_array

Rule = Literal["any", "all"]

#: After this many seconds the best set so far is returned with the bound that is proven by then.
TIME_LIMIT_S = 60.0
#: HiGHS holds a row up to its tolerance; a set that a few ulp make too dear is cut off and the
#: programme solved anew, so many times.
MOST_CUTS = 50


@dataclass(frozen=True, slots=True)
class Saving:
    """A scenario: what it is worth to be saved (weight x value), by which measures, and how."""

    worth: float
    needs: tuple[int, ...]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Problem:
    """Measures with their costs [measures], scenarios, and the budget in the same currency.

    ``conflicts``: pairs of measures that cannot be taken together; the exact set keeps to them.
    """

    measures: tuple[str, ...]
    costs: tuple[float, ...]
    scenarios: tuple[Saving, ...]
    budget: float
    conflicts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """A set of measures by their places, what it costs and saves, and what none can exceed."""

    chosen: tuple[int, ...]
    cost: float
    saved: float
    bound: float
    proven: bool


def cost_of(problem: Problem, chosen: Iterable[int]) -> Fraction:
    """Return the exact cost of a set."""
    return sum((Fraction(problem.costs[n]) for n in chosen), Fraction(0))


def saved_by(problem: Problem, chosen: Iterable[int]) -> float:
    """Return what a set saves."""
    held = set(chosen)
    return float(
        sum(Fraction(s.worth) for s in problem.scenarios if s.needs and _is_saved(s, held))
    )


def _is_saved(scenario: Saving, held: set[int]) -> bool:
    return (any if scenario.rule == "any" else all)(need in held for need in scenario.needs)


# --- exact -----------------------------------------------------------------------------------


def best_set(
    problem: Problem,
    *,
    without: Sequence[tuple[int, ...]] = (),
    containing: Sequence[tuple[int, ...]] = (),
) -> Selection:
    """Return the set that saves most; of equal ones a cheapest.

    Parameters
    ----------
    problem
        Measures, scenarios, budget.
    without
        Sets that are not to be returned: with the best one, the answer is the second best.
    containing
        Sets that the answer does not contain either: a second best that is not the best and more.

    Returns
    -------
    ``proven`` is False where the time limit came first; ``bound`` holds all the same.
    """
    if not problem.measures:
        return Selection((), 0.0, 0.0, 0.0, proven=True)
    programme = _Programme(problem, whole=True)
    for chosen in without:
        programme.forbid(chosen)
    for chosen in containing:
        programme.forbid_supersets(chosen)
    for _ in range(MOST_CUTS):
        if not programme.solve():
            return Selection((), 0.0, 0.0, programme.bound(), proven=False)
        chosen = programme.chosen()
        if cost_of(problem, chosen) <= Fraction(problem.budget):
            break
        programme.forbid_supersets(chosen)
    else:
        chosen = ()
    chosen = _without_useless(problem, chosen, without)
    saved = saved_by(problem, chosen)
    proven = programme.is_optimal and cost_of(problem, chosen) <= Fraction(problem.budget)
    bound = saved if proven else max(saved, programme.bound())
    return Selection(chosen, float(cost_of(problem, chosen)), saved, bound, proven)


def _without_useless(
    problem: Problem, chosen: tuple[int, ...], without: Sequence[tuple[int, ...]]
) -> tuple[int, ...]:
    """Return the set without measures that save nothing in it, the dearest first."""
    kept = set(chosen)
    saved = saved_by(problem, kept)
    for measure in sorted(chosen, key=lambda n: (-problem.costs[n], n)):
        fewer = kept - {measure}
        if tuple(sorted(fewer)) not in without and saved_by(problem, fewer) == saved:
            kept = fewer
    return tuple(sorted(kept))


class _SilentHighs(highspy.Highs):
    """HiGHS without its banner, which its constructor writes to standard output."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the name is HiGHS')
        """Switch the output off before anything is written."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class _Programme:
    """Maximise what is saved: a column per measure (0 or 1) and per kind of scenario in [0, 1]."""

    def __init__(self, problem: Problem, *, whole: bool) -> None:
        self.problem = problem
        self.measures = len(problem.measures)
        merged = _merged(problem.scenarios)
        self.scale = max((worth for worth, _, _ in merged), default=1.0) or 1.0
        self.highs = highs = _SilentHighs()  # type: ignore[no-untyped-call]
        for option, value in {
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 0.0,
            "mip_feasibility_tolerance": 1e-9,
            "primal_feasibility_tolerance": 1e-9,
            "dual_feasibility_tolerance": 1e-9,
            "time_limit": TIME_LIMIT_S,
            "threads": 1,
            "random_seed": 1,
        }.items():
            highs.setOptionValue(option, value)
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        for _ in range(self.measures):
            highs.addVar(0, 1)
        for worth, _, _ in merged:
            highs.addVar(0, 1)
            highs.changeColCost(highs.getNumCol() - 1, worth / self.scale)
        if whole:
            columns = np.arange(self.measures, dtype=np.int32)
            kinds = np.full(self.measures, highspy.HighsVarType.kInteger)
            highs.changeColsIntegrality(self.measures, columns, kinds)
        # in units of the budget, so that the tolerance means the same for cents and for millions
        unit = problem.budget or max(problem.costs, default=1.0) or 1.0
        self._row(problem.budget / unit, range(self.measures), [c / unit for c in problem.costs])
        for pair in problem.conflicts:
            self._row(1, pair, [1.0, 1.0])
        for place, (_, rule, needs) in enumerate(merged, self.measures):
            groups = [needs] if rule == "any" else [(need,) for need in needs]
            for group in groups:
                self._row(0, [place, *group], [1.0, *[-1.0] * len(group)])

    def _row(self, most: float, columns: Iterable[int], factors: Sequence[float]) -> None:
        places = np.array(list(columns), dtype=np.int32)
        self.highs.addRow(-highspy.kHighsInf, most, len(places), places, np.array(factors))

    def forbid(self, chosen: tuple[int, ...]) -> None:
        """Rule out exactly this set."""
        factors = [1.0 if n in chosen else -1.0 for n in range(self.measures)]
        self._row(len(chosen) - 1, range(self.measures), factors)

    def forbid_supersets(self, chosen: tuple[int, ...]) -> None:
        """Rule out this set and all that contain it."""
        self._row(len(chosen) - 1, chosen, [1.0] * len(chosen))

    def solve(self) -> bool:
        """Solve, and return whether there is a set at all."""
        self.highs.run()
        self.is_optimal = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        info = self.highs.getInfo()
        return bool(info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible)

    def chosen(self) -> tuple[int, ...]:
        """Return the chosen measures."""
        values = self.highs.getSolution().col_value[: self.measures]
        return tuple(n for n, value in enumerate(values) if value > 0.5)

    def bound(self) -> float:
        """Return what no set can exceed, as far as it is proven."""
        info = self.highs.getInfo()
        everything = float(sum(s.worth for s in self.problem.scenarios if s.needs))
        is_mip = info.mip_node_count >= 0
        dual = info.mip_dual_bound if is_mip else info.objective_function_value
        proven = float(dual) * self.scale
        return min(everything, proven) if np.isfinite(proven) else everything


def _merged(scenarios: Iterable[Saving]) -> list[tuple[float, Rule, tuple[int, ...]]]:
    """Return worth, rule and needs of every kind of scenario; those nothing saves are left out."""
    worth: dict[tuple[Rule, tuple[int, ...]], float] = {}
    for scenario in scenarios:
        needs = tuple(sorted(set(scenario.needs)))
        rule: Rule = "any" if len(needs) == 1 else scenario.rule
        if needs and scenario.worth > 0:
            worth[rule, needs] = worth.get((rule, needs), 0.0) + scenario.worth
    return [(value, rule, needs) for (rule, needs), value in sorted(worth.items())]


# --- greedy ----------------------------------------------------------------------------------


def greedy_set(problem: Problem) -> Selection:
    """Return a good set for problems too large for the exact one, with a bound.

    Every step takes what gains most for its cost: a measure, or all that one scenario with the
    rule *all* still lacks. The better of this and the best single step is returned (Khuller, Moss
    and Naor 1999 for *any* alone: at least 0.316 of the best); the bound is of the relaxation.
    """
    steps = _Steps(problem)
    chosen: frozenset[int] = frozenset()
    while (following := steps.best(chosen)) is not None:
        chosen |= following
    alone = steps.best(frozenset(), by_gain=True) or frozenset()
    final = max((chosen, alone), key=lambda chosen_set: saved_by(problem, chosen_set))
    places = tuple(sorted(final))
    saved = saved_by(problem, places)
    relaxed = _Programme(problem, whole=False)
    relaxed.solve()
    bound = max(saved, relaxed.bound())
    return Selection(places, float(cost_of(problem, places)), saved, bound, proven=bound == saved)


class _Steps:
    """What greedy can take next: every measure, and what a scenario with the rule *all* needs."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        merged = _merged(problem.scenarios)
        single = {(n,) for n in range(len(problem.measures))}
        joint = {needs for _, rule, needs in merged if rule == "all"}
        self.steps = sorted(single | joint)
        self.takes = _incidence(self.steps, len(problem.measures))
        self.needs = _incidence([needs for _, _, needs in merged], len(problem.measures))
        self.worth = np.array([worth for worth, _, _ in merged])
        self.is_any = np.array([rule == "any" for _, rule, _ in merged], dtype=bool)
        self.costs = np.array(problem.costs)

    def best(self, chosen: frozenset[int], *, by_gain: bool = False) -> frozenset[int] | None:
        """Return the measures of the best step that is still affordable and gains something."""
        lacking = np.ones(len(self.costs))
        lacking[list(chosen)] = 0.0
        new = self.takes.multiply(lacking[None, :]).tocsr()
        missing = np.asarray(self.needs @ lacking)
        open_ = np.where(self.is_any, missing == self.needs.sum(axis=1), missing > 0)
        # hits [steps x scenarios]: how many measures that a scenario lacks a step brings
        hits = (new @ self.needs.T).tocoo()
        saves = (self.is_any[hits.col] | (hits.data == missing[hits.col])) & open_[hits.col]
        rows, columns = hits.row[saves], hits.col[saves]
        gain = np.bincount(rows, self.worth[columns], minlength=len(self.steps))
        cost = new @ self.costs
        score = gain if by_gain else gain / np.maximum(cost, 1e-300)
        spent = cost_of(self.problem, chosen)
        for place in np.argsort(-score, kind="stable"):
            if gain[place] <= 0:
                return None
            added = frozenset(self.steps[place]) - chosen
            if spent + cost_of(self.problem, added) <= Fraction(self.problem.budget):
                return added
        return None


def _incidence(rows: Sequence[tuple[int, ...]], width: int) -> csr_array:
    """Return a matrix of 0 and 1 [rows x width] with 1 at the places that each row names."""
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
    places = np.fromiter((n for row in rows for n in row), dtype=np.int64, count=int(ends[-1]))
    return csr_array((np.ones(len(places)), places, ends), shape=(len(rows), width))


def second_best(problem: Problem, best: Selection) -> Selection | None:
    """Return the best set other than the best one; None where no other can be afforded."""
    found = best_set(problem, without=[best.chosen])
    return None if found.chosen == best.chosen else found

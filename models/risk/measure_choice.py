"""The best measures for a world and a scenario under a budget, from the runs of an ensemble.

Each measure is rerun alone; what sets save is then taken as the sum over people, of whom each is
helped by the best measure for them. That is what the exact programme needs, and it is wrong where
measures work only together or in each other's way: so the chosen set and its neighbours are rerun,
the best of them by reruns is the answer, and the difference is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from models.knowledge.possible import IsPossible
from models.risk.best_set import Problem, Saving, Selection, best_set, cost_of
from models.risk.measure_runs import Run, Runs
from models.risk.options import Bound, Case, Effect, Option, product_of
from models.scenario import HARM, Scenario
from models.world import World

#: So many measures are tried, those whose assets are lost most often with most people behind them.
MOST_OPTIONS = 40
#: Of each kind at most so many.
MOST_OF_KIND = 12
#: So many rounds of changing to a better neighbour.
MOST_ROUNDS = 3
#: Savings of fewer person-hours are noise of rounding.
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Choice:
    """The answer: ``selection`` of ``options``, what reruns say, and how good it is per run.

    ``alone`` [options]: what each saves by itself, in mean person-hours of a run. ``saved`` is
    that of the chosen set by reruns, ``saved_low`` and ``saved_high`` at the ends of its ranges.
    ``neighbours`` are sets next to it with what reruns say they save. ``regret`` [runs]: how much
    more the best set for that run alone would save. ``not_helped``: runs with a loss in which
    the set saves nothing.
    """

    problem: Problem
    options: tuple[Option, ...]
    alone: tuple[float, ...]
    selection: Selection
    second: Selection | None
    loss: float
    saved: float
    saved_low: float
    saved_high: float
    neighbours: tuple[tuple[tuple[int, ...], float], ...]
    replaced: tuple[int, ...] | None
    regret: tuple[float, ...]
    not_helped: tuple[int, ...]
    runs: int


def choose(
    case: Case,
    effects: Mapping[str, Effect],
    budget: float,
    runs: int,
    *,
    is_possible: IsPossible,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Choice:
    """Return the best set of measures.

    Parameters
    ----------
    case
        World and scenario.
    effects
        The table of measures, by name.
    budget
        In euros.
    runs
        How many runs of the ensemble.
    is_possible
        Whether a measure can be taken for a service at a type of asset.
    progress
        Called with what is done and what is to be done.
    """
    trial = Runs(case, runs)
    base = trial.base
    options = options_of(case, base, effects, budget, is_possible)
    progress(1, len(options) + 2)
    losses = []
    for n, option in enumerate(options):
        losses.append(_with(trial, (option,)))
        progress(n + 2, len(options) + 2)
    problem = _problem(options, base, losses, budget)
    best = best_set(problem)
    alone = tuple(_mean_saved(base, loss) for loss in losses)
    checked = _Checked(trial, options, problem, alone)
    final, neighbours = checked.climb(best.chosen)
    second = best_set(problem, containing=[best.chosen]) if best.chosen else None
    chosen = tuple(options[n] for n in final)
    values = [
        (sum(r.total for r in base) - sum(_totals(trial, chosen, bound))) / len(base)
        for bound in ("low", "high")
    ]
    after = checked.totals(final)
    return Choice(
        problem=problem,
        options=options,
        alone=alone,
        selection=best,
        second=second,
        loss=sum(r.total for r in base) / len(base),
        saved=checked.saved(final),
        saved_low=min(*values, checked.saved(final)),
        saved_high=max(*values, checked.saved(final)),
        neighbours=tuple(neighbours),
        replaced=None if final == best.chosen else final,
        regret=_regret(problem, base, losses, after),
        not_helped=tuple(
            n for n, run in enumerate(base) if run.total > 0 and after[n] >= run.total - _LEAST
        ),
        runs=len(base),
    )


# --- which measures are tried ----------------------------------------------------------------


def options_of(
    case: Case,
    base: Sequence[Run],
    effects: Mapping[str, Effect],
    budget: float,
    is_possible: IsPossible,
) -> tuple[Option, ...]:
    """Return the measures worth a rerun, those with most at stake first.

    Parameters
    ----------
    case
        World and scenario.
    base
        Its runs without measures.
    effects
        The table of measures.
    budget
        What costs more is left out.
    is_possible
        Whether a measure can be taken for a service at a type of asset.
    """
    world = case.world
    hit: Counter[str] = Counter()
    needs: Counter[tuple[str, str]] = Counter()
    for run in base:
        hit.update({r.asset for r in run.outcome.trace if r.kind == "direct" and r.asset})
        lost = (world.groups[r.group] for r in run.outcome.trace if r.group is not None)
        needs.update({(g.consumer_id, g.service) for g in lost})
    stake = _stakes(world, base)
    found: dict[str, list[tuple[float, Option]]] = defaultdict(list)
    for option in _all(case, effects, hit, needs, is_possible):
        if option.effect.cost_eur > budget:
            continue
        weight = _weight(world, option, hit, needs, stake)
        found[option.effect.measure].append((weight, option))
    ranked = [
        pair
        for pairs in found.values()
        for pair in sorted(pairs, key=lambda p: (-p[0], p[1].option_id))[:MOST_OF_KIND]
    ]
    ranked.sort(key=lambda pair: (-pair[0], pair[1].option_id))
    return tuple(option for _, option in ranked[:MOST_OPTIONS])


def _stakes(world: World, base: Sequence[Run]) -> Mapping[str, float]:
    """Return how many losses lie at or behind each asset: those whose rows name it as a cause."""
    stake: dict[str, float] = defaultdict(float)
    for run in base:
        trace = run.outcome.trace
        own = [
            sum(a.people for a in world.people_of.get(row.asset or "", ())) + 1.0
            if row.after < row.before
            else 0.0
            for row in trace
        ]
        for row in reversed(trace):
            for cause in row.because:
                own[cause] += own[row.row] / len(row.because)
            if row.asset is not None:
                stake[row.asset] += own[row.row]
    return stake


def _weight(
    world: World,
    option: Option,
    hit: Mapping[str, int],
    needs: Mapping[tuple[str, str], int],
    stake: Mapping[str, float],
) -> float:
    if option.effect.subject in ("asset", "need"):
        return stake.get(option.subject, 0.0) / option.effect.cost_eur
    if option.effect.subject == "sector":
        members = [i for i in hit if world.assets[i].sector == option.subject]
    elif option.effect.subject == "product":
        members = [i for i in hit if product_of(world.assets[i].product) == option.subject]
    else:
        members = list(world.common_causes[option.subject].asset_ids)
    return sum(stake.get(i, 0.0) for i in members) / option.effect.cost_eur


def _all(
    case: Case,
    effects: Mapping[str, Effect],
    hit: Mapping[str, int],
    needs: Mapping[tuple[str, str], int],
    is_possible: IsPossible,
) -> Iterator[Option]:
    yield from _at_assets(case.scenario, effects, hit)
    yield from _at_needs(case.world, effects, needs, is_possible)
    yield from _over_many(case.world, case.scenario, effects, hit)


def _at_assets(
    scenario: Scenario, effects: Mapping[str, Effect], hit: Mapping[str, int]
) -> Iterator[Option]:
    chancy = {h.asset for e in scenario.events for h in e.hits}
    chancy |= {e.asset for e in scenario.events if e.do in HARM and e.p is not None}
    flooded = {h.asset for e in scenario.events if e.hazard == "flood" for h in e.hits}
    of_kind = (("harden", chancy), ("raise", flooded), ("sandbags", flooded))
    for asset in sorted(hit):
        for name, assets in of_kind:
            if asset in assets and name in effects:
                yield Option(effects[name], asset)


def _at_needs(
    world: World,
    effects: Mapping[str, Effect],
    needs: Mapping[tuple[str, str], int],
    is_possible: IsPossible,
) -> Iterator[Option]:
    for asset, service in sorted(needs):
        kind = world.assets[asset].asset_type
        if "add_autonomy" in effects and is_possible("add_autonomy", service, kind):
            yield Option(effects["add_autonomy"], asset, service)
        supplied = service == "electricity" and is_possible("supply", service, kind)
        if supplied and "mobile_generator" in effects:
            yield Option(effects["mobile_generator"], asset, service)
        supplier = _nearest(world, asset, service)
        joins = supplier is not None and is_possible("add_supplier", service, kind)
        if joins and "add_supplier" in effects:
            yield Option(effects["add_supplier"], asset, service, supplier or "")


def _over_many(
    world: World, scenario: Scenario, effects: Mapping[str, Effect], hit: Mapping[str, int]
) -> Iterator[Option]:
    if scenario.repairs == "typical" and "more_crews" in effects:
        for sector in sorted({world.assets[asset].sector for asset in hit}):
            yield Option(effects["more_crews"], sector)
    if scenario.common_cause == "sampled" and "separate_corridor" in effects:
        for group, cause in sorted(world.common_causes.items()):
            if cause.beta and cause.basis == "corridor":
                yield Option(effects["separate_corridor"], group)
    attacked = {h.asset for e in scenario.events if e.do == "attack" for h in e.hits if h.asset}
    products = {product_of(world.assets[asset].product) for asset in attacked} - {""}
    if "diversify_product" in effects:
        yield from (Option(effects["diversify_product"], one) for one in sorted(products))


def _nearest(world: World, asset_id: str, service: str) -> str | None:
    """Return the nearest asset that gives a service and is no supplier of the asset yet."""
    groups = [g for g in world.groups_of.get(asset_id, ()) if g.service == service]
    there = {s.asset_id for g in groups for s in g.suppliers} | {asset_id}
    types = {world.assets[s.asset_id].asset_type for g in groups for s in g.suppliers}
    here, best, nearest = world.assets[asset_id], None, inf
    for other in world.assets.values():
        if other.asset_id in there or other.asset_type not in types:
            continue
        # over a region, a degree of longitude is as long everywhere as far as order goes
        away = (other.lon - here.lon) ** 2 * 0.36 + (other.lat - here.lat) ** 2
        if (away, other.asset_id) < (nearest, best or ""):
            best, nearest = other.asset_id, away
    return best


# --- what they save --------------------------------------------------------------------------


def _with(
    trial: Runs, options: Sequence[Option], bound: Bound = "mode"
) -> list[Mapping[int, float]]:
    return [run.loss for run in trial.play(options, range(trial.count), bound)]


def _totals(trial: Runs, options: Sequence[Option], bound: Bound) -> list[float]:
    return [run.total for run in trial.play(options, range(trial.count), bound)]


def _mean_saved(base: Sequence[Run], losses: Sequence[Mapping[int, float]]) -> float:
    saved = (r.total - sum(loss.values()) for r, loss in zip(base, losses, strict=True))
    return sum(saved) / len(base)


def _problem(
    options: Sequence[Option],
    base: Sequence[Run],
    losses: Sequence[Sequence[Mapping[int, float]]],
    budget: float,
) -> Problem:
    """Return the programme: per run and people, a scenario for each step of what is saved."""
    worth: dict[tuple[int, ...], float] = defaultdict(float)
    for number in range(len(base)):
        for needs, value in _layers(base[number], [loss[number] for loss in losses]):
            worth[needs] += value / len(base)
    scenarios = tuple(Saving(value, needs, "any") for needs, value in sorted(worth.items()))
    conflicts = tuple(
        (a, b) for a in range(len(options)) for b in range(a) if options[a].rules_out(options[b])
    )
    ids, costs = (o.option_id for o in options), (o.effect.cost_eur for o in options)
    return Problem(tuple(ids), tuple(costs), scenarios, budget, conflicts)


def _layers(
    run: Run, losses: Sequence[Mapping[int, float]]
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield which measures save, and how much more than the next smaller step of them."""
    for place, lost in run.loss.items():
        saved = [(lost - loss.get(place, 0.0), n) for n, loss in enumerate(losses)]
        helping = sorted((s, n) for s, n in saved if s > _LEAST)
        below = 0.0
        for at in range(len(helping)):
            if helping[at][0] > below:
                yield tuple(sorted(n for _, n in helping[at:])), helping[at][0] - below
                below = helping[at][0]


def _regret(
    problem: Problem,
    base: Sequence[Run],
    losses: Sequence[Sequence[Mapping[int, float]]],
    after: Sequence[float],
) -> tuple[float, ...]:
    """Return for each run what the best set for it alone would save beyond the chosen one."""
    found, known = [], {}
    for number, run in enumerate(base):
        layers = sorted(_layers(run, [loss[number] for loss in losses]))
        key = tuple(layers)
        if key not in known:
            scenarios = tuple(Saving(value, needs, "any") for needs, value in layers)
            known[key] = best_set(replace(problem, scenarios=scenarios)).saved if layers else 0.0
        found.append(max(0.0, known[key] - (run.total - after[number])))
    return tuple(found)


class _Checked:
    """Sets of measures, rerun."""

    def __init__(
        self, trial: Runs, options: Sequence[Option], problem: Problem, alone: Sequence[float]
    ) -> None:
        self.trial, self.options, self.problem = trial, options, problem
        self.alone = alone
        self.known: dict[tuple[int, ...], list[float]] = {}

    def totals(self, chosen: tuple[int, ...]) -> list[float]:
        """Return the person-hours of every run with a set."""
        if chosen not in self.known:
            taken = [self.options[n] for n in chosen]
            self.known[chosen] = _totals(self.trial, taken, "mode")
        return self.known[chosen]

    def saved(self, chosen: tuple[int, ...]) -> float:
        """Return what a set saves by reruns, in mean person-hours of a run."""
        base = sum(run.total for run in self.trial.base)
        return (base - sum(self.totals(chosen))) / self.trial.count

    def climb(
        self, chosen: tuple[int, ...]
    ) -> tuple[tuple[int, ...], list[tuple[tuple[int, ...], float]]]:
        """Return the best set by reruns among this and neighbours, and the last neighbours."""
        neighbours: list[tuple[tuple[int, ...], float]] = []
        for _ in range(MOST_ROUNDS):
            neighbours = [(one, self.saved(one)) for one in self._next_to(chosen)]
            better = max(neighbours, key=lambda pair: pair[1], default=(chosen, -inf))
            if better[1] <= self.saved(chosen) + _LEAST:
                break
            chosen = better[0]
        return chosen, sorted(neighbours, key=lambda pair: -pair[1])

    def _next_to(self, chosen: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Return the affordable sets with one measure more, less or another; few of them."""
        held = set(chosen)
        order = sorted(range(len(self.options)), key=lambda n: (-self.alone[n], n))
        others = [n for n in order if n not in held][:6]
        sets = [held | {n} for n in others] + [held - {n} for n in chosen][:8]
        sets += [(held - {old}) | {new} for old in chosen[:3] for new in others[:3]]
        plain = {tuple(sorted(one)) for one in sets}
        return sorted(one for one in plain if self._is_allowed(one))

    def _is_allowed(self, chosen: tuple[int, ...]) -> bool:
        taken = set(chosen)
        pairs = (a in taken and b in taken for a, b in self.problem.conflicts)
        return cost_of(self.problem, chosen) <= self.problem.budget and not any(pairs)

"""The best measures for a scenario as JSON has them, and in lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.documents.decisions import selection_plain
from models.risk.measure_choice import Choice
from models.risk.options import Option
from models.world import World

#: Most neighbours, and runs that are not helped, that the file lists.
MOST_LISTED = 20


def choice_plain(world: World, choice: Choice) -> dict[str, Any]:
    """Return the answer: the best set as ``best-set`` has it, and what reruns say of it."""
    ids = choice.problem.measures
    head = selection_plain(choice.problem, choice.selection, choice.second)
    by_problem = choice.selection.saved
    if choice.second is not None:
        head["next_best"]["price"] = by_problem - choice.second.saved
    final = choice.replaced if choice.replaced is not None else choice.selection.chosen
    return head | {
        "unit": "distinct person-hours, mean of a run",
        "runs": choice.runs,
        "loss": choice.loss,
        "rerun": {
            "chosen": [ids[n] for n in final],
            "cost": sum(choice.problem.costs[n] for n in final),
            "saved": choice.saved,
            "saved_low": choice.saved_low,
            "saved_high": choice.saved_high,
            "difference": choice.saved - by_problem,
            "replaces": choice.replaced is not None,
        },
        "neighbours": [
            {"chosen": [ids[n] for n in one], "saved": saved}
            for one, saved in choice.neighbours[:MOST_LISTED]
        ],
        "regret": {
            "mean": sum(choice.regret) / len(choice.regret),
            "max": max(choice.regret),
            "run": max(range(len(choice.regret)), key=choice.regret.__getitem__),
        },
        "not_helped": {
            "runs": len(choice.not_helped),
            "first": list(choice.not_helped[:MOST_LISTED]),
        },
        "measures": [
            _option_plain(world, option, alone)
            for option, alone in zip(choice.options, choice.alone, strict=True)
        ],
    }


def _option_plain(world: World, option: Option, alone: float) -> dict[str, Any]:
    effect = option.effect
    return {
        "id": option.option_id,
        "measure": effect.measure,
        "subject": option.subject,
        "service": option.service or None,
        "supplier": option.supplier or None,
        "words": words_of(world, option),
        "parameter": effect.parameter,
        "change": effect.change,
        "low": effect.low,
        "mode": effect.mode,
        "high": effect.high,
        "unit": effect.unit,
        "cost": effect.cost_eur,
        "place_h": effect.place_h,
        "conflicts": list(effect.conflicts),
        "source": effect.source,
        "confidence": effect.confidence,
        "saved_alone": alone,
    }


def words_of(world: World, option: Option) -> str:
    """Return a measure in words: what, and where."""
    where = world.label(option.subject) if option.subject in world.assets else option.subject
    words = f"{option.effect.label}: {where}"
    if option.supplier:
        return f"{words}, {option.service} from {world.label(option.supplier)}"
    return f"{words}, {option.service}" if option.service else words


def choice_lines(world: World, choice: Choice) -> Iterator[str]:
    """Yield the answer in lines."""
    if not choice.options:
        yield "No measure of the table helps here within the budget."
        return
    final = choice.replaced if choice.replaced is not None else choice.selection.chosen
    cost = sum(choice.problem.costs[n] for n in final)
    share = choice.saved / choice.loss if choice.loss else 0.0
    yield (
        f"Best set: {len(final)} measures for {cost:,.0f} EUR save {choice.saved:,.0f} of "
        f"{choice.loss:,.0f} person-hours ({share:.0%}; {choice.saved_low:,.0f} to "
        f"{choice.saved_high:,.0f} over the ranges of their effects)"
    )
    for n in final:
        effect = choice.options[n].effect
        yield (
            f"  {words_of(world, choice.options[n])}: {effect.cost_eur:,.0f} EUR, in place after "
            f"{effect.place_h:,.0f} h, confidence {effect.confidence}"
        )
    difference = choice.saved - choice.selection.saved
    yield f"Reruns differ from the programme by {difference:+,.0f} person-hours."
    if choice.replaced is not None:
        yield "A neighbour of the programme's set is better by reruns and takes its place."
    if choice.second is not None:
        price = choice.selection.saved - choice.second.saved
        yield f"The second best saves {price:,.0f} person-hours less."
    yield (
        f"Runs with a loss that it does not help: {len(choice.not_helped):,} of {choice.runs:,}. "
        f"Regret: {sum(choice.regret) / len(choice.regret):,.0f} person-hours of a run on "
        f"average, {max(choice.regret):,.0f} at most."
    )

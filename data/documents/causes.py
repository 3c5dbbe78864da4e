"""Causes of losses as the JSON of ``docs/reference/format.md`` (*Causes*)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from models.explain.causes import MOST_EVENTS, Case, checked
from models.explain.savings import Known, Saving, saving_changes
from models.explain.why import Explanation, explained, loss_row, plain_words, why
from models.knowledge.possible import IsPossible
from models.units import to_hours


def why_plain(
    case: Case,
    asset: str,
    at_ms: int | None,
    feeder_types: Collection[str],
    is_possible: IsPossible,
    known: Known,
) -> dict[str, Any] | None:
    """Return why an asset is lost at an hour; None if it is not lost at ``--at``.

    Parameters
    ----------
    case
        The scenario and its outcome.
    asset
        Its id.
    at_ms
        The moment; None for that of its first loss.
    feeder_types
        Types of asset that could feed a network by themselves.
    is_possible
        Whether a measure is possible for a service at a type of asset.
    known
        Cache of runs with a change, shared by all assets of one outcome.
    """
    row = loss_row(case.outcome, asset, at_ms)
    if row is None or (at_ms is not None and (row.t_ms > at_ms or case.lowest(asset, at_ms) >= 1)):
        return {"sentence": why(case, asset, at_ms).sentence} if at_ms is None else None
    hour = row.t_ms if at_ms is None else at_ms
    causes = checked(case, asset, hour)
    explanation = explained(
        case, row, causes if hour == row.t_ms else case.causes(row), at_ms=at_ms
    )
    sets = [sorted(chosen) for chosen in causes.sets if len(chosen) <= MOST_EVENTS]
    savings = saving_changes(case, asset, plain_words, feeder_types, is_possible, known)
    return {
        "lost_since_h": to_hours(row.t_ms),
        "at_h": to_hours(hour),
        "sentence": explanation.sentence,
        "causes": sets,
        **({"cut": True} if causes.cut or len(sets) < len(causes.sets) else {}),
        "chain": _chain(explanation),
        "would_have_saved": [_saving(saving) for saving in savings],
    }


def _chain(explanation: Explanation) -> list[dict[str, Any]]:
    return [
        {
            "t_h": to_hours(step.t_ms),
            **({"asset": step.asset} if step.link is None else {"link": step.link}),
            "kind": step.kind,
        }
        for step in explanation.chain
    ]


def _saving(saving: Saving) -> dict[str, Any]:
    """Return the plain form of a saving; of two repairs the second is in ``also``."""
    until = {} if saving.until_ms is None else {"until_h": to_hours(saving.until_ms)}
    if saving.measure is not None:
        measure = saving.measure
        plain = {"do": measure.do, "asset": measure.asset, "service": measure.service}
        fields = {"hours": measure.hours, "supplier": measure.supplier, "supply": measure.supply}
        return {
            **plain,
            **{name: value for name, value in fields.items() if value is not None},
            "sentence": saving.text,
            **until,
        }
    first, *others = (
        {
            "do": event.do,
            **({"asset": event.asset} if event.link is None else {"link": event.link}),
            **({"service": event.service} if event.service else {}),
            "by_h": event.at_h,
        }
        for event in saving.events
    )
    also = {"also": others[0]} if others else {}
    return {**first, "sentence": saving.text, **also, **until}

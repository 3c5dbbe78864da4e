"""Options compared on several criteria: scores, ranks, weights.

The methods are the field's, computed by pymcdm where it follows the published formula. Two do not
in version 1.4.0 and stand here: COPRAS (pymcdm adds the costs instead of dividing by them) and
CRITIC (pymcdm leaves out which direction of a criterion is better). Entropy takes ``0 ln 0 = 0``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pymcdm import methods, normalizations, weights

from models.errors import BadInputError

Floats = NDArray[np.float64]
Method = Literal["topsis", "vikor", "promethee2", "wsm", "aras", "mabac", "copras"]
Normalisation = Literal["vector", "minmax", "sum"]
Weighting = Literal["given", "entropy", "critic", "merec"]
Better = Literal["more", "less"]

#: Two scores this near each other share a rank.
EQUAL = 1e-12
#: VIKOR: weight of the many (group utility) against the worst single criterion (regret).
VIKOR_V = 0.5

#: The normalisation a method has where the table names none, and where it can have no other.
DEFAULT_NORMALISATION: Mapping[Method, Normalisation] = {
    "topsis": "vector",
    "wsm": "minmax",
    "aras": "sum",
    "mabac": "minmax",
}
FIXED_NORMALISATION: Mapping[Method, str] = {
    "vikor": "minmax",
    "promethee2": "none",
    "copras": "sum",
}
_NORMALISE: Mapping[str, Callable[..., Floats]] = {
    "vector": normalizations.vector_normalization,
    "minmax": normalizations.minmax_normalization,
    "sum": normalizations.sum_normalization,
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion: its id, its weight (None where weights are computed), which way is better."""

    id: str
    weight: float | None
    better: Better


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Options x criteria, and how they are to be compared.

    ``values`` [options x criteria] is in each criterion's own unit.
    """

    options: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    values: Floats
    method: Method
    normalisation: Normalisation | None
    weighting: Weighting

    @property
    def types(self) -> Floats:
        """1 for a criterion of which more is better, -1 for the others [criteria]."""
        return np.array([1.0 if c.better == "more" else -1.0 for c in self.criteria])

    @property
    def norm(self) -> str:
        """The normalisation that the method really uses."""
        fixed = FIXED_NORMALISATION.get(self.method)
        return fixed or self.normalisation or DEFAULT_NORMALISATION[self.method]

    @property
    def less_is_better(self) -> bool:
        """Whether the smallest score is the best (VIKOR's Q is a distance)."""
        return self.method == "vikor"


# --- weights ---------------------------------------------------------------------------------


def criteria_weights(table: DecisionTable) -> Floats:
    """Return the weights [criteria], at least 0 and with sum 1.

    Sources: entropy, Shannon 1948 and Zeleny 1982; CRITIC, Diakoulaki et al. 1995,
    doi:10.1016/0305-0548(94)00059-H; MEREC, Keshavarz-Ghorabaee et al. 2021,
    doi:10.3390/sym13040525.

    Raises
    ------
    BadInputError
        If the way of weighting needs other values, or no weight is above 0.
    """
    if table.weighting == "given":
        raw = np.array([c.weight or 0.0 for c in table.criteria])
    else:
        if table.weighting == "merec" or table.weighting == "entropy":
            _require_sign(table, table.weighting, zero=table.weighting == "entropy")
        raw = _WEIGHTING[table.weighting](table)
    total = raw.sum()
    if not np.isfinite(total) or total <= 0:
        raise BadInputError(["weights: at least one must be above 0."])
    return np.asarray(raw / total, dtype=np.float64)


def _entropy(table: DecisionTable) -> Floats:
    share = table.values / _or_one(table.values.sum(axis=0))
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread: Floats = 1 + (share * logs).sum(axis=0) / np.log(len(table.options))
    # a criterion without any value has no entropy, and tells nothing apart
    return np.where(table.values.sum(axis=0) > 0, np.maximum(spread, 0), 0.0)


def _critic(table: DecisionTable) -> Floats:
    scaled = normalised(table.values, table.types, "minmax")
    spread = np.ptp(table.values, axis=0) > 0
    weight = np.zeros(len(table.criteria))
    if spread.any():
        varied = scaled[:, spread]
        alike = np.atleast_2d(np.corrcoef(varied, rowvar=False))
        weight[spread] = varied.std(axis=0, ddof=1) * (1 - alike).sum(axis=0)
    # a single criterion, or criteria that all say the same, contrast with nothing
    return weight if weight.sum() > EQUAL else spread.astype(np.float64)


def _merec(table: DecisionTable) -> Floats:
    if len(table.criteria) == 1:
        return np.ones(1)
    found: Floats = weights.merec_weights(table.values, table.types)
    return np.nan_to_num(found, nan=1.0)  # equal options: every criterion removes as much


_WEIGHTING: Mapping[str, Callable[[DecisionTable], Floats]] = {
    "entropy": _entropy,
    "critic": _critic,
    "merec": _merec,
}


# --- normalisation ---------------------------------------------------------------------------


def normalised(values: Floats, types: Floats, norm: str) -> Floats:
    """Return the values of every criterion on one scale, more being better.

    Parameters
    ----------
    values
        [options x criteria], each in its own unit.
    types
        1 or -1 [criteria], see `DecisionTable.types`.
    norm
        ``vector``, ``minmax`` or ``sum``.
    """
    columns = []
    for column, kind in zip(values.T, types, strict=True):
        # a criterion in which nothing differs moves no rank; all zero has no vector length
        same = np.ptp(column) == 0 and norm != "sum" and (norm == "minmax" or column[0] == 0)
        columns.append(np.ones(len(column)) if same else _NORMALISE[norm](column, kind < 0))
    return np.stack(columns, axis=1)


# --- scores ----------------------------------------------------------------------------------


def scores(table: DecisionTable, weight: Floats) -> Floats:
    """Return the score of every option [options] for weights [criteria] with sum 1.

    Closeness (TOPSIS, Hwang and Yoon 1981), Q with v = 0.5 (VIKOR, Opricovic and Tzeng 2004, least
    is best), net flow with the usual preference function (PROMETHEE II, Brans and Vincke 1985),
    weighted sum (WSM), utility degree (ARAS, Zavadskas and Turskis 2010; COPRAS, Zavadskas,
    Kaklauskas and Sarka 1994), distance from the border (MABAC, Pamucar and Cirovic 2015).

    Raises
    ------
    BadInputError
        If the method cannot use the values, with the option and the criterion.
    """
    check_values(table)
    return _SCORES[table.method](table, weight)


def check_values(table: DecisionTable) -> None:
    """Raise BadInputError where method and normalisation cannot use a value."""
    if table.method == "copras":
        _require_sign(table, "copras", zero=True)
        costs = (table.types < 0)[None, :] & (table.values == 0)
        bad = [
            f"values[{row}][{column}]: copras divides by criteria of which less is better; "
            f"'{table.criteria[column].id}' of '{table.options[row]}' must be above 0."
            for row, column in zip(*np.nonzero(costs), strict=True)
        ]
        if bad:
            raise BadInputError(bad)
    elif table.norm == "sum":
        _require_sign(table, "the normalisation 'sum'", zero=False)


def _require_sign(table: DecisionTable, who: str, *, zero: bool) -> None:
    wrong = table.values < 0 if zero else table.values <= 0
    least = "not below 0" if zero else "above 0"
    problems = [
        f"values[{row}][{column}]: {who} needs numbers {least}; "
        f"'{table.criteria[column].id}' of '{table.options[row]}' is "
        f"{table.values[row, column]:g}."
        for row, column in zip(*np.nonzero(wrong), strict=True)
    ]
    if problems:
        raise BadInputError(problems)


def _topsis(table: DecisionTable, weight: Floats) -> Floats:
    scaled = normalised(table.values, table.types, table.norm)
    toward, away = topsis_squares(scaled, weight)
    below, above = np.sqrt(toward), np.sqrt(away)
    # options that do not differ at all are as near to the best as to the worst
    return np.asarray(np.where(below + above > 0, above / _or_one(below + above), 0.5))


def topsis_squares(scaled: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return squared distances to the best and to the worst values [options] each."""
    weighted = scaled * weight
    best, worst = weighted.max(axis=0), weighted.min(axis=0)
    return ((weighted - best) ** 2).sum(axis=1), ((weighted - worst) ** 2).sum(axis=1)


def regret(table: DecisionTable) -> Floats:
    """Return how far each value is from the best of its criterion, in [0, 1]."""
    scaled = normalised(table.values, table.types, "minmax")
    return np.asarray(1 - scaled)


def _vikor(table: DecisionTable, weight: Floats) -> Floats:
    parts = regret(table) * weight
    return VIKOR_V * _spread(parts.sum(axis=1)) + (1 - VIKOR_V) * _spread(parts.max(axis=1))


def _spread(values: Floats) -> Floats:
    low, high = values.min(), values.max()
    width = high - low
    return np.asarray((values - low) / width) if width > EQUAL else np.zeros(len(values))


def net_flows(table: DecisionTable) -> Floats:
    """Return each option's net flow in each criterion alone [options x criteria]."""
    better = np.sign(table.values[:, None, :] - table.values[None, :, :]) * table.types
    return np.asarray(better.sum(axis=1) / (len(table.options) - 1))


def _promethee2(table: DecisionTable, weight: Floats) -> Floats:
    return net_flows(table) @ weight


def _wsm(table: DecisionTable, weight: Floats) -> Floats:
    return normalised(table.values, table.types, table.norm) @ weight


def aras_values(table: DecisionTable) -> Floats:
    """Return the normalised values, the ideal option first [1 + options x criteria]."""
    best = np.where(table.types > 0, table.values.max(axis=0), table.values.min(axis=0))
    return normalised(np.vstack([best, table.values]), table.types, table.norm)


def _aras(table: DecisionTable, weight: Floats) -> Floats:
    total = aras_values(table) @ weight
    return np.asarray(total[1:] / total[0])


def _mabac(table: DecisionTable, weight: Floats) -> Floats:
    method = methods.MABAC(lambda column, cost: column)  # already on one scale
    scaled = normalised(table.values, table.types, table.norm)
    found: Floats = method(scaled, weight, np.ones(len(weight)), validation=False)
    return found


def copras_parts(table: DecisionTable, weight: Floats) -> tuple[Floats, Floats]:
    """Return the weighted sums of what is better more, and less [options] each."""
    parts = table.values / _or_one(table.values.sum(axis=0)) * weight
    return parts[:, table.types > 0].sum(axis=1), parts[:, table.types < 0].sum(axis=1)


def _copras(table: DecisionTable, weight: Floats) -> Floats:
    gains, costs = copras_parts(table, weight)
    total = gains
    if costs.max(initial=0.0) > 0:
        inverse = costs.min() / costs
        total = gains + costs.sum() * inverse / inverse.sum()
    return np.asarray(total / _or_one(total.max()))


def _or_one(values: Floats) -> Floats:
    """Return divisors, 1 in place of 0."""
    return np.where(np.asarray(values) == 0, 1.0, values)


_SCORES: Mapping[Method, Callable[[DecisionTable, Floats], Floats]] = {
    "topsis": _topsis,
    "vikor": _vikor,
    "promethee2": _promethee2,
    "wsm": _wsm,
    "aras": _aras,
    "mabac": _mabac,
    "copras": _copras,
}


def ranks(found: Floats, *, less_is_better: bool = False) -> list[int]:
    """Return the rank of every option, 1 for the best; scores that are equal share a rank.

    Parameters
    ----------
    found
        Scores [options].
    less_is_better
        Whether the smallest is the best.
    """
    sign = -1.0 if less_is_better else 1.0
    better = sign * (found[None, :] - found[:, None])
    tolerance = EQUAL * max(1.0, float(np.abs(found).max(initial=0.0)))
    return [1 + int(count) for count in (better > tolerance).sum(axis=1)]

"""Loss of output when final demand falls: the open Leontief model, driven by demand.

``x = (I - A)^-1 f`` with technical coefficients ``A_ij = T_ij / x_j`` (Leontief 1936; Miller and
Blair 2009, *Input-Output Analysis*, ch. 2). A shock takes a share of a sector's final demand; what
the sector itself no longer delivers to it is the direct loss, what all sectors no longer produce
is the total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import BadInputError
from models.theory.inoperability import technical_coefficients

Floats = NDArray[np.float64]

#: A table whose rows miss their output by more than this share is told to be unbalanced.
BALANCED = 1e-3
#: The reciprocal of the condition of I - A below which no answer is to be trusted.
SOLVABLE = 1e-12


@dataclass(frozen=True, slots=True)
class Economy:
    """Transactions [from x to], final demand and output [sectors], in one currency per year."""

    labels: tuple[str, ...]
    flows: Floats
    final_demand: Floats
    output: Floats


@dataclass(frozen=True, slots=True)
class Loss:
    """What a shock takes [sectors], in the currency of the table per year of shock."""

    direct: Floats
    total: Floats
    inoperability: Floats
    notes: tuple[str, ...]


def demand_loss(economy: Economy, shock: Floats) -> Loss:
    """Return the loss of output when shares of final demand fall away.

    Parameters
    ----------
    economy
        The table.
    shock
        Share of each sector's final demand that is lost [sectors], in [0, 1].

    Raises
    ------
    BadInputError
        If the sectors' purchases leave no answer: somebody buys as much as it produces.
    """
    coefficients = _coefficients(economy)
    direct = shock * economy.final_demand
    matrix = np.eye(len(shock)) - coefficients
    if 1 / np.linalg.cond(matrix) < SOLVABLE:
        raise BadInputError(["flows: purchases are as large as the output. There is no answer."])
    total: Floats = np.linalg.solve(matrix, direct).astype(np.float64)
    if (total < -BALANCED * max(np.abs(direct).max(initial=0.0), 1e-300)).any():
        raise BadInputError(["flows: purchases exceed the output; losses come out below 0."])
    output = economy.output
    share: Floats = np.divide(total, output, out=np.zeros_like(total), where=output > 0)
    return Loss(direct, total, share, tuple(_notes(economy)))


def _coefficients(economy: Economy) -> Floats:
    idle = np.asarray(economy.output == 0)
    bought = economy.flows.sum(axis=0)
    wrong = [label for n, label in enumerate(economy.labels) if idle[n] and bought[n] > 0]
    if wrong:
        raise BadInputError(f"output of '{label}': 0, but it buys from others." for label in wrong)
    return technical_coefficients(economy.flows, np.where(idle, 1.0, economy.output))


def _notes(economy: Economy) -> list[str]:
    used = economy.flows.sum(axis=1) + economy.final_demand
    off = np.abs(used - economy.output) > BALANCED * np.maximum(economy.output, used)
    return [
        f"'{economy.labels[n]}': flows and final demand add up to {used[n]:g}, the output is "
        f"{economy.output[n]:g}."
        for n in np.flatnonzero(off)
    ]

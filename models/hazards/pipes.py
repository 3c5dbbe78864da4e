"""Repairs of buried pipes after an earthquake: rates per km and the chance that none is needed.

Hazus Earthquake Technical Manual, section 8.1. The coefficients are arguments: they stand in the
table of curves with their source.
"""

from __future__ import annotations

import math


def rate_by_shaking(pgv_cm_s: float, factor: float) -> float:
    """Return repairs per km at a peak ground velocity; ``factor``: 1 brittle, 0.3 ductile pipe."""
    return float(factor * 1e-4 * pgv_cm_s**2.25)


def rate_by_deformation(pgd_inch: float, factor: float) -> float:
    """Return repairs per km at a ground deformation; ``factor``: 1 brittle, 0.3 ductile pipe."""
    return float(factor * pgd_inch**0.56)


def p_no_repair(rate_per_km: float, length_km: float) -> float:
    """Return the probability that a pipe needs no repair: repairs are a Poisson process on it."""
    return math.exp(-rate_per_km * length_km)

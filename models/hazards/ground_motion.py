"""Median ground motion and its spread at sites, by published models (computed by pygmm).

Two of them take nothing but magnitude, style of faulting, Joyner-Boore distance and site velocity:
Akkar, Sandikkaya and Bommer 2014, doi:10.1007/s10518-013-9461-4 (Europe and the Middle East), and
Boore, Stewart, Seyhan and Atkinson 2014, doi:10.1193/070113EQS184M (global, no basin term). The
third, Kawashima et al. 1984 as WNTR has it, knows magnitude and distance alone, and no spread.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf, nan
from typing import Any

#: the words of pygmm on inputs beyond a model's range are told once, by `beyond_range`
logging.getLogger("pygmm").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Site:
    """A site and an earthquake: moment magnitude, rake (degrees), distance (km), vs30 (m/s)."""

    magnitude: float
    rake: float
    distance_rjb_km: float
    vs30_m_s: float


@dataclass(frozen=True, slots=True)
class Motion:
    """Median peak ground acceleration (g), and the standard deviations of its natural logarithm.

    ``tau_ln`` is between events, ``phi_ln`` within one, ``sigma_ln`` the total.
    """

    median_g: float
    sigma_ln: float
    tau_ln: float
    phi_ln: float


@dataclass(frozen=True, slots=True)
class _Model:
    """How a model is called in pygmm, its range, and how it tells styles of faulting by rake."""

    name: str
    short: str
    magnitude: tuple[float, float]
    distance_km: float
    vs30_m_s: tuple[float, float]
    mechanism: Callable[[float], str]
    parts: Callable[[Any], tuple[float, float]]


def _by_45_degrees(rake: float) -> str:
    """Akkar et al.: within 45 degrees of vertical slip is normal or reverse."""
    if 45 < rake < 135:
        return "RS"
    return "NS" if -135 < rake < -45 else "SS"


def _by_30_degrees(rake: float) -> str:
    """Boore et al.: within 30 degrees of horizontal slip is strike-slip."""
    if abs(rake) <= 30 or 180 - abs(rake) <= 30:
        return "SS"
    return "RS" if rake > 0 else "NS"


def _tabled(model: Any) -> tuple[float, float]:
    table = model.COEFF["dist_jb"]
    place = model.INDEX_PGA
    return float(table.sd_between[place]), float(table.sd_within[place])


def _computed(model: Any) -> tuple[float, float]:
    place = model.INDEX_PGA
    return float(model._tau[place]), float(model._phi[place])


CM_S2_PER_G = 981.0
KAWASHIMA = "Kawashima1984"
MODELS: Mapping[str, _Model] = {
    model.name: model
    for model in (
        _Model("AkkarSandikkayaBommer2014", "ASB14", (4, 8), 200, (150, 1200),
               _by_45_degrees, _tabled),
        _Model("BooreStewartSeyhanAtkinson2014", "BSSA14", (3, 8.5), 300, (150, 1500),
               _by_30_degrees, _computed),
        _Model(KAWASHIMA, "K84", (5, 7.9), 500, (0, inf), _by_45_degrees, _computed),
    )
}  # fmt: skip
_BY_NAME = {name.lower(): model for model in MODELS.values() for name in (model.name, model.short)}


def model_name(text: str) -> str | None:
    """Return the full name of a model by its name or abbreviation, in any case; None if unknown."""
    model = _BY_NAME.get(text.strip().lower())
    return model.name if model else None


def motion(name: str, site: Site) -> Motion:
    """Return the peak ground acceleration that a model expects at a site.

    Parameters
    ----------
    name
        A key of `MODELS`.
    site
        The earthquake as the site meets it.
    """
    if name == KAWASHIMA:
        return Motion(_kawashima_g(site.magnitude, site.distance_rjb_km), nan, nan, nan)
    model = MODELS[name]
    scenario, of_model = _pygmm(name)
    computed = of_model(
        scenario(
            mag=site.magnitude,
            dist_jb=site.distance_rjb_km,
            v_s30=site.vs30_m_s,
            mechanism=model.mechanism(site.rake),
        )
    )
    tau, phi = model.parts(computed)
    return Motion(float(computed.pga), float(computed.ln_std_pga), tau, phi)


def _kawashima_g(magnitude: float, distance_km: float) -> float:
    """Return 403.8 x 10^(0.265 M) x (R + 30)^-1.218 cm/s2, in g."""
    cm_s2: float = 403.8 * 10 ** (0.265 * magnitude) * (distance_km + 30) ** -1.218
    return cm_s2 / CM_S2_PER_G


@cache
def _pygmm(name: str) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves a table of its own open
        import pygmm  # slow to import, and few runs have an earthquake

    return pygmm.Scenario, getattr(pygmm, name)


def beyond_range(name: str, site: Site) -> list[str]:
    """Return what of a site is outside the data that a model was fitted to, in words."""
    model = MODELS[name]
    low, high = model.magnitude
    slow, fast = model.vs30_m_s
    said = []
    if not low <= site.magnitude <= high:
        said.append(f"magnitude {site.magnitude:g} is outside {low:g} to {high:g}")
    if site.distance_rjb_km > model.distance_km:
        said.append(f"distance {site.distance_rjb_km:g} km is above {model.distance_km:g} km")
    if not slow <= site.vs30_m_s <= fast:
        said.append(f"vs30 {site.vs30_m_s:g} m/s is outside {slow:g} to {fast:g} m/s")
    return said

"""Kinds of hazard: which intensity each is measured by, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.wording import N_

#: Units by what they measure, each as (factor, offset) to the first of its kind.
_UNITS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "length": {
        "m": (1.0, 0.0), "dm": (0.1, 0.0), "cm": (0.01, 0.0), "mm": (0.001, 0.0),
        "km": (1000.0, 0.0), "ft": (0.3048, 0.0), "inch": (0.0254, 0.0), "in": (0.0254, 0.0),
    },
    "speed": {
        "m/s": (1.0, 0.0), "km/h": (1 / 3.6, 0.0), "cm/s": (0.01, 0.0),
        "kn": (1852 / 3600, 0.0), "kt": (1852 / 3600, 0.0), "mph": (0.44704, 0.0),
    },
    "acceleration": {
        "g": (9.80665, 0.0), "%g": (0.0980665, 0.0), "m/s2": (1.0, 0.0), "m/s^2": (1.0, 0.0),
        "cm/s2": (0.01, 0.0), "cm/s^2": (0.01, 0.0), "gal": (0.01, 0.0),
    },
    "temperature": {
        "°C": (1.0, 273.15), "degC": (1.0, 273.15), "C": (1.0, 273.15), "K": (1.0, 0.0),
    },
    "pressure": {
        "kPa": (1000.0, 0.0), "Pa": (1.0, 0.0), "hPa": (100.0, 0.0), "bar": (1e5, 0.0),
        "psi": (6894.757293168, 0.0),
    },
    "field": {"V/km": (1.0, 0.0), "mV/km": (0.001, 0.0), "V/m": (1000.0, 0.0)},
    "flux": {"kW/m2": (1000.0, 0.0), "W/m2": (1.0, 0.0)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HazardKind:
    """One kind of hazard: its intensity and unit where an event states none, and its words."""

    label: str
    verb: str
    im: str = ""
    unit: str = ""


#: Every kind with words of its own; an event may name any other and is then said by its name.
KINDS: Mapping[str, HazardKind] = {
    "flood": HazardKind(N_("Flood"), N_("flooded"), "depth", "m"),
    "wind": HazardKind(N_("Storm"), N_("hit by gusts of"), "gust", "m/s"),
    "earthquake": HazardKind(N_("Earthquake"), N_("shaken by"), "PGA", "g"),
    "landslide": HazardKind(N_("Landslide"), N_("moved by"), "PGD", "cm"),
    "heat": HazardKind(N_("Heat wave"), N_("heated to"), "temperature", "°C"),
    "ice": HazardKind(N_("Ice load"), N_("iced by"), "ice", "mm"),
    "wildfire": HazardKind(N_("Wildfire"), N_("inside the fire:"), "inside", "0/1"),
    "fire": HazardKind(N_("Fire"), N_("exposed to"), "heat_flux", "kW/m2"),
    "explosion": HazardKind(N_("Explosion"), N_("exposed to"), "overpressure", "kPa"),
    "hazmat_release": HazardKind(
        N_("Hazardous release"), N_("exposed to"), "aegl_2_ratio", "ratio"
    ),
    "space_weather": HazardKind(N_("Space weather"), N_("exposed to"), "geoelectric_field", "V/km"),
    "ash": HazardKind(N_("Volcanic ash"), N_("exposed to"), "ash", "mg/m3"),
    "drought": HazardKind(N_("Drought"), N_("at a flow of"), "flow_percentile", "-"),
}


#: Units as people read them, where files write them otherwise; an empty one is no unit to read.
_SIGNS: Mapping[str, str] = {
    "ratio": "× AEGL-2", "0/1": "", "-": "", "kW/m2": "kW/m²", "mg/m3": "mg/m³",
}  # fmt: skip


def unit_sign(unit: str) -> str:
    """Return a unit of intensity as people read it."""
    return _SIGNS.get(unit, unit)


#: Impacts of ATT&CK for ICS that an attack may have, by id; what they do is a knowledge table.
ATTACK_EFFECTS: Mapping[str, str] = {
    "T0826": N_("Loss of availability"),
    "T0827": N_("Loss of control"),
    "T0829": N_("Loss of view"),
    "T0828": N_("Loss of productivity and revenue"),
    "T0837": N_("Loss of protection"),
    "T0880": N_("Loss of safety"),
    "T0831": N_("Manipulation of control"),
    "T0832": N_("Manipulation of view"),
    "T0813": N_("Denial of control"),
    "T0815": N_("Denial of view"),
    "T0879": N_("Damage to property"),
    "T0882": N_("Theft of operational information"),
}


def factor_between(unit: str, other: str) -> tuple[float, float] | None:
    """Return what leads from a unit to another as (factor, offset); None where nothing does."""
    if unit == other or not unit or not other:
        return 1.0, 0.0
    for table in _UNITS.values():
        if unit in table and other in table:
            (factor, offset), (to, base) = table[unit], table[other]
            return factor / to, (offset - base) / to
    return None

"""*Draw a hazard*: the button, with all that the form of ``page/panels/hazards.js`` offers."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from layouts.parts import extra
from layouts.words import Labels
from models.hazards.kinds import ATTACK_EFFECTS, KINDS, unit_sign
from models.wording import _
from models.world import World


def hazard_kinds() -> list[dict[str, str]]:
    """Return label and unit of every hazard, by its id; ``sign`` is the unit to read."""
    return [
        {"id": name, "label": _(kind.label), "unit": kind.unit, "sign": unit_sign(kind.unit)}
        for name, kind in KINDS.items()
    ]


def hazard_button(world: World, labels: Labels) -> Component:
    """Return the button that opens the form: hazards with units, effects, sectors with staff.

    Parameters
    ----------
    world
        The world as the user may see it.
    labels
        The page's words.
    """
    offered = {
        "hazards": hazard_kinds(),
        "effects": [{"id": name, "label": _(label)} for name, label in ATTACK_EFFECTS.items()],
        "sectors": [{"id": s, "label": labels.sector(s)} for s in sorted(world.staffed)],
        "operators": sorted({a.operator for a in world.assets.values() if a.operator}),
    }
    return html.Button(
        _("+ Draw a hazard, an attack…"),
        type="button",
        className="wide",
        id="hazard-button",
        **extra({"data-offered": json.dumps(offered, ensure_ascii=False)}),
    )

"""Events about no single thing, as the page may send them: hazards, attacks, shortages of staff.

This is the one check of what a client draws: corners are bounded, numbers finite, and a file of a
field is a plain name, never a path. The scenario's parser then checks it against the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, TypeAdapter, field_validator

from models.hazards.kinds import ATTACK_EFFECTS, KINDS
from models.scenario import MAX_HOURS, MAX_ID
from models.wording import N_, _
from usecases import forms
from usecases.forms import Strict

#: Most corners of a drawn area: a lasso has a few hundred, and each change sends all of them.
MAX_CORNERS, MAX_RINGS, MAX_STEPS, MAX_SELECTED = 2_000, 20, 100, 2_000

_Id = Annotated[str, Field(min_length=1, max_length=MAX_ID)]
_Hours = Annotated[float, Field(ge=0, le=MAX_HOURS, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Chance = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
_Level = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
_Range = Annotated[list[_Share], Field(min_length=3, max_length=3)]
_Durations = Annotated[list[_Hours], Field(min_length=3, max_length=3)]
_Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
_Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
_Corner = Annotated[list[float], Field(min_length=2, max_length=2)]
_Ring = Annotated[list[_Corner], Field(min_length=4, max_length=MAX_CORNERS)]
#: A name in the world's ``fields/``: no folder, no drive, no address, nothing hidden.
_FileName = Annotated[str, Field(pattern=r"^\w[\w. ()-]{0,199}$")]


class Action(Strict):
    """What every action of the page has: the revision that it was made on."""

    base_rev: Annotated[int, Field(ge=0, lt=2**53)] = 0
    nonce: str | int | float | None = None


class _Polygon(Strict):
    type: Literal["Polygon"]
    coordinates: Annotated[list[_Ring], Field(min_length=1, max_length=MAX_RINGS)]

    @field_validator("coordinates")
    @classmethod
    def _on_earth(cls, rings: list[list[list[float]]]) -> list[list[list[float]]]:
        if sum(map(len, rings)) > MAX_CORNERS:
            raise ValueError(_("the area has too many corners"))
        # a comparison with what is no number is false
        if not all(abs(x) <= 180 and abs(y) <= 90 for ring in rings for x, y in ring):
            raise ValueError(_("a corner lies outside the earth"))
        return rings


class _StepLevel(Strict):
    after_h: _Hours
    intensity: _Level


class _Drawn(Strict):
    polygon: _Polygon
    intensity: _Level
    unit: Annotated[str, Field(max_length=40)] | None = None
    im: _Id | None = None
    steps: Annotated[list[_StepLevel], Field(min_length=1, max_length=MAX_STEPS)] | None = None


class _Quake(Strict):
    magnitude: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
    lon: _Lon
    lat: _Lat
    depth_km: Annotated[float, Field(ge=0, le=700, allow_inf_nan=False)] = 10.0


class _Band(Strict):
    after_h: _Hours
    band: Annotated[int, Field(ge=1, le=1_000_000)]


class _File(Strict):
    file: _FileName
    band: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    variable: _Id | None = None
    unit: Annotated[str, Field(max_length=40)] | None = None
    intensity: _Level | None = None
    steps: Annotated[list[_Band], Field(min_length=1, max_length=MAX_STEPS)] | None = None


def _form_of(sent: Any) -> str | None:
    """Return which form a field has, by what it alone has; pydantic asks for made ones, too."""
    names = ("polygon", "magnitude", "file")
    if isinstance(sent, dict):
        return next((name for name in names if name in sent), None)
    return next((name for name in names if hasattr(sent, name)), None)


_Field = Annotated[
    Annotated[_Drawn, Tag("polygon")]
    | Annotated[_Quake, Tag("magnitude")]
    | Annotated[_File, Tag("file")],
    Discriminator(_form_of),
]


class _Wide(Strict):
    at_h: _Hours
    p: _Chance | None = None
    note: Annotated[str, Field(max_length=500)] = ""
    name: _Id | None = None
    triggered_by: _Id | None = None


class HazardForm(_Wide):
    """A field of intensity meets all assets and links."""

    do: Literal["hazard"]
    hazard: Literal[tuple(KINDS)]  # type: ignore[valid-type]
    field: _Field
    curves: Annotated[dict[_Id, _Id], Field(max_length=200)] | None = None
    threshold: _Level | None = None
    until_h: _Hours | None = None


class _Select(Strict):
    product: _Id | None = None
    version_below: _Id | None = None
    operator: _Id | None = None
    corridor: _Id | None = None
    assets: Annotated[list[_Id], Field(max_length=MAX_SELECTED)] | None = None


class AttackForm(_Wide):
    """An attack reaches what its selector names; access and exploit are low, likely, high."""

    do: Literal["attack"]
    select: _Select
    access: _Share | _Range
    exploit: _Share | _Range
    effect: Literal[tuple(ATTACK_EFFECTS)]  # type: ignore[valid-type]
    duration_h: _Hours | _Durations


class ShortageForm(_Wide):
    """A share of the staff of a sector is missing."""

    do: Literal["shortage"]
    of: Literal["staff"] = "staff"
    sector: _Id
    share: _Share
    reserve: Annotated[float, Field(ge=0, le=0.99, allow_inf_nan=False)] | None = None
    until_h: _Hours | None = None


WideEvent = Annotated[HazardForm | AttackForm | ShortageForm, Field(discriminator="do")]


class AddWide(Action):
    """One event about no single thing is added."""

    do: Literal["add_wide"]
    event: WideEvent


#: Kinds of events that are checked here.
WIDE = frozenset({"hazard", "attack", "shortage"})
#: What of an event a client may hand back untouched, though a file of the world may say more.
_KEPT = ("field", "select", "curves", "tables")
_EVENT: TypeAdapter[Any] = TypeAdapter(WideEvent)
_CANNOT = N_("This event cannot be added: {what}.")


def plain_of(event: HazardForm | AttackForm | ShortageForm) -> dict[str, Any]:
    """Return an event as a scenario file has it."""
    plain: dict[str, Any] = event.model_dump(exclude_none=True)
    if not plain.get("note"):
        plain.pop("note", None)
    return plain


def require_bounded(event: Mapping[str, Any], held: Mapping[str, Any]) -> None:
    """Refuse an edited event whose new content no drawing could have made.

    Parameters
    ----------
    event
        What the event becomes, in its plain form.
    held
        What it is so far: content that stays as it is was checked when its file was read.

    Raises
    ------
    BadInputError
        With one line per problem; it never repeats the payload.
    """
    if event.get("do") not in WIDE or all(event.get(k) == held.get(k) for k in _KEPT):
        return
    forms.parse(_EVENT, dict(event), _CANNOT, {})

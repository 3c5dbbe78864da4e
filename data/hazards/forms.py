"""What a field of a scenario may say: the forms of ``field`` in an event of kind ``hazard``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import BadInputError

Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
#: Steps of a field in time; more would be read for every change of a scenario.
MAX_STEPS, MAX_BANDS, MAX_ALERTS = 100, 1_000_000, 200


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

    im: Name | None = None
    unit: Annotated[str, Field(max_length=40)] | None = None


class LevelForm(BaseModel):
    """Another intensity of an area from ``after_h`` hours after the event on."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

    after_h: Annotated[float, Field(ge=0, le=87_600)]
    intensity: Number


class PolygonForm(_Form):
    """An area with one intensity, or one for each of its ``steps``: a GeoJSON geometry.

    In degrees unless ``crs`` says otherwise.
    """

    polygon: dict[str, Any]
    intensity: Number = 1.0
    crs: Name | None = None
    steps: Annotated[list[LevelForm], Field(min_length=1, max_length=MAX_STEPS)] | None = None


class StepForm(BaseModel):
    """Another band of the file from ``after_h`` hours after the event on."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

    after_h: Annotated[float, Field(ge=0, le=87_600)]
    band: Annotated[int, Field(ge=1, le=MAX_BANDS)]


class FileForm(_Form):
    """A raster (``band``, or ``variable`` of NetCDF) or areas (``column``, or ``intensity``)."""

    file: Name
    band: Annotated[int, Field(ge=1, le=MAX_BANDS)] | None = None
    variable: Name | None = None
    layer: Name | None = None
    column: Name | None = None
    intensity: Number | None = None
    crs: Name | None = None
    steps: Annotated[list[StepForm], Field(min_length=1, max_length=MAX_STEPS)] | None = None


class CapForm(_Form):
    """Areas of warnings (CAP 1.1 or 1.2); a later Update or Cancel replaces what it refers to."""

    cap: Name | Annotated[list[Name], Field(min_length=1, max_length=MAX_ALERTS)]
    intensity: Number = 1.0


class ShakeMapForm(_Form):
    """The grid of a ShakeMap (``grid.xml``); ``im`` is one of its fields, PGA if left out."""

    shakemap: Name


class WaterForm(_Form):
    """A water level over a terrain: depth where the ground is lower.

    With ``lon`` and ``lat``, only where the water can flow from there.
    """

    water_level_m: Number
    dem: Name
    band: Annotated[int, Field(ge=1, le=MAX_BANDS)] | None = None
    crs: Name | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None


class TrackForm(_Form):
    """The track of a cyclone: gusts by Holland's profile, the largest over time.

    ``gust_factor`` turns the wind of the track into the gust that curves are about.
    """

    track: Name
    track_id: Name | None = None
    gust_factor: Annotated[float, Field(gt=0, le=3)] = 1.0


class QuakeForm(_Form):
    """An epicentre and a magnitude: median shaking by a published model."""

    magnitude: Annotated[float, Field(ge=0, le=10)]
    lon: Longitude
    lat: Latitude
    depth_km: Annotated[float, Field(ge=0, le=700)] = 10.0
    rake: Annotated[float, Field(ge=-180, le=180)] = 0.0
    model: Name = "AkkarSandikkayaBommer2014"
    correlation: Name | None = None
    vs30_m_s: Annotated[float, Field(gt=0, le=3000)] = 760.0


#: Each form by the field that it alone has.
FORMS: Mapping[str, type[_Form]] = {
    "polygon": PolygonForm,
    "file": FileForm,
    "cap": CapForm,
    "shakemap": ShakeMapForm,
    "water_level_m": WaterForm,
    "track": TrackForm,
    "magnitude": QuakeForm,
}
AnyForm = PolygonForm | FileForm | CapForm | ShakeMapForm | WaterForm | TrackForm | QuakeForm


def parse_field(plain: object, place: str) -> AnyForm:
    """Return the form of a field.

    Parameters
    ----------
    plain
        What the event has as ``field``.
    place
        Where it stands, for messages.

    Raises
    ------
    BadInputError
        One line per thing that is wrong.
    """
    if not isinstance(plain, Mapping):
        raise BadInputError([f"{place}: not an object."])
    kinds = [name for name in FORMS if name in plain]
    if len(kinds) != 1:
        names = ", ".join(f"'{name}'" for name in FORMS)
        raise BadInputError([f"{place}: name exactly one of {names}."])
    try:
        return FORMS[kinds[0]].model_validate(dict(plain))  # type: ignore[return-value]
    except ValidationError as error:
        raise BadInputError(_lines(error, place, kinds[0])) from None


def _lines(error: ValidationError, place: str, kind: str) -> Iterator[str]:
    names = ", ".join(FORMS[kind].model_fields)
    for problem in error.errors():
        steps = (f"[{s}]" if isinstance(s, int) else f".{s}" for s in problem["loc"])
        where = place + "".join(steps)
        if problem["type"] == "extra_forbidden":
            yield f"{where}: no such field with '{kind}'. It has {names}."
        else:
            yield f"{where}: {problem['msg'][0].lower()}{problem['msg'][1:]}."

"""Scenarios from JSON: pydantic validates the form, then references are checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    create_model,
)

from data.documents.scenario_problems import bound_text, problems_of
from data.hazards.places import Places
from data.worlds.json_text import read_checked, read_json
from data.worlds.numbers import MAX_AMOUNT
from data.worlds.tables import Findings, hint
from models.access import Tlp
from models.errors import BadInputError
from models.scenario import (
    EVENT_KINDS,
    MAX_EVENTS,
    MAX_HOURS,
    MAX_ID,
    MAX_MEASURES,
    Do,
    EventField,
    Scenario,
    too_long,
)
from models.wording import N_, _
from models.world import World

MAX_SCENARIO_BYTES = 8_000_000
#: Largest integer that a browser represents exactly.
MAX_SEED = 2**53 - 1

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID)]
Text = Annotated[str, StringConstraints(max_length=2_000)]
Hours = Annotated[float, Field(ge=0, le=MAX_HOURS)]
Euros = Annotated[float, Field(ge=0, le=1e12)]


# --- the form --------------------------------------------------------------------------------


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class _Event(_Form):
    at_h: Hours
    p: Annotated[float, Field(gt=0, le=1)] | None = None
    note: Text = ""


def _content(field: EventField) -> tuple[Any, Any]:
    """Return the type and the default of an event's field."""
    bounded: Any = Annotated[float, Field(ge=field.low, le=field.high)]
    held: Any = Id if field.unit in ("service", "sector", "name") else bounded
    if field.unit == "object":
        held = dict[str, Any]
    elif field.unit == "range":
        held = Any  # a number or three of them: _range_problems says what is wrong
    elif field.unit == "word":
        held = Literal[field.words]
    return (held, ...) if field.required else (held | None, None)


def _event_form(do: Do) -> type[_Event]:
    """Return the pydantic model of a kind of event, which names exactly one thing."""
    kind = EVENT_KINDS[do]
    thing: Any = (Id, ...) if len(kind.things) == 1 else (Id | None, None)
    content: dict[str, Any] = {"do": (Literal[do], ...), **dict.fromkeys(kind.things, thing)}
    content |= {field.name: _content(field) for field in kind.fields}
    content |= dict.fromkeys(("name", "triggered_by"), (Id | None, None))
    form: type[_Event] = create_model(f"_{do.title()}", __base__=_Event, **content)
    return form


_EVENTS = tuple(map(_event_form, get_args(Do)))


class _Measure(_Form):
    asset: Id
    service: Id
    cost_eur: Euros | None = None
    note: Text = ""


class _AddAutonomy(_Measure):
    do: Literal["add_autonomy"]
    hours: Annotated[float, Field(gt=0, le=MAX_HOURS)]


class _AddSupplier(_Measure):
    do: Literal["add_supplier"]
    supplier: Id


class _AddSource(_Measure):
    do: Literal["add_source"]
    supply: Annotated[float, Field(gt=0, le=MAX_AMOUNT)] | None = None


AnyMeasure = Annotated[_AddAutonomy | _AddSupplier | _AddSource, Field(discriminator="do")]


class _Head(_Form):
    world: Id
    title: Text = ""
    title_tlp: Tlp | Literal[""] = ""
    note: Text = ""
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 1
    horizon_h: Hours = 168.0
    repairs: Literal["none", "typical"] = "none"
    common_cause: Literal["none", "sampled"] = "none"


_ANY_EVENT: Any = Annotated[Union[_EVENTS], Field(discriminator="do")]  # noqa: UP007
_Scenario: type[_Form] = create_model(
    "_Scenario",
    __base__=_Head,
    events=(Annotated[list[_ANY_EVENT], Field(max_length=MAX_EVENTS)], []),
    measures=(Annotated[list[AnyMeasure], Field(max_length=MAX_MEASURES)], []),
)


_MEASURES: tuple[type[_Form], ...] = (_AddAutonomy, _AddSupplier, _AddSource)
_FORMS: Mapping[str, type[_Form]] = {
    get_args(form.model_fields["do"].annotation)[0]: form for form in (*_EVENTS, *_MEASURES)
}


# --- public ----------------------------------------------------------------------------------


def read_scenario(path: Path, world: World, world_path: Path | None = None) -> Scenario:
    """Read a scenario file and check it against its world.

    Parameters
    ----------
    path
        The file; files of fields may lie beside it.
    world
        The whole world.
    world_path
        Where it was read from: files of fields may lie in its ``fields/``, too.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    places = Places.of(path, world_path)
    return read_checked(
        path, MAX_SCENARIO_BYTES, lambda plain: parse_scenario(plain, world, places)
    )


def read_plain_scenario(path: Path, world: World) -> Scenario:
    """Read a scenario file without looking for what its hazards hit.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    return read_checked(path, MAX_SCENARIO_BYTES, lambda plain: _checked(plain, world))


def parse_scenario(plain: object, world: World, places: Places | None = None) -> Scenario:
    """Return the scenario of a plain form (as JSON gives it), checked against its world.

    Times are in hours (h) from 0 to 87,600; levels in [0, 1]. Hazards know what they hit.

    Parameters
    ----------
    plain
        The plain form.
    world
        The whole world.
    places
        Where files of fields may lie; None: nowhere.

    Raises
    ------
    BadInputError
        With one line per problem that names its place, as ``events[3].asset``.
    """
    return with_effects(_checked(plain, world), world, places)


def _checked(plain: object, world: World) -> Scenario:
    """Return the scenario of a plain form, checked against its world; no field is opened."""
    try:
        form = _Scenario.model_validate(plain)
    except ValidationError as error:
        raise BadInputError(_line(detail) for detail in error.errors()) from None
    scenario = Scenario.from_dict(form.model_dump())
    problems = tuple(problems_of(scenario, world))
    if problems:
        if scenario.world != world.world_id:
            other = _("the scenario is for '{theirs}', this is '{ours}'.")
            said = other.format(theirs=scenario.world, ours=world.world_id)
            problems = (f"world: {said}", *problems)
        raise BadInputError(problems)
    return scenario


def with_effects(scenario: Scenario, world: World, places: Places | None = None) -> Scenario:
    """Return the scenario whose hazards know what they hit.

    Parameters
    ----------
    scenario
        As it was checked.
    world
        The whole world.
    places
        Where files of fields may lie; None: nowhere.

    Raises
    ------
    BadInputError
        One line per field or curve that cannot be used.
    """
    if not any(event.do in ("hazard", "attack") for event in scenario.events):
        return scenario
    # imported here: it brings libraries that other scenarios do not need
    from data.hazards.opening import with_hits

    return with_hits(scenario, world, places or Places(()))[0]


def scenario_warnings(
    scenario: Scenario, world: World, *, ensemble: bool = False
) -> tuple[str, ...]:
    """Return warnings about valid but probably unintended content, one line each.

    Parameters
    ----------
    scenario, world
        The scenario, and its world.
    ensemble
        Whether it runs as an ensemble; only then probabilities matter.
    """
    warnings = []
    if scenario.world != world.world_id:
        warnings.append(
            f"the scenario is for world '{scenario.world}', this is '{world.world_id}'."
        )
    if not scenario.events:
        warnings.append("no events: the outcome shows only what the world cannot serve by itself.")
    chances = sum(event.p is not None for event in scenario.events)
    if chances and not ensemble:
        warnings.append(f"a single run takes all events as happening, also the {chances} with a p.")
    if scenario.common_cause == "sampled" and not ensemble:
        warnings.append("a single run samples no common causes; an ensemble does.")
    warnings += [
        f"events[{n}]: the field breaks nothing of this world."
        for n, event in enumerate(scenario.events)
        if event.do == "hazard" and not any(hit.happens for hit in event.hits)
    ]
    for n, event in enumerate(scenario.events):
        if event.do == "attack" and not ensemble:
            p = event.hits[0].p if event.hits else 0.0
            said = f"a single run takes it as happening (p = {p:.3g}), for its most likely hours."
            warnings.append(
                f"events[{n}]: {said}" if event.hits else f"events[{n}]: selects nothing."
            )
    late = [n for n, event in enumerate(scenario.events) if event.at_h > scenario.horizon_h]
    warnings += [f"events[{n}]: after the horizon of {scenario.horizon_h:g} h." for n in late]
    return tuple(warnings)


def scenario_sha256(scenario: Scenario) -> str:
    """Return the hash of a scenario's content; 168 and 168.0 hours are the same."""
    plain = json.dumps(_canonical(scenario.to_dict()), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def ready_scenarios(path: Path) -> list[tuple[str, Path]]:
    """Return title and file of each scenario that comes with the world at ``path``, in order."""
    scenarios = []
    for file in sorted((path / "scenarios").glob("*.json")):
        if file.name.startswith("."):  # metadata files of macOS
            continue
        plain = read_json(file, Findings(), MAX_SCENARIO_BYTES)
        title = plain.get("title") if isinstance(plain, dict) else None
        scenarios.append((title if isinstance(title, str) and title else file.stem, file))
    return scenarios


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_canonical(entry) for entry in value]
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


# --- problems of form, in the user's words ---------------------------------------------------


def _line(detail: Any) -> str:
    """Return one line for one finding of pydantic."""
    kind, loc, limits = detail["type"], detail["loc"], detail.get("ctx", {})
    tag = loc[2] if len(loc) > 2 else ""  # pydantic inserts the value of "do" after the index
    steps = loc[:2] + loc[3:] + (("do",) if kind.startswith("union_tag") else ())
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    shown = json.dumps(detail["input"], default=str)[:60]
    if kind == "extra_forbidden":
        text = _("no such field. {hint}").format(hint=_field_hint(str(loc[-1]), tag))
    elif kind == "union_tag_invalid":
        text = _("no such kind. {hint}").format(hint=_kind_hint(limits))
    elif kind == "too_long":
        text = too_long()
    elif kind not in _TEXTS:
        text = f"{shown}: {detail['msg']}"
    else:
        bounds = {key: bound_text(limits[key]) for key in limits}
        text = _(_TEXTS[kind]).format(shown=shown, **bounds)
    place = place.lstrip(".") or _("the scenario")
    return f"{place}: {text}"


#: Messages for findings of pydantic, by type; the names in braces are its context.
_TEXTS = {
    "missing": N_("missing."),
    "union_tag_not_found": N_("missing."),
    "finite_number": N_("{shown} is not a finite number."),
    "greater_than_equal": N_("{shown} is below {ge}."),
    "greater_than": N_("{shown} must be above {gt}."),
    "less_than_equal": N_("{shown} is above {le}."),
    "string_too_long": N_("longer than {max_length} characters."),
    "string_too_short": N_("empty."),
    "float_type": N_("{shown} is not a number."),
    "int_type": N_("{shown} is not a whole number."),
    "string_type": N_("{shown} is not a text."),
    "string_unicode": N_("half of a character is in it. Write the text anew."),
    "list_type": N_("{shown} is not a list."),
    "literal_error": N_("{shown} is not one of {expected}."),
} | dict.fromkeys(
    ("model_type", "model_attributes_type", "dict_type"), N_("{shown} is not an object.")
)


def _field_hint(wrong: str, tag: object) -> str:
    names = _FORMS.get(str(tag), _Scenario).model_fields
    return hint(wrong, names, _("It has {names}.").format(names=", ".join(names)))


def _kind_hint(limits: Mapping[str, Any]) -> str:
    expected = str(limits.get("expected_tags", ""))
    names = [name.strip(" '") for name in expected.split(",")]
    otherwise = _("It is one of {names}.").format(names=", ".join(names))
    return hint(str(limits.get("tag", "")), names, otherwise)

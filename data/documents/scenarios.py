"""Scenarios from JSON: pydantic validates the form, then references are checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
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

from data.knowledge.synonyms import meanings
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
from models.wording import N_, _, number
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
    held = Id if field.unit == "service" else bounded
    return (held, ...) if field.required else (held | None, None)


def _event_form(do: Do) -> type[_Event]:
    """Return the pydantic model of a kind of event, which names exactly one thing."""
    kind = EVENT_KINDS[do]
    one: Any = (Id, ...) if len(kind.things) == 1 else (Id | None, None)
    content: dict[str, Any] = {"do": (Literal[do], ...), **dict.fromkeys(kind.things, one)}
    content |= {field.name: _content(field) for field in kind.fields}
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


def read_scenario(path: Path, world: World) -> Scenario:
    """Read a scenario file and check it against its world.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    return read_checked(path, MAX_SCENARIO_BYTES, lambda plain: parse_scenario(plain, world))


def parse_scenario(plain: object, world: World) -> Scenario:
    """Return the scenario of a plain form (as JSON gives it), checked against its world.

    Times are in hours (h) from 0 to 87,600; levels in [0, 1].

    Raises
    ------
    BadInputError
        With one line per problem that names its place, as ``events[3].asset``.
    """
    try:
        form = _Scenario.model_validate(plain)
    except ValidationError as error:
        raise BadInputError(_line(detail) for detail in error.errors()) from None
    scenario = Scenario.from_dict(form.model_dump())
    problems = tuple(_problems(scenario, world))
    if problems:
        if scenario.world != world.world_id:
            other = _("the scenario is for '{theirs}', this is '{ours}'.")
            said = other.format(theirs=scenario.world, ours=world.world_id)
            problems = (f"world: {said}", *problems)
        raise BadInputError(problems)
    return scenario


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


def bound_text(limit: Any) -> str:
    """Return a limit of pydantic, formatted for users."""
    if not isinstance(limit, float):
        return str(limit)
    return number(limit, 0 if limit.is_integer() else 2)


def _field_hint(wrong: str, tag: object) -> str:
    names = _FORMS.get(str(tag), _Scenario).model_fields
    return hint(wrong, names, _("It has {names}.").format(names=", ".join(names)))


def _kind_hint(limits: Mapping[str, Any]) -> str:
    expected = str(limits.get("expected_tags", ""))
    names = [name.strip(" '") for name in expected.split(",")]
    otherwise = _("It is one of {names}.").format(names=", ".join(names))
    return hint(str(limits.get("tag", "")), names, otherwise)


# --- problems against the world --------------------------------------------------------------


def _problems(scenario: Scenario, world: World) -> Iterator[str]:
    for n, event in enumerate(scenario.events):
        place = f"events[{n}]"
        either_of = len(EVENT_KINDS[event.do].things) > 1
        if either_of and (event.asset is None) == (event.link is None):
            either = _("'{do}' needs either an asset or a link.").format(do=event.do)
            yield f"{place}: {either}"
        yield from _unknown(f"{place}.asset", "asset", event.asset, world.assets)
        yield from _unknown(f"{place}.link", "link", event.link, world.links)
        if event.until_h is not None and event.until_h <= event.at_h:
            late = _("{until} is not after at_h ({at}).")
            said = late.format(until=f"{event.until_h:g}", at=f"{event.at_h:g}")
            yield f"{place}.until_h: {said}"
        if event.service is not None and event.asset in world.assets:
            yield from _unneeded(f"{place}.service", str(event.asset), event.service, world)
    for n, measure in enumerate(scenario.measures):
        place = f"measures[{n}]"
        yield from _unknown(f"{place}.asset", "asset", measure.asset, world.assets)
        yield from _unknown(f"{place}.supplier", "asset", measure.supplier, world.assets)
        if measure.do == "add_source":
            yield from _unlinked(f"{place}.service", measure.service, world)
        elif measure.asset in world.assets:
            yield from _unneeded(f"{place}.service", measure.asset, measure.service, world)


_MISSING = {
    "asset": N_("no asset '{id}' in this world."),
    "link": N_("no link '{id}' in this world."),
}


def _unknown(
    place: str, thing: str, wrong: str | None, known: Mapping[str, object]
) -> Iterator[str]:
    if wrong is not None and wrong not in known:
        other = hint(wrong, known, _("Is the scenario for another world?"))
        text = _(_MISSING[thing]).format(id=wrong)
        yield f"{place}: {text} {other}"


def _unneeded(place: str, asset: str, service: str, world: World) -> Iterator[str]:
    """Yield a problem if no group of the asset needs the service."""
    needed = sorted({group.service for group in world.groups_of.get(asset, ())})
    if service not in needed:
        other = _("It needs nothing in this world.")
        if needed:
            other = _("It needs {services}.").format(services=", ".join(needed))
        text = _("'{asset}' has no dependency on '{service}'.")
        problem = text.format(asset=asset, service=service)
        meant = meanings("service", service)
        yield f"{place}: {problem} {hint(service, needed, other, meant)}"


def _unlinked(place: str, service: str, world: World) -> Iterator[str]:
    if service not in world.link_services:
        other = _("Links carry nothing.")
        if world.link_services:
            carried = ", ".join(world.link_services)
            other = _("Links carry {services}.").format(services=carried)
        text = _("no link carries '{service}'.").format(service=service)
        meant = meanings("service", service)
        yield f"{place}: {text} {hint(service, world.link_services, other, meant)}"

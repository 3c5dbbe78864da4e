"""Exercises from JSON: pydantic validates the form, then references and consistency are checked.

The form is described in ``docs/reference/format.md``, "Exercises".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from data.documents.scenario_problems import bound_text
from data.documents.scenarios import parse_scenario
from data.knowledge.synonyms import meanings
from data.worlds.json_text import read_checked
from data.worlds.tables import hint
from models.errors import BadInputError
from models.exercise.plan import MAX_INJECTS, Exercise, Inject, Kind, When
from models.wording import N_, _
from models.world import World

MAX_EXERCISE_BYTES = 400_000
MAX_TITLE, MAX_TEXT = 120, 4_000
MAX_MIN = 1_440.0

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Minutes = Annotated[float, Field(ge=0, le=MAX_MIN)]
Hours = Annotated[float, Field(ge=0, le=8_760)]
Band = Annotated[float, Field(gt=0, le=8_760)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class _Role(_Form):
    id: Id
    name: Title
    sectors: Annotated[list[Name], Field(max_length=40)] = []
    card: Text = ""


class _When(_Form):
    test: Literal["answered", "done", "not_done"]
    inject: Id | Literal[""] = ""
    option: Annotated[str, StringConstraints(max_length=MAX_TITLE)] = ""
    do: Literal["fail", "repair", "supply", ""] = ""
    asset: Annotated[str, StringConstraints(max_length=200)] = ""
    by_min: Minutes | None = None


class InjectForm(_Form):
    """One inject in an exercise file."""

    id: Id
    at_min: Minutes
    kind: Kind
    title: Title
    text: Text = ""
    to: Annotated[list[Id], Field(max_length=40)] = []
    assets: Annotated[list[Name], Field(max_length=100)] = []
    links: Annotated[list[Name], Field(max_length=100)] = []
    service: Annotated[str, StringConstraints(max_length=200)] = ""
    at_h: Hours | None = None
    until_h: Hours | None = None
    options: Annotated[list[Title], Field(max_length=12)] = []
    bands_h: Annotated[list[Band], Field(max_length=8)] = []
    note: Text = ""
    when: _When | None = None


class _Exercise(_Form):
    world: Name
    title: Title
    about: Text = ""
    note: Text = ""
    scenario: dict[str, Any] = {}
    roles: Annotated[list[_Role], Field(max_length=40)] = []
    injects: Annotated[list[InjectForm], Field(max_length=MAX_INJECTS)] = []


# --- public ----------------------------------------------------------------------------------


def read_exercise(path: Path, world: World) -> Exercise:
    """Read an exercise file and check it against its world.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    return read_checked(path, MAX_EXERCISE_BYTES, lambda plain: parse_exercise(plain, world))


def parse_exercise(plain: object, world: World) -> Exercise:
    """Return the exercise of a plain form (as JSON gives it), checked against its world.

    Raises
    ------
    BadInputError
        With one line per problem that names its place, as ``injects[3].assets``.
    """
    try:
        form = _Exercise.model_validate(plain)
    except ValidationError as error:
        raise BadInputError(_line(detail) for detail in error.errors()) from None
    raw = form.model_dump(exclude_none=True)
    raw["scenario"] = _scenario(form, world)
    plan = Exercise.from_dict(raw)
    problems = tuple(_problems(plan, world))
    if problems:
        raise BadInputError(problems)
    size = len(json.dumps(plan.to_dict(), ensure_ascii=False).encode())
    if size > MAX_EXERCISE_BYTES:
        text = _("the exercise: {size} kB; at most {most} kB are kept. Shorten its texts.")
        message = text.format(size=size // 1000, most=MAX_EXERCISE_BYTES // 1000)
        raise BadInputError([message])
    return plan


def ready_exercises(path: Path, world: World) -> dict[str, Exercise]:
    """Return the exercises of the world at ``path``, by file name."""
    files = (f for f in sorted((path / "exercises").glob("*.json")) if f.name[0] != ".")
    return {file.stem: read_exercise(file, world) for file in files}


def _scenario(form: _Exercise, world: World) -> dict[str, Any]:
    """Return the initial state of the world, as the whole plain form of a scenario."""
    try:
        whole = {"horizon_h": 72.0} | form.scenario | {"world": form.world, "title": form.title}
        return parse_scenario(whole, world).to_dict()
    except BadInputError as error:
        raise BadInputError(f"scenario.{line}" for line in error.problems) from None


# --- problems of form, in the user's words ---------------------------------------------------

_TEXTS: Mapping[str, str] = {
    "missing": N_("missing."),
    "string_too_long": N_("longer than {max_length} characters. Shorten it."),
    "string_too_short": N_("empty. Give it a name."),
    "string_pattern_mismatch": N_("use 1 to 40 letters, digits, - and _ only."),
    "too_long": N_("more than {max_length} entries."),
    "greater_than_equal": N_("below {ge}."),
    "less_than_equal": N_("above {le}."),
    "greater_than": N_("must be above {gt}."),
    "finite_number": N_("not a finite number."),
    "float_type": N_("not a number."),
    "string_type": N_("not a text."),
    "string_unicode": N_("half of a character is in it. Write the text anew."),
    "list_type": N_("not a list."),
    "literal_error": N_("not one of {expected}."),
} | dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), N_("not an object."))


def _line(detail: Any) -> str:
    """Return one line for one finding of pydantic; it never repeats the input."""
    place = "".join(f"[{s}]" if isinstance(s, int) else f".{s[:60]}" for s in detail["loc"])
    place, text = place.lstrip(".") or _("the exercise"), detail["msg"]
    if detail["type"] == "extra_forbidden":
        text = _("no such field. {hint}").format(hint=_field_hint(detail["loc"]))
    elif marked := _TEXTS.get(detail["type"]):
        limits = {key: bound_text(limit) for key, limit in detail.get("ctx", {}).items()}
        text = _(marked).format(**limits)
    return f"{place}: {text}"


def _field_hint(loc: tuple[int | str, ...]) -> str:
    form: type[BaseModel] = _Exercise
    if len(loc) > 2:
        form = _Role if loc[0] == "roles" else _When if "when" in loc[:-1] else InjectForm
    otherwise = _("It has {names}.").format(names=", ".join(form.model_fields))
    return hint(str(loc[-1]), form.model_fields, otherwise)


# --- problems against the world and within the exercise --------------------------------------


def _problems(plan: Exercise, world: World) -> Iterator[str]:
    yield from _twice("roles", [role.id for role in plan.roles])
    yield from _twice("injects", [inject.id for inject in plan.injects])
    sectors = set(world.listed_by_sector)
    for number, role in enumerate(plan.roles):
        place = f"roles[{number}].sectors"
        yield from _unknown(place, "sector", role.sectors, sectors)
    roles = [role.id for role in plan.roles]
    for number, inject in enumerate(plan.injects):
        place = f"injects[{number}] ({inject.id})"
        yield from _unknown(f"{place}.to", "role", inject.to, roles)
        yield from _unknown(f"{place}.assets", "asset", inject.assets, world.assets)
        yield from _unknown(f"{place}.links", "link", inject.links, world.links)
        yield from _odd(place, inject, world)
        if inject.when is not None:
            yield from _odd_when(f"{place}.when", inject, inject.when, plan, world)


def _twice(place: str, ids: list[str]) -> Iterator[str]:
    for name, count in Counter(ids).items():
        if count > 1:
            # i18n: n is at least two
            text = _("the id '{id}' is there {n} times. Give each its own.")
            yield f"{place}: {text.format(id=name, n=count)}"


#: kind of reference → message if it does not exist, and the remedy
_MISSING: Mapping[str, tuple[str, str]] = {
    "sector": (N_("no sector '{id}'."), N_("Add the sector, or remove this one.")),
    "role": (N_("no role '{id}'."), N_("Add the role, or remove this one.")),
    "asset": (N_("no asset '{id}'."), N_("Add the asset, or remove this one.")),
    "link": (N_("no link '{id}'."), N_("Add the link, or remove this one.")),
    "question": (
        N_("no question with options '{id}'."),
        N_("Add the question with options, or remove this one."),
    ),
}


def _unknown(place: str, thing: str, names: Any, known: Any) -> Iterator[str]:
    missing, remedy = _MISSING[thing]
    for name in names:
        if name not in known:
            text = _(missing).format(id=name[:80])
            meant = meanings("sector", name) if thing == "sector" else ()
            yield f"{place}: {text} {hint(name, known, _(remedy), meant)}"


def _odd(place: str, inject: Inject, world: World) -> Iterator[str]:
    """Yield problems of fields that do not fit the inject's kind."""
    yield from (f"{place}: {_(text).format(kind=inject.kind)}" for text in _misfits(inject))
    if list(inject.bands_h) != sorted(set(inject.bands_h)):
        rising = _("the ends of the time bands must be in ascending order.")
        yield f"{place}.bands_h: {rising}"
    if inject.kind == "supply":
        yield from _odd_supply(place, inject, world)


def _misfits(inject: Inject) -> Iterator[str]:
    """Yield the fields that the kind lacks or does not allow, as texts of messages."""
    things = bool(inject.assets or inject.links)
    if inject.changes_scenario and not things:
        yield N_("a {kind} needs assets or links. Name at least one.")
    if things and not inject.changes_scenario:
        yield N_("a {kind} changes nothing; leave assets and links out.")
    if inject.changes_scenario and inject.at_h is None:
        yield N_("a {kind} needs at_h, the hour on the cascade's clock.")
    if (inject.options or inject.bands_h) and inject.kind != "question":
        yield N_("only a question has options or bands_h.")
    if inject.options and inject.bands_h:
        yield N_("a question has options or bands_h, not both.")


def _odd_supply(place: str, inject: Inject, world: World) -> Iterator[str]:
    if inject.links:
        no_link = _("a link cannot be supplied.")
        yield f"{place}: {no_link}"
    if inject.until_h is not None and inject.until_h <= (inject.at_h or 0.0):
        late = _("must be after at_h.")
        yield f"{place}.until_h: {late}"
    for asset in inject.assets:
        needed = sorted({group.service for group in world.groups_of.get(asset, ())})
        if asset in world.assets and inject.service not in needed:
            text = _("'{asset}' does not need '{service}'. It needs nothing from others.")
            if needed:
                text = _("'{asset}' does not need '{service}'. It needs {services}.")
            values = {"service": inject.service[:80], "services": ", ".join(needed)}
            yield f"{place}.service: {text.format(asset=asset, **values)}"


def _odd_when(
    place: str, inject: Inject, when: When, plan: Exercise, world: World
) -> Iterator[str]:
    if when.test != "answered":
        if not when.do:
            kinds = _("missing; it is one of {names}.").format(names="fail, repair, supply")
            yield f"{place}.do: {kinds}"
        if when.asset not in world.assets:
            yield from _unknown(f"{place}.asset", "asset", [when.asset], world.assets)
        if when.test == "not_done" and when.by_min is None:
            by_when = _("missing; say by which minute it was not done.")
            yield f"{place}.by_min: {by_when}"
        return
    questions = {
        other.id: other for other in plan.injects if other.options and other.id != inject.id
    }
    if when.inject not in questions:
        yield from _unknown(f"{place}.inject", "question", [when.inject], questions)
    elif when.option not in questions[when.inject].options:
        options = questions[when.inject].options
        text = _("not an answer of '{id}'.").format(id=when.inject)
        yield f"{place}.option: {text} {hint(when.option, options, '')}"
    elif questions[when.inject].at_min > inject.at_min:
        text = _("'{id}' comes later than this inject. Move one of them.").format(id=when.inject)
        yield f"{place}: {text}"

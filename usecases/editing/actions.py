"""The one door for changes: a validated action, applied to a plain scenario.

The page's payload is untrusted JSON. pydantic validates its form, then
:func:`apply_action` makes the new plain scenario, and the scenario's own parser checks that
against the world. Nothing else writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args

from pydantic import Field, TypeAdapter, create_model

from models.change import Touch
from models.errors import BadInputError, UnknownIdError
from models.scenario import (
    EVENT_KINDS,
    MAX_EVENTS,
    MAX_HOURS,
    MAX_ID,
    MAX_MEASURES,
    Do,
    EventField,
    too_long,
)
from models.wording import N_, _
from models.world import World
from usecases import forms
from usecases.editing.wide import Action as _Action
from usecases.editing.wide import AddWide, plain_of, require_bounded
from usecases.forms import Strict
from usecases.ports import Plain

_Id = Annotated[str, Field(min_length=1, max_length=MAX_ID)]
_OptionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Ids = Annotated[list[_Id], Field(max_length=2_000)]
_Hours = Annotated[float, Field(ge=0, le=MAX_HOURS, allow_inf_nan=False)]
_Chance = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
_Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
_Euros = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
_Text = Annotated[str, Field(max_length=500)]
_Index = Annotated[int, Field(ge=0, lt=MAX_EVENTS)]


def _optional(field: EventField) -> Any:
    """Return the type of an event's field where it may be missing."""
    if field.unit in ("service", "sector", "name"):
        return _Id | None
    if field.unit == "object":
        return dict[str, Any] | None
    if field.unit == "range":
        return float | list[float] | None
    if field.unit == "word":
        return Literal[field.words] | None
    return Annotated[float, Field(ge=field.low, le=field.high, allow_inf_nan=False)] | None


_FIELDS = {field.name: field for kind in EVENT_KINDS.values() for field in kind.fields}


class _EventHead(Strict):
    at_h: _Hours
    do: Do
    asset: _Id | None = None
    link: _Id | None = None
    p: _Chance | None = None
    note: _Text = ""
    name: _Id | None = None
    triggered_by: _Id | None = None


if TYPE_CHECKING:
    EventForm = _EventHead
else:
    #: One event as a scenario file has it; its parser knows which kind has which fields.
    EventForm = create_model(
        "EventForm",
        __base__=_EventHead,
        **{name: (_optional(field), None) for name, field in _FIELDS.items()},
    )


class MeasureForm(Strict):
    """One measure as a scenario file has it."""

    do: Literal["add_autonomy", "add_supplier", "add_source"]
    asset: _Id
    service: _Id
    hours: _Hours | None = None
    supplier: _Id | None = None
    supply: _Amount | None = None
    cost_eur: _Euros | None = None
    note: _Text = ""


class Happens(_Action):
    """Something happens to assets, or also to links, at an hour: an event for each of them."""

    do: str
    at_h: _Hours = 0.0


def _happens(do: Do) -> type[Happens]:
    """Return the action that adds events of a kind."""
    kind = EVENT_KINDS[do]
    ids: Any = (_Ids, ...) if len(kind.things) == 1 else (_Ids, Field(default=[]))
    content: dict[str, Any] = {"do": (Literal[do], ...)}
    content |= {f"{thing}s": ids for thing in kind.things}
    for field in kind.fields:
        held = _optional(field)
        content[field.name] = (get_args(held)[0], ...) if field.required else (held, None)
    action: type[Happens] = create_model(f"Happens_{do}", __base__=Happens, **content)
    return action


_HAPPENS = tuple(_happens(do) for do in get_args(Do) if EVENT_KINDS[do].things)


class EditEvent(_Action):
    """The event at a place in the list becomes another."""

    do: Literal["edit_event"]
    index: _Index
    event: EventForm


class RemoveEvent(_Action):
    """The event at a place in the list is dropped."""

    do: Literal["remove_event"]
    index: _Index


class AddMeasure(_Action):
    """A lasting change to the world is tried out."""

    do: Literal["add_measure"]
    measure: MeasureForm


class RemoveMeasure(_Action):
    """A measure is dropped."""

    do: Literal["remove_measure"]
    index: _Index


class CostMeasure(_Action):
    """What a measure costs is stated, or no more."""

    do: Literal["cost_measure"]
    index: _Index
    cost_eur: _Euros | None


class ChangeSettings(_Action):
    """Horizon, repairs or title change."""

    do: Literal["settings"]
    horizon_h: Annotated[float, Field(gt=0, le=8_760, allow_inf_nan=False)] | None = None
    repairs: Literal["none", "typical"] | None = None
    title: Annotated[str, Field(max_length=120)] | None = None


class Undo(_Action):
    """One step back."""

    do: Literal["undo"]


class Redo(_Action):
    """One step forward again."""

    do: Literal["redo"]


class OpenReady(_Action):
    """A ready scenario is opened as a new one."""

    do: Literal["open_ready"]
    name: _Id


class New(_Action):
    """An empty scenario; it gets its id with its first change."""

    do: Literal["new"]


class Branch(_Action):
    """An option with a name starts from what the page shows, and is opened."""

    do: Literal["branch"]
    name: Annotated[str, Field(min_length=1, max_length=80)]


class OpenOption(_Action):
    """Another option of the same origin is opened."""

    do: Literal["open_option"]
    id: _OptionId


class DeleteOption(_Action):
    """An option is put away; it can be brought back."""

    do: Literal["delete_option"]
    id: _OptionId


class RestoreOption(_Action):
    """An option that was put away is there again."""

    do: Literal["restore_option"]
    id: _OptionId


OptionChange = Branch | OpenOption | DeleteOption | RestoreOption
_EditOnce = (
    AddWide | EditEvent | RemoveEvent | AddMeasure | RemoveMeasure | CostMeasure | ChangeSettings
)
Edit = Happens | _EditOnce
_Other = OptionChange | Undo | Redo | OpenReady | New
_ACTIONS = (*_HAPPENS, *get_args(_EditOnce), *get_args(_Other))
_ANY: Any = Annotated[Union[_ACTIONS], Field(discriminator="do")]  # noqa: UP007
_ACTION: TypeAdapter[Any] = TypeAdapter(_ANY)
_CANNOT = N_("This change cannot be made: {what}.")
_WORDS = {"union_tag_invalid": N_("unknown kind of change")}


def parse_action(raw: object) -> Edit | _Other:
    """Check what the page sent.

    Raises
    ------
    BadInputError
        One line per thing that is wrong with it.
    """
    return forms.parse(_ACTION, raw, _CANNOT, _WORDS)  # type: ignore[no-any-return]


def named_by(edit: Edit) -> frozenset[Touch]:
    """Return the assets and links that an edit names, whether it changes something there or not."""
    assets, links = getattr(edit, "assets", ()), getattr(edit, "links", ())
    return frozenset({Touch("asset", name) for name in assets} | {Touch("link", n) for n in links})


def apply_action(world: World, plain: Mapping[str, Any], action: Edit) -> Plain:
    """Return the scenario after ``action``; ``plain`` stays as it is.

    Parameters
    ----------
    world
        The whole world.
    plain
        The scenario before it, in its plain form.
    action
        What the user does, checked.

    Raises
    ------
    BadInputError
        The action names what this world or scenario does not have, or makes it too long.
    """
    after = deepcopy(dict(plain))
    after.setdefault("events", [])
    after.setdefault("measures", [])
    _STEPS[type(action)](world, after, action)
    require_size(after)
    return after


def require_size(after: Plain) -> None:
    """Refuse a scenario that is longer than one may be."""
    if len(after["events"]) > MAX_EVENTS or len(after["measures"]) > MAX_MEASURES:
        raise BadInputError([too_long()])


def _add(after: Plain, new: Sequence[Plain]) -> None:
    """Put events in; equal times keep the order in which they were made."""
    after["events"] = sorted([*after["events"], *new], key=lambda event: float(event["at_h"]))


def _require_assets(world: World, ids: Sequence[str]) -> None:
    for asset_id in ids:
        if asset_id not in world.assets:
            raise UnknownIdError("asset", asset_id, world.assets)


def _require_need(world: World, asset_id: str, service: str) -> None:
    """Raise an error that names what an asset needs if it is to get something else."""
    needs = sorted({group.service for group in world.groups_of.get(asset_id, ())})
    if service in needs:
        return
    listed = ", ".join(need.replace("_", " ") for need in needs) or _("nothing from others")
    name, requested = world.label(asset_id), service.replace("_", " ")
    text = _("{name} does not need {service}. It needs {known}.")
    raise BadInputError([text.format(name=name, service=requested[:80], known=listed)])


def _apply_event(world: World, after: Plain, action: Happens) -> None:
    kind = EVENT_KINDS[cast(Do, action.do)]
    ids = {thing: getattr(action, f"{thing}s") for thing in kind.things}
    values = {field.name: getattr(action, field.name) for field in kind.fields}
    if len(kind.things) > 1 and not any(ids.values()):
        raise BadInputError([_("Choose an asset or a line first.")])
    _require_assets(world, ids["asset"])
    for link_id in ids.get("link", ()):
        if link_id not in world.links:
            raise UnknownIdError("link", link_id, world.links)
    if "service" in values:
        for asset_id in ids["asset"]:
            _require_need(world, asset_id, values["service"])
    stated = {name: value for name, value in values.items() if value is not None}
    new = [
        {"at_h": action.at_h, "do": action.do, thing: asset_id, **stated}
        for thing, some in ids.items()
        for asset_id in dict.fromkeys(some)
    ]
    if len(kind.things) > 1:
        new = [event for event in new if event not in after["events"]]
        if not new:
            raise BadInputError([_("This is in the scenario already, at the same hour.")])
    _add(after, new)


_NO_EVENT = N_("This event no longer exists. The list may have changed.")
_NO_MEASURE = N_("This measure no longer exists. The list may have changed.")


def _at(things: Sequence[Plain], index: int, gone: str) -> Plain:
    if index >= len(things):
        raise BadInputError([_(gone)])
    return things[index]


def _apply_edit(world: World, after: Plain, action: EditEvent) -> None:
    held = _at(after["events"], action.index, _NO_EVENT)
    changed = action.event.model_dump(exclude_none=True)
    require_bounded(changed, held)
    if not changed.get("note"):
        changed.pop("note", None)
    rest = [event for i, event in enumerate(after["events"]) if i != action.index]
    after["events"] = rest
    _add(after, [changed])


def _apply_wide(world: World, after: Plain, action: AddWide) -> None:
    _add(after, [plain_of(action.event)])


def _apply_remove(world: World, after: Plain, action: RemoveEvent) -> None:
    _at(after["events"], action.index, _NO_EVENT)
    del after["events"][action.index]


def _apply_measure(world: World, after: Plain, action: AddMeasure) -> None:
    _require_assets(world, [action.measure.asset])
    if action.measure.do != "add_source":
        _require_need(world, action.measure.asset, action.measure.service)
    measure = action.measure.model_dump(exclude_none=True)
    if not measure.get("note"):
        measure.pop("note", None)
    costless = [{**entry, "cost_eur": None} for entry in after["measures"]]
    if {**measure, "cost_eur": None} in costless:
        raise BadInputError([_("This measure is already in the scenario.")])
    after["measures"].append(measure)


def _apply_remove_measure(world: World, after: Plain, action: RemoveMeasure) -> None:
    _at(after["measures"], action.index, _NO_MEASURE)
    del after["measures"][action.index]


def _apply_cost(world: World, after: Plain, action: CostMeasure) -> None:
    measure = {**_at(after["measures"], action.index, _NO_MEASURE)}
    measure.pop("cost_eur", None)
    if action.cost_eur is not None:
        measure["cost_eur"] = action.cost_eur
    after["measures"][action.index] = measure


def _apply_settings(world: World, after: Plain, action: ChangeSettings) -> None:
    fields = action.model_dump(include={"horizon_h", "repairs", "title"}, exclude_none=True)
    if not fields:
        raise BadInputError([_("The change is empty.")])
    after.update(fields)


_STEPS: Mapping[type, Any] = {
    **dict.fromkeys(_HAPPENS, _apply_event),
    AddWide: _apply_wide,
    EditEvent: _apply_edit,
    RemoveEvent: _apply_remove,
    AddMeasure: _apply_measure,
    RemoveMeasure: _apply_remove_measure,
    CostMeasure: _apply_cost,
    ChangeSettings: _apply_settings,
}

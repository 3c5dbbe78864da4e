"""The plan of an exercise: one flat list of timed injects, to and from a plain dict.

There are two clocks: ``at_min`` are minutes of the exercise, ``_h`` hours of the cascade.
``data/documents/exercises.py`` reads and validates JSON files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from models.errors import BadInputError, UnknownIdError
from models.units import MS_PER_HOUR
from models.wording import _

Kind = Literal["message", "knock_out", "repair", "supply", "status_report", "question"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: kinds that change the scenario when they are released, and the event they make
EVENT_OF: Mapping[str, str] = {"knock_out": "fail", "repair": "repair", "supply": "supply"}
MS_PER_MIN = MS_PER_HOUR // 60
MAX_INJECTS = 500
_COPY = " (copy)"


@dataclass(frozen=True, slots=True)
class Role:
    """A role of participants; ``sectors`` select them, none: those of all sectors."""

    id: str
    name: str
    sectors: tuple[str, ...] = ()
    card: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """Condition of an inject: what participants must have done before.

    ``answered``: most participants answered question ``inject`` with ``option``. ``done``: a
    participant made the change ``do`` (fail, repair, supply) to ``asset``, by minute ``by_min`` if
    set. ``not_done``: none did by minute ``by_min``.
    """

    test: Literal["answered", "done", "not_done"]
    inject: str = ""
    option: str = ""
    do: str = ""
    asset: str = ""
    by_min: float | None = None


@dataclass(frozen=True, slots=True)
class Inject:
    """One event or message that the facilitator releases at ``at_min``.

    ``to`` are roles, empty for all. ``at_h`` is the hour of the cascade it is about; by default
    the newest hour that participants know. A question offers ``options``, or asks
    what fails next within ``bands_h``: hours after ``at_h`` that end one time band each; with
    neither, the answer is free. ``note`` is for facilitators alone.
    """

    id: str
    at_min: float
    kind: Kind
    title: str
    text: str = ""
    to: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    service: str = ""
    at_h: float | None = None
    until_h: float | None = None
    options: tuple[str, ...] = ()
    bands_h: tuple[float, ...] = ()
    note: str = ""
    when: When | None = None
    #: the view of whoever wrote its texts (``Seen.signature``); kept beside the plan, in no file
    signature: str = ""

    @property
    def changes_scenario(self) -> bool:
        """Whether releasing it changes the scenario."""
        return self.kind in EVENT_OF

    def events(self) -> tuple[dict[str, Any], ...]:
        """Return the events it adds to the scenario, in the form of a scenario file."""
        do = EVENT_OF.get(self.kind)
        if do is None:
            return ()
        head: dict[str, Any] = {"at_h": self.at_h or 0.0, "do": do}
        if do == "supply":
            head["service"] = self.service
            head |= {} if self.until_h is None else {"until_h": self.until_h}
        things = [("asset", name) for name in self.assets] + [("link", k) for k in self.links]
        return tuple(head | {what: name} for what, name in things)


@dataclass(frozen=True, slots=True)
class Exercise:
    """A plan: the roles, the initial scenario, and the injects with their times.

    ``scenario`` is the state before the first inject: a scenario's plain form. ``injects`` are in
    the order of their release; at equal times the one listed first is released first.
    """

    world: str
    title: str
    scenario: Mapping[str, Any]
    about: str = ""
    note: str = ""
    roles: tuple[Role, ...] = ()
    injects: tuple[Inject, ...] = ()
    #: as of an inject, of all texts but those of injects
    signature: str = ""

    @property
    def signatures(self) -> dict[str, str]:
        """Return whose texts these are: inject → signature, with the plan's own under ''."""
        all_of_them = {"": self.signature} | {
            inject.id: inject.signature for inject in self.injects
        }
        return {name: signature for name, signature in all_of_them.items() if signature}

    def signed(self, signatures: Mapping[str, str]) -> Exercise:
        """Return the plan with the signatures that were kept beside it."""
        injects = tuple(replace(i, signature=signatures.get(i.id, "")) for i in self.injects)
        return replace(self, injects=injects, signature=signatures.get("", ""))

    def inject(self, inject_id: str) -> Inject:
        """Return the inject with this id; raise an error if there is none."""
        inject = next((item for item in self.injects if item.id == inject_id), None)
        if inject is None:
            raise UnknownIdError("inject", inject_id[:80], [item.id for item in self.injects])
        return inject

    def to_dict(self) -> dict[str, Any]:
        """Return the plain form, without empty fields."""
        head = {name: getattr(self, name) for name in ("world", "title", "about", "note")}
        return {key: text for key, text in head.items() if text} | {
            "scenario": dict(self.scenario),
            "roles": [_plain(role) for role in self.roles],
            "injects": [_plain(inject) for inject in self.injects],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Exercise:
        """Build from a plain form that ``data/documents/exercises.py`` has checked."""
        rest = {key: value for key, value in plain.items() if key not in ("roles", "injects")}
        roles = tuple(Role(**_tuples(role)) for role in plain.get("roles", ()))
        injects = tuple(_inject(inject) for inject in plain.get("injects", ()))
        return cls(**rest, roles=roles, injects=ordered(injects))


def ordered(injects: tuple[Inject, ...]) -> tuple[Inject, ...]:
    """Return injects by their time; equal times keep the order of the list."""
    return tuple(sorted(injects, key=lambda inject: inject.at_min))


def _inject(plain: Mapping[str, Any]) -> Inject:
    when = plain.get("when")
    return Inject(**_tuples(plain) | {"when": None if when is None else When(**when)})


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in plain.items()}


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in fields(value):
        content = getattr(value, field.name)
        if field.name == "signature":
            continue
        if content is None or content == "" or content == ():
            continue
        if isinstance(content, When):
            content = _plain(content)
        plain[field.name] = list(content) if isinstance(content, tuple) else content
    return plain


def signed_by(after: Exercise, before: Exercise, signature: str) -> Exercise:
    """Return a changed plan in which texts that stayed keep their signature; others get a new one.

    Parameters
    ----------
    after, before
        The plan after the change, without signatures, and before it.
    signature
        That of the user who changed it.
    """
    known = {_texts_of(inject): inject.signature for inject in before.injects}
    signatures = {inject.id: known.get(_texts_of(inject), signature) for inject in after.injects}
    stays = _own_texts_of(after) == _own_texts_of(before)
    return after.signed(signatures | {"": before.signature if stays else signature})


def _texts_of(inject: Inject) -> tuple[str, ...]:
    title = inject.title.removesuffix(_COPY)
    return (title, inject.text, inject.note, *inject.options)


def _own_texts_of(plan: Exercise) -> tuple[object, ...]:
    roles = tuple((role.name, role.card) for role in plan.roles)
    return (plan.title, plan.about, plan.note, roles, plan.scenario)


# --- while designing -------------------------------------------------------------------------


def with_inject(plan: Exercise, inject: Inject) -> Exercise:
    """Return the plan with an inject added, or replaced if its id exists."""
    ids = [item.id for item in plan.injects]
    if inject.id in ids:
        kept = tuple(inject if item.id == inject.id else item for item in plan.injects)
    else:
        kept = (*plan.injects, inject)
    return replace(plan, injects=ordered(kept))


def without_inject(plan: Exercise, inject_id: str) -> Exercise:
    """Return the plan without an inject; conditions on its answer are removed."""
    plan.inject(inject_id)
    kept = (inject for inject in plan.injects if inject.id != inject_id)
    freed = (
        replace(item, when=None)
        if item.when is not None and item.when.inject == inject_id
        else item
        for item in kept
    )
    return replace(plan, injects=tuple(freed))


def with_copy(plan: Exercise, inject_id: str) -> Exercise:
    """Return the plan with a copy of an inject right behind it."""
    origin = plan.inject(inject_id)
    copy = replace(origin, id=new_id(plan), title=f"{origin.title[:110]}{_COPY}")
    at = plan.injects.index(origin) + 1
    return replace(plan, injects=(*plan.injects[:at], copy, *plan.injects[at:]))


def with_neighbours_swapped(plan: Exercise, inject_id: str, by: int) -> Exercise:
    """Return the plan with an inject one place up (``by`` -1) or down (+1) the list.

    The two swap places and times, so the times of the plan stay the same.

    Parameters
    ----------
    plan
        Left as it is.
    inject_id
        What is moved.
    by
        -1: up, +1: down.

    Raises
    ------
    BadInputError
        At the end of the list.
    UnknownIdError
        If the plan has no such inject.
    """
    inject = plan.inject(inject_id)
    at = plan.injects.index(inject)
    to = at + (1 if by > 0 else -1)
    if not 0 <= to < len(plan.injects):
        raise BadInputError([_("It is at the end of the list already.")])
    other = plan.injects[to]
    injects = list(plan.injects)
    injects[to], injects[at] = (
        replace(inject, at_min=other.at_min),
        replace(other, at_min=inject.at_min),
    )
    return replace(plan, injects=tuple(injects))


def with_time(plan: Exercise, inject_id: str, at_min: float) -> Exercise:
    """Return the plan with an inject at another minute; among equal times it comes last.

    Parameters
    ----------
    plan
        Left as it is.
    inject_id
        What is moved.
    at_min
        Its new minute, counted from the start of the exercise.

    Raises
    ------
    UnknownIdError
        If the plan has no such inject.
    """
    moved = replace(plan.inject(inject_id), at_min=at_min)
    rest = tuple(inject for inject in plan.injects if inject.id != inject_id)
    return replace(plan, injects=ordered((*rest, moved)))


def new_id(plan: Exercise) -> str:
    """Return an id that no inject has."""
    taken, number = {inject.id for inject in plan.injects}, len(plan.injects) + 1
    while f"i{number}" in taken:
        number += 1
    return f"i{number}"

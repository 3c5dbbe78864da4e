"""What the callbacks need from the composition root, as types: the store, the parser, the picture.

The callbacks never import a file reader or a database; they are handed one that fits here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from models.scenario import Scenario
from models.world import World

Plain = dict[str, Any]


class Saved(Protocol):
    """A scenario as it is, or was, in the store; ``revision`` grows with every change."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def revision(self) -> int: ...  # noqa: D102
    @property
    def plain(self) -> Plain: ...  # noqa: D102
    @property
    def can_undo(self) -> bool: ...  # noqa: D102
    @property
    def can_redo(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What nobody has changed yet: it is in no store and has no id."""

    plain: Plain
    id: str = ""
    revision: int = 0
    can_undo: bool = False
    can_redo: bool = False


class Change(Protocol):
    """One line of a scenario's log; its ``str`` says who, when (UTC) and what."""

    @property
    def revision(self) -> int: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def author(self) -> str: ...  # noqa: D102
    @property
    def made_at(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


#: who changes scenarios where nobody signed in
LOCAL = "local"


class ScenarioStore(Protocol):
    """Scenarios under an id, each with its revisions. Calls may block: use a thread.

    Every call may raise a ``KnockOnError``. A write, undo or redo that names a revision which is
    not the newest does so and changes nothing. Undo and redo are those of the author alone.
    """

    def create(
        self,
        world_id: str,
        title: str,
        plain: Mapping[str, Any],
        *,
        author: str = LOCAL,
        reason: str = "",
    ) -> Saved:
        """Keep a new scenario."""

    def get(self, scenario_id: str, revision: int | None = None, author: str = LOCAL) -> Saved:
        """Return a scenario as it stands, or as it stood at a revision."""

    def write(
        self,
        scenario_id: str,
        plain: Mapping[str, Any],
        base_revision: int,
        reason: str = "",
        *,
        author: str = LOCAL,
    ) -> Saved:
        """Keep a change of it, with what was done in the page's words."""

    def undo(self, scenario_id: str, base_revision: int, *, author: str = LOCAL) -> Saved:
        """Take the author's last change back; later changes of others stay."""

    def redo(self, scenario_id: str, base_revision: int, *, author: str = LOCAL) -> Saved:
        """Make again what the author took back last."""

    def history(self, scenario_id: str, after: int = 0, limit: int = 1_000) -> Sequence[Change]:
        """Return who changed what after a revision, oldest first."""

    def revisions(self, scenario_ids: Collection[str]) -> Mapping[str, int]:
        """Return the newest revision of each, in one cheap question."""

    def branch(
        self, scenario_id: str, name: str, revision: int | None = None, *, author: str = LOCAL
    ) -> Saved:
        """Start an option with a name from a scenario as it stands, or stood."""

    def branches(self, scenario_id: str, author: str = LOCAL) -> Sequence[Saved]:
        """Return all options of the same origin, this one included."""

    def delete(
        self, scenario_id: str, base_revision: int, reason: str = "", *, author: str = LOCAL
    ) -> None:
        """Hide a scenario; nothing of it is lost."""

    def restore(self, scenario_id: str, reason: str = "", *, author: str = LOCAL) -> Saved:
        """Bring a deleted scenario back."""


class Note(Protocol):
    """What another web process said about a scenario; without a body where it is known already."""

    @property
    def scenario_id(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def mark(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> Plain | None: ...  # noqa: D102
    @property
    def key(self) -> tuple[str, str, str]: ...  # noqa: D102


class LiveNotes(Protocol):
    """Notes between the web processes of one database. Calls may block: use a thread."""

    def put(self, scenario_id: str, kind: str, source: str, body: Mapping[str, Any]) -> str:
        """Leave a note in place of the one before."""

    def take_back(self, scenario_id: str, kind: str, source: str) -> None:
        """Remove a note."""

    def notes(
        self, scenario_ids: Collection[str], known: Mapping[tuple[str, str, str], str]
    ) -> Sequence[Note]:
        """Return all notes about these; those that are not known with their body."""


@dataclass(frozen=True)
class ReadyScenario:
    """A scenario that ships with the region."""

    name: str
    plain: Plain
    label: str = "constructed"

    @property
    def title(self) -> str:
        """Return what people call it."""
        return str(self.plain.get("title") or self.name)


#: reads a plain scenario for a world; raises BadInputError with a line per problem
Parse = Callable[[Mapping[str, Any], World], Scenario]

"""What use cases need from the composition root, as types: the scenario store, the parser, notes.

Use cases never import a file reader or a database; they are handed one that fits here. What only
sharing or exercises need is in ``sharing_ports.py`` and ``exercise/ports.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from models.access import LOCAL
from models.exercise.reached import Reached
from models.revisions import DecideRevision, LogLine
from models.scenario import Scenario
from models.wording import N_
from models.world import World

Plain = dict[str, Any]
#: id and revision of the scenario on a page; None before the first change
Shown = tuple[str, int] | None


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
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def signature(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A scenario without changes: it is not stored and has no id."""

    plain: Plain
    id: str = ""
    revision: int = 0
    can_undo: bool = False
    can_redo: bool = False
    name: str = ""
    signature: str = ""


class ScenarioStore(Protocol):
    """Scenarios under an id, each with its revisions. Calls may block: use a thread.

    Every call may raise a ``KnockOnError``; then nothing is changed.
    """

    def within(self, session: str | None) -> ScenarioStore:
        """Return the scenarios of one shared session alone; with None those outside any."""

    def recent(self, limit: int = 20, author: str = LOCAL) -> Sequence[Saved]:
        """Return the scenarios changed last, newest first."""

    def create(
        self,
        world_id: str,
        title: str,
        plain: Mapping[str, Any],
        *,
        author: str = LOCAL,
        reason: str = "",
        then: DecideRevision | None = None,
    ) -> Saved:
        """Keep a new scenario, with the first change that is decided upon.

        Parameters
        ----------
        world_id
            Id of the world.
        title
            As shown to users.
        plain
            The scenario in its plain form.
        author
            Id of the user who does it.
        reason
            What was done, in the page's words.
        then
            Decides the first change; None for none.
        """

    def get(self, scenario_id: str, revision: int | None = None, author: str = LOCAL) -> Saved:
        """Return the current revision of a scenario, or an earlier one.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        revision
            The revision wanted; None for the newest.
        author
            The user whose undo and redo are looked up.
        """

    def append(self, scenario_id: str, decide: DecideRevision, *, author: str = LOCAL) -> Saved:
        """Add the line that ``decide`` returns to its log, under the write lock.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        decide
            A pure function of the log; it returns the line to add.
        author
            Id of the user who does it.
        """

    def history(self, scenario_id: str, after: int = 0, limit: int = 1_000) -> Sequence[LogLine]:
        """Return who changed what after a revision, oldest first.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        after
            The revision after which lines are returned.
        limit
            Most that are returned.
        """

    def revisions(self, scenario_ids: Collection[str]) -> Mapping[str, int]:
        """Return the newest revision of each, in one cheap question."""

    def branch(
        self,
        scenario_id: str,
        name: str,
        revision: int | None = None,
        *,
        author: str = LOCAL,
        signature: str = "",
    ) -> Saved:
        """Start an option with a name from a scenario's current revision, or an earlier one.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        name
            Name of the option.
        revision
            The revision to start from; None for the newest.
        author, signature
            Id of the user who does it, and their view, which stays with the name.
        """

    def branches(self, scenario_id: str, author: str = LOCAL) -> Sequence[Saved]:
        """Return all options of the same origin, this one included."""

    def delete(
        self, scenario_id: str, base_revision: int, reason: str = "", *, author: str = LOCAL
    ) -> None:
        """Hide a scenario; nothing of it is lost.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        base_revision
            The revision that the deletion is based on.
        reason
            What was done, in the page's words.
        author
            Id of the user who does it.
        """

    def restore(self, scenario_id: str, reason: str = "", *, author: str = LOCAL) -> Saved:
        """Bring a deleted scenario back.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        reason
            What was done, in the page's words.
        author
            Id of the user who does it.
        """


class Note(Protocol):
    """A note of another web process about a scenario; without its body if that was read before."""

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
        """Leave a note in place of the one before.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        kind
            Kind of the note: one of each is kept.
        source
            The process that says it.
        body
            The content, as JSON.
        """

    def take_back(self, scenario_id: str, kind: str, source: str) -> None:
        """Remove a note.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        kind
            Kind of the note.
        source
            The process that says it.
        """

    def notes(
        self, scenario_ids: Collection[str], known: Mapping[tuple[str, str, str], str]
    ) -> Sequence[Note]:
        """Return all notes about these; with their body where their mark is not in ``known``."""


@dataclass(frozen=True)
class ReadyScenario:
    """A scenario that ships with the region."""

    name: str
    plain: Plain
    label: str = N_("constructed")

    @property
    def title(self) -> str:
        """Return what people call it."""
        return str(self.plain.get("title") or self.name)


#: which scenario the public map of a shared session shows; None where it has none
Published = Callable[[str], Awaitable[str | None]]


async def nothing_published(_: str) -> str | None:
    """Answer for an installation without sessions: a map is there for who may look anyway."""
    return None


#: called after a change in this process: scenario, revision, nonce of the page's request
OnChange = Callable[[str, int, object], None]


def nobody_listens(_scenario_id: str, _revision: int, _nonce: object) -> None:
    """Do nothing about a change: for an installation without a live view.

    Parameters
    ----------
    _scenario_id
        Not used.
    _revision
        Not used.
    _nonce
        Not used.
    """


#: reads a plain scenario for a world; raises BadInputError with a line per problem
Parse = Callable[[Mapping[str, Any], World], Scenario]


class Curtain(Protocol):
    """How far into the cascade those who do not lead may see."""

    async def reached(self, scenario_id: str) -> Reached | None:
        """Return what is to be shown of a scenario; None for all of it."""

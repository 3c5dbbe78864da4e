"""What the callbacks need from the composition root, as types: the store, the parser, the picture.

The callbacks never import a file reader or a database; they are handed one that fits here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class ScenarioStore(Protocol):
    """Scenarios under an id, each with its revisions. Calls may block: use a thread.

    Every call may raise a ``KnockOnError``. A write, undo or redo that names a revision which is
    not the newest does so and changes nothing.
    """

    def create(self, world_id: str, title: str, plain: Mapping[str, Any]) -> Saved:
        """Keep a new scenario."""

    def get(self, scenario_id: str, revision: int | None = None) -> Saved:
        """Return a scenario as it stands, or as it stood at a revision."""

    def write(self, scenario_id: str, plain: Mapping[str, Any], base_revision: int) -> Saved:
        """Keep a change of it."""

    def undo(self, scenario_id: str, base_revision: int) -> Saved:
        """Go one step back."""

    def redo(self, scenario_id: str, base_revision: int) -> Saved:
        """Go one step forward again."""


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

"""What the callbacks need from the composition root, as types: the store, the parser, the picture.

The callbacks never import a file reader or a database; they are handed one that fits here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from models.errors import KnockOnError
from models.scenario import Scenario
from models.world import World

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """One revision of a scenario as it stands in the store."""

    scenario_id: str
    rev: int
    plain: Plain
    can_undo: bool = False
    can_redo: bool = False


class StaleError(KnockOnError):
    """A write named a revision that is not the newest; ``newest`` is what stands now."""

    def __init__(self, newest: Saved) -> None:
        self.newest = newest
        super().__init__(
            "Somebody else changed this scenario a moment ago, so your change was not made. "
            "You now see theirs; make yours again if it still fits."
        )


class ScenarioStore(Protocol):
    """Scenarios under an id, each with its revisions. Calls may block: use a thread."""

    def create(self, plain: Plain) -> Saved:
        """Keep a new scenario as revision 1."""

    def read(self, scenario_id: str) -> Saved:
        """Return the newest revision; raise a KnockOnError if there is no such scenario."""

    def write(self, scenario_id: str, base_rev: int, plain: Plain) -> Saved:
        """Add a revision; raise :class:`StaleError` unless ``base_rev`` is the newest."""

    def undo(self, scenario_id: str, base_rev: int) -> Saved:
        """Go one step back."""

    def redo(self, scenario_id: str, base_rev: int) -> Saved:
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

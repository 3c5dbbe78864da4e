"""What exercises need from the composition root, as types: their logs, and a parser of plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from models.exercise.plan import Exercise
from models.exercise.run import Line, Written
from models.log import Decide
from models.world import World

#: reads a plain exercise for a world; raises BadInputError with a line per problem
ParseExercise = Callable[[Mapping[str, Any], World], Exercise]


class LogHead(Protocol):
    """What never changes about the plan or a run of an exercise."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> Literal["plan", "run"]: ...  # noqa: D102
    @property
    def world_id(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def session(self) -> str: ...  # noqa: D102
    @property
    def created(self) -> str: ...  # noqa: D102
    @property
    def signature(self) -> str: ...  # noqa: D102


class ExerciseLogs(Protocol):
    """Plans and runs of exercises, each an append-only log. Calls may block: use a thread."""

    def create(
        self,
        kind: Literal["plan", "run"],
        world_id: str,
        title: str,
        session: str,
        first: Written,
        signature: str = "",
    ) -> LogHead:
        """Begin a log with its first line.

        Parameters
        ----------
        kind
            ``plan`` or ``run``.
        world_id
            Id of the world.
        title
            As shown to users.
        session
            Id of the session; empty outside any.
        first
            The first line.
        signature
            The view of the title's author.
        """

    def head(self, log_id: str) -> LogHead:
        """Return what never changes about a log; raises a KnockOnError without one."""

    def newest(self, log_id: str) -> Line:
        """Return the last line."""

    def line(self, log_id: str, number: int) -> Line:
        """Return one line."""

    def lines(self, log_id: str, after: int = 0) -> Sequence[Line]:
        """Return all lines behind a number, in order."""

    def append(self, log_id: str, decide: Decide[Line, Written]) -> Line:
        """Add the line that ``decide`` returns, under the write lock; return the newest."""

    def recent(self, world_id: str, session: str, limit: int = 40) -> Sequence[LogHead]:
        """Return the plans and runs of a world and session, newest first.

        Parameters
        ----------
        world_id
            Id of the world.
        session
            Id of the session; empty outside any.
        limit
            Most that are returned.
        """

    def of_scenario(self, scenario_id: str) -> str | None:
        """Return the newest run, going on or ended, of a scenario or of one of its options."""

"""A run of an exercise: an append-only log of lines, and its state as a fold over them.

No clock is read here: lines carry the time at which they were written and ``now_ms`` is a parameter
(UTC, milliseconds since 1970). The exercise clock counts only while the run is running.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LineKind = Literal[
    "opened",
    "started",
    "paused",
    "resumed",
    "released",
    "skipped",
    "rewound",
    "asked",
    "answered",
    "predicted",
    "revealed",
    "shown",
    "decided",
    "noted",
    "ended",
]
Phase = Literal["ready", "running", "paused", "ended"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log: author, kind and time. ``data`` is JSON and depends on the kind."""

    number: int
    at_ms: int
    kind: str
    author: str
    name: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A line to be added to a log, which assigns its number."""

    kind: str
    author: str
    at_ms: int
    name: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """A line, its time on the exercise clock, and its take."""

    line: Line
    clock_ms: int
    take: int

    @property
    def kind(self) -> str:
        """Return the kind of its line."""
        return self.line.kind

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the data of its line."""
        return self.line.data


@dataclass(frozen=True)
class Run:
    """The current state. ``standing`` is in effect; ``aside`` was rewound: earlier takes.

    ``scenario`` is the scenario of this take, empty before the start.
    """

    phase: Phase = "ready"
    clock_ms: int = 0
    take: int = 1
    scenario: str = ""
    standing: tuple[Moment, ...] = ()
    aside: tuple[Moment, ...] = ()

    def of(self, *kinds: str) -> tuple[Moment, ...]:
        """Return the standing lines of some kinds, in order."""
        return tuple(moment for moment in self.standing if moment.kind in kinds)

    @property
    def settled(self) -> Mapping[str, Moment]:
        """Return the moments at which injects were released or skipped, in order."""
        return {str(line.data["inject"]): line for line in self.of("released", "skipped")}

    @property
    def released(self) -> Mapping[str, Moment]:
        """Return the injects that were released, in that order."""
        return {key: value for key, value in self.settled.items() if value.kind == "released"}

    def newest(self, kind: str, key: str) -> Mapping[tuple[str, str, str], Moment]:
        """Return the last line of a kind by (``key`` in its data, author, name on the line)."""
        return {
            (str(line.data.get(key, "")), line.line.author, line.line.name): line
            for line in self.of(kind)
        }


def fold(lines: Iterable[Line], now_ms: int) -> Run:
    """Return the state at ``now_ms`` after these lines, in the order of their numbers.

    If the clock was set back between two lines, no time passed between them.
    """
    tape = _Tape()
    for line in lines:
        tape.take_up(line)
    return Run(
        phase=tape.phase,
        clock_ms=tape.clock_at(now_ms),
        take=tape.take,
        scenario=tape.scenario,
        standing=tuple(tape.standing),
        aside=tuple(tape.aside),
    )


@dataclass
class _Tape:
    """State of the fold."""

    phase: Phase = "ready"
    clock_ms: int = 0
    since_ms: int | None = None
    #: the time of the newest line, never earlier than that of a line before it
    latest_ms: int = 0
    take: int = 1
    scenario: str = ""
    standing: list[Moment] = field(default_factory=list)
    aside: list[Moment] = field(default_factory=list)

    def clock_at(self, at_ms: int) -> int:
        if self.since_ms is None:
            return self.clock_ms
        return self.clock_ms + max(at_ms, self.latest_ms) - self.since_ms

    def take_up(self, line: Line) -> None:
        self.latest_ms = max(self.latest_ms, line.at_ms)
        clock_ms = self.clock_at(line.at_ms)
        if line.kind in ("started", "resumed"):
            self._stop(clock_ms, "running")
            self.since_ms = self.latest_ms
        elif line.kind in ("paused", "ended"):
            self._stop(clock_ms, "paused" if line.kind == "paused" else "ended")
        elif line.kind == "rewound":
            clock_ms = self._rewind(str(line.data.get("inject", "")))
        self.scenario = str(line.data.get("scenario", self.scenario))
        self.standing.append(Moment(line, clock_ms, self.take))

    def _stop(self, clock_ms: int, phase: Phase) -> None:
        self.clock_ms, self.since_ms, self.phase = clock_ms, None, phase

    def _rewind(self, inject: str) -> int:
        """Go back to just before an inject was settled; later lines move to ``aside``."""
        at = next(
            (n for n, moment in enumerate(self.standing) if settles(moment, inject)),
            len(self.standing),
        )
        clock_ms = self.standing[at].clock_ms if at < len(self.standing) else self.clock_ms
        self.aside += self.standing[at:]
        del self.standing[at:]
        self.take += 1
        self._stop(clock_ms, "paused")
        return clock_ms


def settles(moment: Moment, inject: str) -> bool:
    """Return whether a line released or skipped an inject."""
    return moment.kind in ("released", "skipped") and moment.data.get("inject") == inject


def clock_of(lines: Iterable[Line]) -> Callable[[int], int]:
    """Return the exercise clock as a function of time."""
    tape, times, stood = _Tape(), [0], [(0, False)]
    for line in lines:
        tape.take_up(line)
        times.append(tape.latest_ms)
        stood.append((tape.clock_at(line.at_ms), tape.since_ms is not None))

    def clock(at_ms: int) -> int:
        at = max(0, bisect_right(times, at_ms) - 1)
        clock_ms, runs = stood[at]
        return clock_ms + (max(0, at_ms - times[at]) if runs else 0)

    return clock

"""Append-only logs: the interface that a decider of the next line may read.

A log store calls a decider while it holds the log's lock. The decider is a pure function of the
existing lines: it returns the line to add, or None, or raises, and then nothing is written. So
reading and writing are one step, and no writer retries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

#: a line of a log
LineT = TypeVar("LineT")
LineCo = TypeVar("LineCo", covariant=True)
#: a line to be added; the log assigns its number
DraftT = TypeVar("DraftT")


class History(Protocol[LineCo]):
    """The lines of one log, at one moment; numbers count from 1."""

    @property
    def newest(self) -> LineCo:
        """Return the last line."""

    def line(self, number: int) -> LineCo:
        """Return the line with a number; raises a KnockOnError without one."""

    def before(self, number: int) -> LineCo:
        """Return the nearest line before a number; raises a KnockOnError without one."""

    def after(self, number: int) -> Sequence[LineCo]:
        """Return all lines behind a number, in order."""

    def last_of(self, author: str) -> LineCo | None:
        """Return the last line that an author wrote."""


#: decides what to add to a log, or nothing
Decide = Callable[[History[LineT]], DraftT | None]

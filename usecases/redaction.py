"""The one place where a text of the store becomes this viewer's: errors, and lines of a log.

What is kept names things as its author saw them. No other module makes a text for a user of it:
``tests/test_texts_for_viewers.py`` holds that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from models.change import difference
from models.errors import KnockOnError
from models.revisions import LogLine, QuotingError, ShownLine
from models.rights.scrubbing import GONE
from models.rights.sharing import AuditLine
from models.wording import _
from usecases.reasons import what_changed
from usecases.seat import Seat


def text_of(error: KnockOnError) -> str:
    """Return the text of an error, without what it quotes of a log: it is for all readers."""
    return str(error)


async def text_for(seat: Seat, scenario_id: str | None, error: KnockOnError) -> str:
    """Return the text of an error, with what it quotes of a log as this user may see it.

    Parameters
    ----------
    seat
        The place of the user who reads it.
    scenario_id
        The scenario whose log it may quote; None for none.
    error
        The error.
    """
    if scenario_id is None or not isinstance(error, QuotingError):
        return text_of(error)
    try:
        return error.quoting(await shown_lines(seat, scenario_id, error.lines))
    except KnockOnError:  # the log cannot be read now: the text without its reasons is safe
        return text_of(error)


async def shown_lines(seat: Seat, scenario_id: str, lines: Sequence[LogLine]) -> list[ShownLine]:
    """Return lines of a scenario's log as this user may see them.

    Parameters
    ----------
    seat
        The place of the user who reads them.
    scenario_id, lines
        The scenario, and lines of its log as they are kept.
    """
    return [await _shown(seat, scenario_id, line) for line in lines]


async def _shown(seat: Seat, scenario_id: str, line: LogLine) -> ShownLine:
    if seat.seen.is_whole:
        return ShownLine.of(line, line.reason)
    if line.kind not in ("changed", "undone", "redone") or line.revision < 2:
        # such a line is of no change: its reason is the name of an option, a plan or a file
        return ShownLine.of(line, "")
    get, number = seat.store.get, line.revision
    after = seat.scenario(await asyncio.to_thread(get, scenario_id, number)).to_dict()
    before = seat.scenario(await asyncio.to_thread(get, scenario_id, number - 1)).to_dict()
    change = difference(before, after)
    # the reason of an undo names what was undone
    change = change.inverse if line.kind == "undone" else change
    words = what_changed(seat.world, change, seat.labels)
    return ShownLine.of(line, words or _("something you may not see"))


def shown_audit(seat: Seat, lines: Sequence[AuditLine]) -> list[AuditLine]:
    """Return the audit log as this user may see it.

    Details hold reasons, and names of files and sessions. If anything is hidden from a user, they
    read those of their own acts alone.
    """
    if seat.seen.is_whole:
        return list(lines)
    return [
        line if line.who == seat.who.id or not line.detail else replace(line, detail=_(GONE))
        for line in lines
    ]

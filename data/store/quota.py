"""Quotas of a user, and of a session, for additions to logs per day: none can fill the disk.

They are counted in memory, per process, from the first line of a 24-hour period: a restarted
process starts at 0, and several processes allow a multiple.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from cachetools import TTLCache

from models.access import LOCAL
from models.errors import BadInputError
from models.wording import _

DAY_S, MOST_KEPT = 86_400, 50_000
#: a change stores the whole scenario, mostly 2 to 20 kB: enough for thousands of changes
BYTES_OF_PERSON, BYTES_OF_SESSION = 100_000_000, 1_000_000_000
#: so small a line of who leads is always taken: pause, resume and end of an exercise are
ALWAYS_BYTES = 200


class Quota:
    """Bytes added in the last day by each user, and in each session."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._lock = threading.Lock()
        #: a list of one number, so that adding to it does not restart the period
        self._added: TTLCache[tuple[str, str], list[int]] = TTLCache(MOST_KEPT, DAY_S, clock)

    def charge(self, author: str, session: str, size: int, *, leads: bool) -> None:
        """Count what is added; the one person of an installation without sign-in may fill it.

        Those who lead a session share an allowance of their own, which participants cannot fill.

        Parameters
        ----------
        author
            The user who adds it.
        session
            The shared session that it belongs to; empty outside any.
        size
            In bytes.
        leads
            Whether they lead the session.

        Raises
        ------
        BadInputError
            If it exceeds the daily quota of the user or the session.
        """
        if author == LOCAL:
            return
        limits = {("author", author): BYTES_OF_PERSON}
        if session:
            limits["leaders" if leads else "session", session] = BYTES_OF_SESSION
        with self._lock:
            added = {key: self._added.setdefault(key, [0]) for key in limits}
            is_full = any(added[key][0] + size > limits[key] for key in limits)
            if is_full and not (leads and size <= ALWAYS_BYTES):
                text = _("Too much was saved here within a day. Continue tomorrow.")
                raise BadInputError([text])
            for count in added.values():
                count[0] += size

"""Hours outside, whole milliseconds inside: equal times stay equal in any order of addition."""

from __future__ import annotations

MS_PER_HOUR = 3_600_000


def to_ms(hours: float) -> int:
    """Return ``hours`` as whole milliseconds."""
    return round(hours * MS_PER_HOUR)


def to_hours(ms: int) -> float:
    """Return whole milliseconds as hours."""
    return ms / MS_PER_HOUR


def hours_text(ms: int) -> str:
    """Return a duration for people: ``45 min``, ``7 h 40 min``, ``2 d 3 h 45 min``, ``0 h``.

    Days are used from 48 h on; parts that are zero are left out. The page writes the same
    (``hoursText`` in ``assets/page/base/time.js``).
    """
    hours, minutes = divmod(round(ms / 60_000), 60)
    days, hours = divmod(hours, 24) if hours >= 48 else (0, hours)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(parts) or "0 h"

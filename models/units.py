"""Hours outside, whole milliseconds inside: equal times stay equal however they were added up."""

from __future__ import annotations

MS_PER_HOUR = 3_600_000


def to_ms(hours: float) -> int:
    """Return ``hours`` as whole milliseconds."""
    return round(hours * MS_PER_HOUR)


def to_hours(ms: int) -> float:
    """Return whole milliseconds as hours."""
    return ms / MS_PER_HOUR


def hours_text(ms: int) -> str:
    """Return a duration for people: ``7 h 40 min``, ``45 min``, ``2 d 3 h``."""
    minutes = round(ms / 60_000)
    if minutes == 0:
        return "0 h"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"

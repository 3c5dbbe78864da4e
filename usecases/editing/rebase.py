"""Whether a change that was made on an older revision may still be applied to the newest one.

Only if it adds something and the changes since touch other things, so that it has the same effect
there. Every other stale change is refused; the refusal tells its author what other users changed.
"""

from __future__ import annotations

from typing import Any

from models.change import Change, Conflict, Plain, Touch

#: fields that change nothing of what happens
_WORDS = frozenset({"title", "title_tlp"})


def rebased(
    mine: Change, others: Change, now: Plain, named: frozenset[Touch] = frozenset()
) -> dict[str, Any] | None:
    """Return the newest scenario with a change that was made on an older one.

    Parameters
    ----------
    mine
        The change, made on the older revision.
    others
        What others changed since.
    now
        The newest plain scenario.
    named
        What the action names beside what it changed: of a knock-out of two assets of which one
        was knocked out already, both.

    Returns
    -------
    The changed scenario, or None where the change might mean something else there.
    """
    if not mine.adds_only or not others.fields.keys() <= _WORDS:
        return None
    if (mine.touches | named) & others.touches:
        return None
    result = mine.apply(now)
    return None if isinstance(result, Conflict) else result

"""Description of a change in the page's words: the reason stored in the log."""

from __future__ import annotations

from layouts.feed.comparison import changes
from layouts.words import Labels
from models.change import Change
from models.wording import n_
from models.world import World

#: how many things a reason names; the others are given as a number
NAMED = 2


def what_changed(world: World, change: Change, labels: Labels) -> str:
    """Return one line that describes a change, such as 'Substation fails at 0 h'.

    Parameters
    ----------
    world
        Source of the names: a reader's view of the world, or the whole.
    change
        The difference between two plain scenarios.
    labels
        The page's words.
    """
    parts = changes(world, change, labels)
    named, more = "; ".join(parts[:NAMED]), len(parts) - NAMED
    if more <= 0:
        return named
    return n_("{what}; {n} more", "{what}; {n} more", more).format(what=named, n=more)

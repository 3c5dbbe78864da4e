"""What a change was, in the page's words: the reason that the log keeps beside it."""

from __future__ import annotations

from layouts.feed.comparison import changes
from layouts.words import Labels
from models.change import Change
from models.wording import n_
from models.world import World

#: how many single things are named before it is only said how many more there are
NAMED = 2


def what_changed(world: World, change: Change, labels: Labels) -> str:
    """Say in one line what a change is, such as 'Substation fails at 0 h'.

    Parameters
    ----------
    world
        Whose names are used: a reader's own view of it, or the whole.
    change
        The difference between two plain scenarios.
    labels
        The page's words.
    """
    parts = changes(world, change, labels)
    told, more = "; ".join(parts[:NAMED]), len(parts) - NAMED
    if more <= 0:
        return told
    return n_("{what}; {n} more", "{what}; {n} more", more).format(what=told, n=more)

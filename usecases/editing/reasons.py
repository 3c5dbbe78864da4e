"""What a change was, in the page's words: the reason that the log keeps beside it."""

from __future__ import annotations

from layouts.feed.comparison import changes
from layouts.words import Labels
from models.scenario import Scenario
from models.wording import n_
from models.world import World

#: how many single things are named before it is only said how many more there are
NAMED = 2


def what_changed(world: World, before: Scenario, after: Scenario, labels: Labels) -> str:
    """Say in one line what makes ``after`` of ``before``, such as 'Substation fails at 0 h'."""
    parts = changes(world, before, after, labels)
    told, more = "; ".join(parts[:NAMED]), len(parts) - NAMED
    if more <= 0:
        return told
    return n_("{what}; {n} more", "{what}; {n} more", more).format(what=told, n=more)

"""What all callbacks of one app share; nothing here belongs to one viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx

from callbacks.compute import Computer
from callbacks.live import Hub
from callbacks.ports import LiveNotes, Parse, ReadyScenario, ScenarioStore
from callbacks.seat import Seat
from layouts.dependency_graph import graph_of
from layouts.words import Labels
from models.access import NotAllowedError, asking
from models.world import World


@dataclass(frozen=True)
class Desk:
    """The world, the store and the computer that all callbacks of one app share."""

    world: World
    labels: Labels
    store: ScenarioStore
    computer: Computer
    parse: Parse
    ready: Mapping[str, ReadyScenario] = field(default_factory=dict)
    notes: LiveNotes | None = None

    def seat(self) -> Seat:
        """Return the place of whoever makes the request that is being answered.

        Raises
        ------
        NotAllowedError
            If nobody known asks, or somebody who may see no scenario.
        """
        who = asking()
        if not who.may_look:
            raise NotAllowedError("Sign in first: open your invitation link again.")
        return Seat(self, who)

    @cached_property
    def live(self) -> Hub:
        """Return who watches which scenario in this process."""
        return Hub(self.store, self.notes)

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """Return who needs whom; it depends on the world alone."""
        return graph_of(self.world)

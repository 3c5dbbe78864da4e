"""State that all requests of one application share; nothing here belongs to one viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import networkx as nx

from layouts.graph.needs import graph_of
from layouts.words import Labels
from models.access import LABELS, Tlp, asking
from models.rights.need_to_know import Seen, labels_in_use, view_of
from models.rights.views import view
from models.wording import spoken
from models.world import World
from usecases.compute.computer import Computer
from usecases.ports import Curtain, OnChange, Parse, ReadyScenario, ScenarioStore, nobody_listens


@dataclass(frozen=True)
class Desk:
    """The world, the store and the computer that all requests of one application share."""

    world: World
    labels: Labels
    store: ScenarioStore
    computer: Computer
    parse: Parse
    ready: Mapping[str, ReadyScenario] = field(default_factory=dict)
    curtain: Curtain | None = None
    on_change: OnChange = nobody_listens
    file_notes: tuple[str, ...] = ()
    _views: dict[tuple[Tlp, str], Seen] = field(default_factory=dict, init=False, repr=False)
    _graphs: dict[Tlp, nx.DiGraph[str]] = field(default_factory=dict, init=False, repr=False)
    _sectors: dict[Tlp, frozenset[str]] = field(default_factory=dict, init=False, repr=False)
    _making: Lock = field(default_factory=Lock, init=False, repr=False)
    _drawing: Lock = field(default_factory=Lock, init=False, repr=False)

    def seen(self, clearance: Tlp) -> Seen:
        """Return the world as a user with this clearance may see it; made once per view."""
        stands_for = view_of(self._labels_in_use, clearance)
        with self._making:
            # the label of redacted things depends on the language
            key = stands_for, spoken().code
            if key not in self._views:
                self._views[key] = view(self.world, stands_for)
            return self._views[key]

    def sectors(self, clearance: Tlp) -> frozenset[str]:
        """Return the sectors of which a user with this clearance sees anything."""
        stands_for = view_of(self._labels_in_use, clearance)
        if stands_for not in self._sectors:
            assets = self.seen(stands_for).world.assets.values()
            self._sectors[stands_for] = frozenset(asset.sector for asset in assets)
        return self._sectors[stands_for]

    def notes_on_files(self) -> tuple[str, ...]:
        """Return warnings about the world's files, for facilitators who may see everything.

        They name things as the files do, including labelled ones.
        """
        who = asking()
        return self.file_notes if who.leads and who.may_see(LABELS[-1]) else ()

    def graph(self, seen: Seen) -> nx.DiGraph[str]:
        """Return the dependency graph of a view; for a large world this takes seconds."""
        with self._drawing:
            if seen.clearance not in self._graphs:
                self._graphs[seen.clearance] = graph_of(seen.world)
            return self._graphs[seen.clearance]

    @cached_property
    def _labels_in_use(self) -> tuple[Tlp, ...]:
        return labels_in_use(self.world)

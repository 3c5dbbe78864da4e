"""One place where a checked request meets the store and the engine; the callbacks are thin over it.

Nothing here belongs to one viewer: who asks says which scenario, and the store says what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import networkx as nx

from callbacks import options
from callbacks.actions import (
    Change,
    New,
    OpenReady,
    OptionChange,
    Redo,
    Undo,
    apply_action,
    parse_action,
)
from callbacks.compute import Computer
from callbacks.ports import Parse, Plain, ReadyScenario, Saved, ScenarioStore, Unsaved
from callbacks.reasons import what_changed
from layouts.dependency_graph import graph_of
from layouts.picture import addressed
from layouts.words import Labels
from models.errors import BadInputError, KnockOnError, UnknownIdError
from models.explain import Explanation
from models.savings import Saving
from models.scenario import Scenario
from models.world import World

STALE = (
    "Somebody else changed this scenario a moment ago, so your change was not made. "
    "You now see theirs; make yours again if it still fits."
)
#: how many of their changes are named
TOLD_CHANGES = 3


@dataclass(frozen=True)
class Answer:
    """What the page is told after a change or an opening; None leaves it as it is."""

    scenario: Plain | None = None
    picture: Plain | None = None
    text: str = ""
    kind: str = "error"


@dataclass(frozen=True)
class Desk:
    """The world, the store and the computer that all callbacks of one app share."""

    world: World
    labels: Labels
    store: ScenarioStore
    computer: Computer
    parse: Parse
    ready: Mapping[str, ReadyScenario] = field(default_factory=dict)

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """Return who needs whom; it depends on the world alone."""
        return graph_of(self.world)

    async def current(self, scenario_id: str | None) -> Saved:
        """Return the newest revision of a scenario, or the empty one for no id."""
        if scenario_id is None:
            return Unsaved(Scenario(world=self.world.world_id).to_dict())
        return self._of_this_world(await asyncio.to_thread(self.store.get, scenario_id))

    async def shown(self, told: tuple[str, int] | None) -> Saved:
        """Return the revision that a page shows, though there may be a newer one by now.

        A page draws its map from the revision it holds; all its panels must be of the same.
        """
        if told is None:
            return await self.current(None)
        return self._of_this_world(await asyncio.to_thread(self.store.get, *told))

    def _of_this_world(self, saved: Saved) -> Saved:
        if saved.plain.get("world") != self.world.world_id:
            raise BadInputError(["That scenario is for another world than the one shown here."])
        return saved

    async def picture(self, saved: Saved) -> Plain:
        """Return the picture of one revision."""
        drawn = await self.computer.picture(saved.plain)
        return addressed(drawn, saved.id or None, saved.revision)

    async def why(self, saved: Saved, asset_id: str, at_ms: int) -> Explanation:
        """Return why an asset is what it is at an hour."""
        return await self.computer.why(saved.plain, asset_id, at_ms)

    async def savings(
        self, saved: Saved, asset_id: str, viewer: str, number: int
    ) -> tuple[Saving, ...]:
        """Return the single changes that would have kept an asset; the viewer's newest question."""
        return await self.computer.savings(saved.plain, asset_id, viewer, number)

    def forget_savings(self, viewer: str) -> None:
        """Note that a viewer no longer waits for savings."""
        self.computer.forget_savings(viewer)

    async def open(self, scenario_id: str | None) -> Answer:
        """Open a scenario; one that is not there gives a message and an empty one."""
        text = ""
        try:
            saved = await self.current(scenario_id)
        except KnockOnError as error:
            text = f"{error} A new, empty scenario was opened instead."
            saved = await self.current(None)
        return await self._answer(saved, text)

    async def act(self, scenario_id: str | None, given: object) -> Answer:
        """Make one change and say what became of it; nothing is half made."""
        try:
            action = parse_action(given)
            saved = await self._change(scenario_id, action)
        except KnockOnError as error:
            newer = await self._newer(scenario_id, given)
            if newer is None:
                return Answer(text=str(error))
            return await self._answer(newer, f"{STALE}{await self._since(newer, given)}")
        return await self._answer(saved)

    async def _newer(self, scenario_id: str | None, given: object) -> Saved | None:
        """Return what stands now if the change was made on something older."""
        base = given.get("base_rev") if isinstance(given, dict) else None
        try:
            now = await self.current(scenario_id)
        except KnockOnError:
            return None
        return now if isinstance(base, int) and base != now.revision else None

    async def _since(self, newer: Saved, given: object) -> str:
        """Say what others did after the revision that a change was made on."""
        base = given["base_rev"] if isinstance(given, dict) else 0
        after = max(0, base, newer.revision - TOLD_CHANGES)
        try:
            since = await asyncio.to_thread(self.store.history, newer.id, after)
        except KnockOnError:
            return ""
        told = "; ".join(map(str, since))
        return f" Changed meanwhile: {told}." if told else ""

    async def _change(self, scenario_id: str | None, action: Any) -> Saved:
        if isinstance(action, New):
            return await self.current(None)
        if isinstance(action, OpenReady):
            return await self._keep(self._ready(action.name))
        if isinstance(action, OptionChange):
            return await options.changed(self.store, scenario_id, action)
        if isinstance(action, Undo | Redo):
            if scenario_id is None:
                raise BadInputError(["Nothing has been changed yet."])
            step = self.store.undo if isinstance(action, Undo) else self.store.redo
            return await asyncio.to_thread(step, scenario_id, action.base_rev)
        return await self._write(scenario_id, action)

    async def _write(self, scenario_id: str | None, action: Change) -> Saved:
        before = await self.current(scenario_id)
        if before.revision != action.base_rev:
            raise KnockOnError(STALE)
        after = self.parse(apply_action(self.world, before.plain, action), self.world)
        reason = what_changed(self.world, Scenario.from_dict(before.plain), after, self.labels)
        if scenario_id is None:
            # kept empty first, so that the first change can be undone like any other
            before = await self._keep(before.plain)
        return await asyncio.to_thread(
            self.store.write, before.id, after.to_dict(), before.revision, reason
        )

    async def _keep(self, plain: Plain) -> Saved:
        checked = self._checked(plain)
        title = str(checked.get("title", ""))
        return await asyncio.to_thread(self.store.create, self.world.world_id, title, checked)

    def _checked(self, plain: Plain) -> Plain:
        return self.parse(plain, self.world).to_dict()

    def _ready(self, name: str) -> Plain:
        if name not in self.ready:
            raise UnknownIdError("ready scenario", name[:80], self.ready)
        return self.ready[name].plain

    async def _answer(self, saved: Saved, text: str = "") -> Answer:
        """Tell the page what stands now; it is saved even where it cannot be computed."""
        told = told_scenario(saved)
        try:
            return Answer(told, await self.picture(saved), text)
        except KnockOnError as error:
            return Answer(told, None, f"{text} {error}".strip())


def told_scenario(saved: Saved) -> Plain:
    """Return what the page's store holds about a scenario."""
    return {
        "id": saved.id or None,
        "rev": saved.revision,
        "title": saved.plain.get("title", ""),
        "plain": saved.plain,
        "can_undo": saved.can_undo,
        "can_redo": saved.can_redo,
    }

"""One person's place at the desk: what they ask is checked, then answered, as them alone.

Every callback and every route takes a seat first (:meth:`callbacks.desk.Desk.seat`); nothing of a
scenario is read or changed but through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx

from callbacks.actions import (
    Change,
    New,
    OpenReady,
    Redo,
    Undo,
    apply_action,
    parse_action,
)
from callbacks.jobs import Row
from callbacks.ports import Change as LogLine
from callbacks.ports import Plain, Saved, Unsaved
from callbacks.reasons import what_changed
from callbacks.rebase import still_fits
from layouts.picture import addressed
from layouts.words import Labels
from models.access import Who
from models.errors import BadInputError, KnockOnError, UnknownIdError
from models.explain import Explanation
from models.savings import Saving
from models.scenario import Scenario
from models.world import World

if TYPE_CHECKING:
    from callbacks.desk import Desk

STALE = (
    "Somebody else changed this scenario a moment ago, so your change was not made. "
    "You now see theirs; make yours again if it still fits."
)
#: so often a change is tried where others change the same scenario at the same moment
ATTEMPTS = 4
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
class Seat:
    """The desk as one person may use it."""

    desk: Desk
    who: Who

    @property
    def world(self) -> World:
        """Return the world as this person may see it."""
        return self.desk.world

    @property
    def labels(self) -> Labels:
        """Return the page's words."""
        return self.desk.labels

    @property
    def graph(self) -> nx.DiGraph[str]:
        """Return who needs whom, as far as this person may see it; it may take seconds."""
        return self.desk.graph

    @property
    def sight(self) -> str:
        """Return what stands for all that decides what this person sees: who has the same, sees it.

        Whoever makes more of it personal adds it here; the live view is worked out once for each.
        """
        return self.who.clearance

    def told(self, saved: Saved) -> Plain:
        """Return what the page's store holds about a revision."""
        return told_scenario(saved)

    async def log(self, scenario_id: str, after: int, limit: int = 200) -> Sequence[LogLine]:
        """Return who changed what after a revision, oldest first."""
        return await asyncio.to_thread(self.desk.store.history, scenario_id, after, limit)

    async def current(self, scenario_id: str | None) -> Saved:
        """Return the newest revision of a scenario, or the empty one for no id."""
        if scenario_id is None:
            return Unsaved(Scenario(world=self.desk.world.world_id).to_dict())
        return self._of_this_world(
            await asyncio.to_thread(self.desk.store.get, scenario_id, author=self.who.id)
        )

    async def shown(self, told: tuple[str, int] | None) -> Saved:
        """Return the revision that a page shows, though there may be a newer one by now.

        A page draws its map from the revision it holds; all its panels must be of the same.
        """
        if told is None:
            return await self.current(None)
        return self._of_this_world(
            await asyncio.to_thread(self.desk.store.get, *told, author=self.who.id)
        )

    def _of_this_world(self, saved: Saved) -> Saved:
        if saved.plain.get("world") != self.desk.world.world_id:
            raise BadInputError(["That scenario is for another world than the one shown here."])
        return saved

    async def picture(self, saved: Saved) -> Plain:
        """Return the picture of one revision."""
        drawn = await self.desk.computer.picture(saved.plain)
        return addressed(drawn, saved.id or None, saved.revision)

    async def why(self, saved: Saved, asset_id: str, at_ms: int) -> Explanation:
        """Return why an asset is what it is at an hour."""
        return await self.desk.computer.why(saved.plain, asset_id, at_ms)

    async def savings(
        self, saved: Saved, asset_id: str, viewer: str, number: int
    ) -> tuple[Saving, ...]:
        """Return the single changes that would have kept an asset; the viewer's newest question."""
        return await self.desk.computer.savings(saved.plain, asset_id, viewer, number)

    async def extras(self, saved: Saved, at_ms: int, names: list[str]) -> list[Row]:
        """Return what each of a few more knock-outs takes beyond the scenario, at once."""
        return await self.desk.computer.extras(saved.plain, at_ms, names, quick=True)

    def forget_savings(self, viewer: str) -> None:
        """Note that a viewer no longer waits for savings."""
        self.desk.computer.forget_savings(viewer)

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
            if saved.id:
                self.desk.live.made(saved.id, saved.revision, action.nonce)
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
            since = await asyncio.to_thread(self.desk.store.history, newer.id, after)
        except KnockOnError:
            return ""
        told = "; ".join(map(str, since))
        return f" Changed meanwhile: {told}." if told else ""

    async def _change(self, scenario_id: str | None, action: Any) -> Saved:
        if isinstance(action, New):
            return await self.current(None)
        if isinstance(action, OpenReady):
            return await self._keep(self._ready(action.name))
        if isinstance(action, Undo | Redo):
            if scenario_id is None:
                raise BadInputError(["Nothing has been changed yet."])
            step = self.desk.store.undo if isinstance(action, Undo) else self.desk.store.redo
            base = await self._base_of_step(scenario_id, action.base_rev)
            return await asyncio.to_thread(step, scenario_id, base, author=self.who.id)
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._write(scenario_id, action)
            except KnockOnError:
                # of two at once one is second; it may still fit what the first has made
                if not await self._fits_newest(scenario_id, action):
                    raise
        return await self._write(scenario_id, action)

    async def _base_of_step(self, scenario_id: str, base: int) -> int:
        """Return on which revision to undo or redo: what others did since makes no difference."""
        since = await self.log(scenario_id, base)
        mine = any(one.author == self.who.id for one in since)
        return base if mine or not since else since[-1].revision

    async def _fits_newest(self, scenario_id: str | None, action: Change) -> bool:
        """Say whether a change made on an older revision can be made on the newest as well."""
        try:
            now = await self.current(scenario_id)
            if scenario_id is None or now.revision <= action.base_rev:
                return False
            then = await self.shown((scenario_id, action.base_rev))
        except KnockOnError:
            return False
        return still_fits(action, then.plain, now.plain)

    async def _write(self, scenario_id: str | None, action: Change) -> Saved:
        before = await self.current(scenario_id)
        stale = before.revision != action.base_rev
        if stale and not await self._fits_newest(scenario_id, action):
            raise KnockOnError(STALE)
        after = self.desk.parse(
            apply_action(self.desk.world, before.plain, action), self.desk.world
        )
        reason = what_changed(
            self.desk.world, Scenario.from_dict(before.plain), after, self.desk.labels
        )
        if scenario_id is None:
            # kept empty first, so that the first change can be undone like any other
            before = await self._keep(before.plain)
        return await asyncio.to_thread(
            self.desk.store.write,
            before.id,
            after.to_dict(),
            before.revision,
            reason,
            author=self.who.id,
        )

    async def _keep(self, plain: Plain) -> Saved:
        checked = self._checked(plain)
        title = str(checked.get("title", ""))
        return await asyncio.to_thread(
            self.desk.store.create, self.desk.world.world_id, title, checked, author=self.who.id
        )

    def _checked(self, plain: Plain) -> Plain:
        return self.desk.parse(plain, self.desk.world).to_dict()

    def _ready(self, name: str) -> Plain:
        if name not in self.desk.ready:
            raise UnknownIdError("ready scenario", name[:80], self.desk.ready)
        return self.desk.ready[name].plain

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

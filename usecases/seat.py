"""One person's place at the desk: what they ask is checked, then answered, as them alone.

Every callback and every route takes a seat first (:meth:`usecases.desk.Desk.seat`); nothing of a
scenario is read or changed but through it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import networkx as nx

from layouts.feed.picture import addressed
from layouts.words import Labels
from models.access import NotAllowedError, Who
from models.errors import BadInputError, KnockOnError, UnknownIdError
from models.explain.savings import Saving
from models.explain.why import Explanation
from models.rights.need_to_know import Seen
from models.rights.permission import require_leads, require_may_change, require_may_edit
from models.scenario import Scenario
from models.wording import N_, _
from models.world import World
from usecases.compute.computer import SupersededError
from usecases.compute.jobs import Row
from usecases.editing import options
from usecases.editing.actions import (
    Change,
    CostMeasure,
    EditEvent,
    New,
    OpenReady,
    OptionChange,
    Redo,
    RemoveMeasure,
    Undo,
    apply_action,
    parse_action,
)
from usecases.editing.reasons import what_changed
from usecases.editing.rebase import still_fits
from usecases.ports import Change as LogLine
from usecases.ports import LogEntry, Plain, ReadyScenario, Saved, ScenarioStore, Unsaved

if TYPE_CHECKING:
    from usecases.desk import Desk

_LOG = logging.getLogger("knockon")
STALE = N_(
    "Another user has just changed this scenario, so your change was not saved. The "
    "page now shows their version; repeat your change if it still applies."
)
AHEAD = N_(
    "Not available while an exercise is running on this scenario: it would reveal what comes next."
)
#: so often a change is tried where others change the same scenario at the same moment
ATTEMPTS = 4
T = TypeVar("T")
PARTLY_HIDDEN = N_("This includes things that you may not see. Ask the facilitator for it.")
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
    def store(self) -> ScenarioStore:
        """Return the scenarios of this person's session; no other can be reached through it."""
        return self.desk.store.within(self.who.session)

    @property
    def seen(self) -> Seen:
        """Return what this person may see, and what makes answers about the whole world theirs."""
        return self.desk.seen(self.who.clearance)

    @property
    def world(self) -> World:
        """Return the world as this person may see it."""
        return self.seen.world

    @property
    def labels(self) -> Labels:
        """Return the page's words."""
        return self.desk.labels

    @property
    def graph(self) -> nx.DiGraph[str]:
        """Return who needs whom, as far as this person may see it; it may take seconds."""
        return self.desk.graph(self.seen)

    @property
    def ready(self) -> dict[str, ReadyScenario]:
        """Return the ready scenarios of which this person may see everything."""
        hidden = self.seen.names_hidden
        return {name: one for name, one in self.desk.ready.items() if not hidden(one.plain)}

    def scenario(self, saved: Saved) -> Scenario:
        """Return a revision's scenario to look at; what may not be seen of it is covered."""
        return self.seen.scenario(Scenario.from_dict(saved.plain))

    def told(self, saved: Saved) -> Plain:
        """Return what the page's store holds about a revision, as this person may see it."""
        plain = self.seen.plain(saved.plain)
        return {
            "id": saved.id or None,
            "rev": saved.revision,
            "title": plain.get("title", ""),
            "plain": plain,
            "can_undo": saved.can_undo,
            "can_redo": saved.can_redo,
        }

    @property
    def sight(self) -> str:
        """Return what stands for all that decides what this person sees of a scenario.

        Who has the same sees the same: the live view is worked out once for each.
        """
        # an exercise shows those who lead what it holds back from the others
        return f"{self.seen.clearance}, leads" if self.who.leads else self.seen.clearance

    async def log(self, scenario_id: str, after: int, limit: int = 200) -> list[LogEntry]:
        """Return who changed what after a revision, oldest first, as this person may see it."""
        since = await asyncio.to_thread(self.store.history, scenario_id, after, limit)
        return [
            LogEntry(
                one.revision,
                one.kind,
                one.author,
                one.made_at,
                await self._reason(scenario_id, one),
            )
            for one in since
        ]

    async def current(self, scenario_id: str | None) -> Saved:
        """Return the newest revision of a scenario, or the empty one for no id."""
        if scenario_id is None:
            return Unsaved(Scenario(world=self.desk.world.world_id).to_dict())
        return self._of_this_world(
            await asyncio.to_thread(self.store.get, scenario_id, author=self.who.id)
        )

    async def shown(self, told: tuple[str, int] | None) -> Saved:
        """Return the revision that a page shows, though there may be a newer one by now.

        A page draws its map from the revision it holds; all its panels must be of the same.
        """
        if told is None:
            return await self.current(None)
        return self._of_this_world(
            await asyncio.to_thread(self.store.get, *told, author=self.who.id)
        )

    def _of_this_world(self, saved: Saved) -> Saved:
        if saved.plain.get("world") != self.desk.world.world_id:
            raise BadInputError([_("That scenario is for another world than the one shown here.")])
        return saved

    async def picture(self, saved: Saved) -> Plain:
        """Return the picture of one revision, as this person may see it."""
        known = await self._known(saved)
        drawn = await self._scrubbed(self.desk.computer.picture(known, self.seen.clearance))
        return addressed(drawn, saved.id or None, saved.revision)

    async def _known(self, saved: Saved) -> Plain:
        """Return a scenario as far ahead as they may look: an exercise may hold them back."""
        until_h = await self.held_back_h(saved.id)
        if until_h is None or until_h >= float(saved.plain["horizon_h"]):
            return saved.plain
        return saved.plain | {"horizon_h": until_h}

    async def held_back_h(self, scenario_id: str | None) -> float | None:
        """Return the last hour that an exercise lets them see; None for all of them."""
        if self.desk.curtain is None or self.who.leads or not scenario_id:
            return None
        return await self.desk.curtain.known_h(scenario_id)

    async def require_nothing_ahead(self, scenario_id: str | None) -> None:
        """Refuse an answer about all hours of a scenario that an exercise still holds back."""
        if await self.held_back_h(scenario_id) is not None:
            raise NotAllowedError(_(AHEAD))

    async def why(self, saved: Saved, asset_id: str, at_ms: int) -> Explanation:
        """Return why an asset is what it is at an hour."""
        known = await self._known(saved)
        return await self._scrubbed(
            self.desk.computer.why(known, asset_id, at_ms, self.seen.clearance)
        )

    async def savings(
        self, saved: Saved, asset_id: str, viewer: str, number: int
    ) -> tuple[Saving, ...]:
        """Return the single changes that would have kept an asset; the viewer's newest question."""
        asked = (await self._known(saved), asset_id, viewer, number, self.seen.clearance)
        return await self._scrubbed(self.desk.computer.savings(*asked))

    async def extras(self, saved: Saved, at_ms: int, names: list[str]) -> list[Row]:
        """Return what each of a few more knock-outs takes beyond the scenario, at once."""
        asked = (saved.plain, at_ms, names, self.seen.clearance)
        return await self._scrubbed(self.desk.computer.extras(*asked, quick=True))

    async def _scrubbed(self, answer: Awaitable[T]) -> T:
        """Return an answer; an error about the whole world is told without what is hidden."""
        try:
            return await answer
        except SupersededError:
            raise
        except KnockOnError as error:
            raise self._told_error(error) from None

    def _told_error(self, error: KnockOnError) -> KnockOnError:
        """Return an error about the whole world as this person may hear it.

        Only for what the server says by itself: scrubbing what somebody sent would tell them
        which of their guesses are names of something hidden.
        """
        text = self.seen.scrub(str(error))
        return error if text == str(error) else KnockOnError(text)

    def option_names(self, family: Sequence[Saved]) -> list[tuple[str, str]]:
        """Return id and name of each option, as this person may read them."""
        return [(one.id, self.seen.scrub(one.name)) for one in family]

    async def family(self, scenario_id: str) -> Sequence[Saved]:
        """Return all options of the same origin, this one included."""
        return await asyncio.to_thread(self.store.branches, scenario_id, self.who.id)

    async def compared(self, futures: Sequence[tuple[str, Plain, str]]) -> Plain:
        """Return named scenarios side by side, the first against the second.

        Raises
        ------
        NotAllowedError
            If something of the world is hidden from this person: tables and words are of all.
        """
        self._require_whole()
        return await self.desk.computer.compared(futures)

    async def file(self, saved: Saved, asked: Plain) -> bytes:
        """Return one kind of file about one revision.

        Raises
        ------
        NotAllowedError
            As for :meth:`compared`: what leaves the room is made by who sees all of it.
        """
        self._require_whole()
        await self.require_nothing_ahead(saved.id)
        return await self.desk.computer.file(saved.plain, asked)

    def _require_whole(self) -> None:
        if not self.seen.is_whole:
            raise NotAllowedError(_(PARTLY_HIDDEN))

    def forget_savings(self, viewer: str) -> None:
        """Note that a viewer no longer waits for savings."""
        self.desk.computer.forget_savings(viewer)

    async def open(self, scenario_id: str | None) -> Answer:
        """Open a scenario; one that is not there gives a message and an empty one.

        Whoever comes into a session and names none sees the one that was changed last.
        """
        text = ""
        try:
            saved = await self.current(scenario_id or await self._shared_one())
        except KnockOnError as error:
            told = _("A new, empty scenario was opened instead.")
            text = f"{error} {told}"
            saved = await self.current(None)
        return await self._answer(saved, text)

    async def _shared_one(self) -> str | None:
        if self.who.session is None:
            return None
        newest = await asyncio.to_thread(self.store.recent, 1)
        return newest[0].id if newest else None

    async def act(self, scenario_id: str | None, given: object) -> Answer:
        """Make one change and say what became of it; nothing is half made."""
        try:
            action = parse_action(given)
            saved = await self._change(scenario_id, action)
            if saved.id:
                self.desk.live.made(saved.id, saved.revision, action.nonce)
        except KnockOnError as error:
            if isinstance(error, NotAllowedError):
                _LOG.warning("refused a change: %s (%s)", self.who.id, self.who.role)
            newer = await self._newer(scenario_id, given)
            if newer is None:
                return Answer(text=str(error))
            return await self._answer(newer, _(STALE) + await self._since(newer, given))
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
        # what the page says has not been checked: no revision is as large as a number may be
        after = max(0, min(base, newer.revision), newer.revision - TOLD_CHANGES)
        try:
            since = await asyncio.to_thread(self.store.history, newer.id, after)
        except KnockOnError:
            return ""
        told = "; ".join([await self.line(newer.id, change) for change in since])
        return " " + _("Changed in the meantime: {what}.").format(what=told) if told else ""

    async def line(self, scenario_id: str, change: LogLine) -> str:
        """Return a line of the log as this person may see it."""
        return change.saying(await self._reason(scenario_id, change))

    async def _reason(self, scenario_id: str, change: LogLine) -> str:
        """Return what was done; told anew to those who may not see everything."""
        if self.seen.is_whole or change.revision < 2 or not change.reason:
            return change.reason
        get, newer = self.store.get, change.revision
        after = await asyncio.to_thread(get, scenario_id, newer)
        before = await asyncio.to_thread(get, scenario_id, newer - 1)
        if change.kind == "undone":
            # its line says what was taken back
            after, before = before, after
        words = what_changed(
            self.world, self.scenario(before), self.scenario(after), self.desk.labels
        )
        return words or _("something you may not see")

    async def _change(self, scenario_id: str | None, action: Any) -> Saved:
        if isinstance(action, OptionChange):
            return await options.changed(self, scenario_id, action)
        require_may_edit(self.who)
        if isinstance(action, New | OpenReady):
            require_leads(self.who)
            if isinstance(action, New):
                return await self.current(None)
            return await self._keep(self._ready(action.name))
        if isinstance(action, Undo | Redo):
            # what they take back was theirs to do: the store knows each author's own changes
            if scenario_id is None:
                raise BadInputError([_("Nothing has been changed yet.")])
            step = self.store.undo if isinstance(action, Undo) else self.store.redo
            base = await self._base_of_step(scenario_id, action.base_rev)
            return await asyncio.to_thread(step, scenario_id, base, author=self.who.id)
        for _attempt in range(ATTEMPTS - 1):
            try:
                return await self._write(scenario_id, action)
            except NotAllowedError:
                raise
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
            raise KnockOnError(_(STALE))
        self._refuse_hidden(before.plain, action)
        if isinstance(action, EditEvent):
            action = self._with_its_note(before.plain, action)
        changed = apply_action(self.world, before.plain, action)
        self._check_named(before.plain, changed)
        try:
            after = self.desk.parse(changed, self.desk.world)
        except KnockOnError as error:
            raise self._told_error(error) from None
        if scenario_id is None:
            require_leads(self.who)
        require_may_change(self.who, self.desk.world, before.plain, after.to_dict())
        reason = what_changed(
            self.desk.world, Scenario.from_dict(before.plain), after, self.desk.labels
        )
        if scenario_id is None:
            # kept empty first, so that the first change can be undone like any other
            before = await self._keep(before.plain)
        plain = after.to_dict()
        if await self.held_back_h(before.id) is None:
            # the engine need not wait for the disk
            self.desk.computer.expect(plain, self.seen.clearance)
        return await asyncio.to_thread(
            self.store.write,
            before.id,
            plain,
            before.revision,
            reason,
            author=self.who.id,
        )

    def _refuse_hidden(self, plain: Plain, action: Change) -> None:
        """Refuse to change or take away what this person may not see."""
        told, index = self.seen.plain(plain), getattr(action, "index", None)
        name = "measures" if isinstance(action, RemoveMeasure | CostMeasure) else "events"
        listed = told.get(name, ())
        if index is not None and index < len(listed) and "unseen" in listed[index]:
            raise BadInputError([_("You cannot change things that are hidden from you.")])

    def _with_its_note(self, plain: Plain, action: EditEvent) -> EditEvent:
        """Keep the note of an event for who was not shown it."""
        events = plain.get("events", ())
        if self.seen.is_whole or action.index >= len(events):
            return action
        note = events[action.index].get("note", "")
        return action.model_copy(update={"event": action.event.model_copy(update={"note": note})})

    def _check_named(self, before: Plain, after: Plain) -> None:
        """Check what is new against the world that this person sees: the rest is not there."""
        if self.seen.is_whole:
            return
        new = {name: _beyond(after[name], before.get(name, ())) for name in ("events", "measures")}
        self.desk.parse({**after, **new}, self.world)

    async def _keep(self, plain: Plain) -> Saved:
        checked = self._checked(plain)
        title = str(checked.get("title", ""))
        return await asyncio.to_thread(
            self.store.create, self.desk.world.world_id, title, checked, author=self.who.id
        )

    def _checked(self, plain: Plain) -> Plain:
        return self.desk.parse(plain, self.desk.world).to_dict()

    def _ready(self, name: str) -> Plain:
        ready = self.ready
        if name not in ready:
            raise UnknownIdError("ready scenario", name[:80], ready)
        return ready[name].plain

    async def _answer(self, saved: Saved, text: str = "") -> Answer:
        """Tell the page what stands now; it is saved even where it cannot be computed."""
        told = self.told(saved)
        try:
            return Answer(told, await self.picture(saved), text)
        except KnockOnError as error:
            return Answer(told, None, f"{text} {error}".strip())


def _beyond(some: Iterable[Plain], others: Iterable[Plain]) -> list[Plain]:
    """Return those of some that are there more often than among the others."""
    left, new = list(others), []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            new.append(one)
    return new

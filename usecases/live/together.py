"""Presence at a scenario: which users, in which view, and whether a facilitator leads them.

Each web process holds it in memory and shares it with the others as notes in the database. Nothing
of it is in the scenario's log, and it is deleted within a minute after a user has left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from layouts.feed.payloads.stream import Here, LeadEvent, PeopleEvent, PersonHere
from layouts.feed.payloads.stream import LogLine as LogPayload
from models.revisions import ShownLine
from models.wording import _
from usecases.live.names import Names
from usecases.live.watcher import Watcher
from usecases.ports import LiveNotes, Note, Plain
from usecases.threads import writing

#: another process, or a page that polls, counts as gone after this time without a sign of it
GONE_S = 30.0
#: how often a process renews its note of who is here
SAY_AGAIN_S = 10.0
#: a note is written no more often than this
SAY_S = 0.2
#: how many users are named; the others are only counted
MOST_NAMED = 60
#: above this number at one scenario, presence is broadcast at most once in this many seconds
FEW, TELL_S = 30, 2.0
#: how often a large scene is searched for users who have left
LOOK_S = 1.0
#: how many people a process remembers of one scenario
MOST_PEOPLE = 5_000
NAME_LENGTH = 40
#: maximum zoom sent to followers with restricted clearance
ROUGH_ZOOM = 11.0
Key = tuple[str, str, str]


@dataclass(slots=True)
class Person:
    """One page that is open at a scenario."""

    id: str
    name: str
    role: str
    who: str
    view: str = "map"
    guest: int = 0
    streaming: bool = False
    seen_at: float = 0.0

    @property
    def plain(self) -> PersonHere:
        """Return what other users see: nothing that would let them impersonate this one."""
        name = self.name or f"Guest {self.guest}"
        return {"id": self.id, "name": name, "role": self.role, "view": self.view}


class Scene:
    """Presence at one scenario, in this and other web processes, and who leads."""

    def __init__(
        self, scenario_id: str, process: str, names: Names, wake: Callable[[], None]
    ) -> None:
        self.id, self._process, self._names, self._wake = scenario_id, process, names, wake
        self._people: dict[str, Person] = {}
        self._others: dict[str, tuple[float, list[PersonHere]]] = {}
        self.lead: LeadEvent | None = None
        self._lead_at = 0.0
        #: key → mark of the notes of other processes that were read
        self.known: dict[Key, str] = {}
        self._said: Plain = {}
        self._said_at: float = 0.0
        self._led: list[LeadEvent] = []
        #: presence as it was last broadcast, and whether it has changed since
        self._told: list[PersonHere] = []
        self._news, self._told_at, self._looked_at = False, 0.0, 0.0
        self._packed: dict[str, dict[str, bytes]] = {}

    # --- who is here

    @property
    def anybody(self) -> bool:
        """Whether a page of this process is open at it."""
        now = time.monotonic()
        return any(
            viewer.streaming or now - viewer.seen_at < GONE_S for viewer in self._people.values()
        )

    def met(
        self, watcher: Watcher, page: str, name: str | None, view: str, *, streaming: bool
    ) -> str:
        """Note that a page is here, or which view it shows; return its user's name.

        A page's id that belongs to another user is refused: nothing is noted. Without ``name`` the
        existing one is kept.

        Parameters
        ----------
        watcher
            The user as the live view knows them.
        page
            Name of the page.
        name
            As shown to others.
        view
            Which view the page shows.
        streaming
            Whether the page has a stream.
        """
        person = self._people.get(page)
        if person is not None and person.who != watcher.who.id:
            return ""
        if person is None:
            if len(self._people) >= MOST_PEOPLE:
                return ""
            person = Person(page, "", watcher.who.role, watcher.who.id, guest=self._free_number())
            self._people[page] = person
        before = (person.plain, person.streaming)
        # a signed-in user keeps that name: no other user can take it as a pseudonym
        self._names.meet(watcher.who)
        person.name = _line(watcher.who.name or (person.name if name is None else name))
        person.view, person.role, person.seen_at = view, watcher.who.role, time.monotonic()
        person.streaming = person.streaming or streaming
        if before != (person.plain, person.streaming):
            self.tell()
        return str(person.plain["name"])

    def left(self, page: str) -> None:
        """Note that a page's stream has ended; it may reconnect, so it is kept for a while."""
        if person := self._people.get(page):
            person.streaming, person.seen_at = False, time.monotonic() - GONE_S + 3.0

    def name_of(self, page: str) -> str:
        """Return the name of a page's user; empty if the page is unknown."""
        person = next((viewer for viewer in self.here() if viewer["id"] == page), None)
        return str(person["name"]) if person else ""

    def here(self) -> list[PersonHere]:
        """Return all who are at the scenario, facilitators first."""
        now = time.monotonic()
        mine = [
            viewer.plain
            for viewer in self._people.values()
            if viewer.streaming or now - viewer.seen_at < GONE_S
        ]
        theirs = [
            person for at, people in self._others.values() if now - at < GONE_S for person in people
        ]
        by_page = {person["id"]: person for person in [*theirs, *mine]}
        return sorted(
            by_page.values(), key=lambda person: (person["role"] != "facilitator", person["name"])
        )

    def named(self, lines: Sequence[ShownLine]) -> list[LogPayload]:
        """Return the payload of log lines, each with the name of its author."""
        return [
            {
                "rev": line.revision,
                "kind": line.kind,
                "at": line.made_at,
                "text": line.what,
                "page": self._names.maker(self.id, line.revision),
                "name": self._author(line),
            }
            for line in lines
        ]

    def _author(self, line: ShownLine) -> str:
        page = self._names.maker(self.id, line.revision)
        # several pages of one user may have several names: then none is used
        names = {viewer.name for viewer in self._people.values() if viewer.who == line.author}
        by = names.pop() if len(names) == 1 else ""
        return self.name_of(page) or self._names.name_of(line.author) or by or _("A user")

    def _free_number(self) -> int:
        taken = {viewer.guest for viewer in self._people.values()}
        names = {person["name"] for _, people in self._others.values() for person in people}
        numbers = range(1, 2 * MOST_PEOPLE)
        return next(n for n in numbers if n not in taken and f"Guest {n}" not in names)

    def tell(self) -> None:
        """Broadcast who is here; in a large scene at most once per ``TELL_S``."""
        now = time.monotonic()
        if len(self._people) > FEW and now - self._told_at < TELL_S:
            self._news = True
            return
        self._news, self._told_at = False, now
        self._told = self.here()
        self._changed()

    # --- who leads

    def leads(
        self, watcher: Watcher, page: str, state: Plain | None, to: str | None = None
    ) -> None:
        """Note the state that a facilitator leads to; None if they stop leading here.

        ``to`` is the scenario that they move on to: followers open it, too.

        Parameters
        ----------
        watcher
            The user as the live view knows them.
        page
            Name of the page.
        state
            Clock, view, selection and map position; None to stop.
        to
            Scenario that followers go to; None to stay.
        """
        if state is None:
            if self.lead is None or self.lead["page"] != page:
                return
            event: LeadEvent = {"on": False, "page": page, "name": self.name_of(page), "to": to}
        else:
            self.met(watcher, page, None, str(state["view"]), streaming=False)
            begun = {"on": True, "page": page, "name": self.name_of(page)}
            event = cast("LeadEvent", begun | state)
        self._led_by(event)
        self._led.append(event)

    def _led_by(self, event: LeadEvent) -> None:
        self.lead, self._lead_at = event, time.monotonic()
        self._changed()

    # --- to pages

    def packed_for(self, sight: str, watcher: Watcher) -> Mapping[str, bytes]:
        """Return the events about who is here and who leads, for viewers who see the same."""
        if sight not in self._packed:
            self._packed[sight] = {
                kind: b"event: %s\ndata: %s\n\n" % (kind.encode(), _json(value))
                for kind, value in self.plain_for(watcher).items()
                if value is not None
            }
        return self._packed[sight]

    def plain_for(self, watcher: Watcher) -> Here:
        """Return who is here and who leads, as this user may know it."""
        people: PeopleEvent = {"people": self._told[:MOST_NAMED], "count": len(self._told)}
        return {"people": people, "lead": self._lead_for(watcher)}

    def _lead_for(self, watcher: Watcher) -> LeadEvent | None:
        """Return the leader's state, redacted: hidden selections and exact places are dropped."""
        lead = self.lead
        if not lead or not lead["on"] or watcher.is_whole:
            return lead
        selection = [asset_id for asset_id in lead["selection"] if watcher.sees(asset_id)]
        hides = len(selection) < len(lead["selection"])
        place = lead.get("at")
        at = _roughly(*place) if place and not hides else None
        return {**lead, "selection": selection, "at": at}

    def _changed(self) -> None:
        self._packed = {}
        self._wake()

    # --- to and from other processes

    def hear(self, notes: Sequence[Note]) -> None:
        """Read the notes of other processes, and forget those that they withdrew."""
        there = {note.key: note.mark for note in notes}
        for note in notes:
            if note.body is None or self.known.get(note.key) == note.mark:
                continue
            if note.kind == "here" and note.source != self._process:
                self._others[note.source] = (time.monotonic(), note.body.get("people", []))
            elif note.kind == "lead" and note.body.get("from") != self._process:
                self._led_by(note.body["lead"])
        self.known = there
        gone = [name for name in self._others if (self.id, "here", name) not in there]
        if gone or len(self._people) <= FEW or time.monotonic() - self._looked_at > LOOK_S:
            self._looked_at = time.monotonic()
            self._forget(gone)

    def _forget(self, sources: Sequence[str]) -> None:
        now = time.monotonic()
        for name in sources:
            del self._others[name]
        self._people = {
            page: viewer
            for page, viewer in self._people.items()
            if viewer.streaming or now - viewer.seen_at < GONE_S
        }
        if self.lead and self.lead["on"] and now - self._lead_at > GONE_S:
            self._led_by({**self.lead, "on": False})
        if self._news or self.here() != self._told:
            self.tell()

    async def say(self, notes: LiveNotes) -> None:
        """Write a note of who is here, if that has changed or the last one expires soon."""
        now = time.monotonic()
        mine = {"people": [viewer.plain for viewer in self._people.values()][:MOST_NAMED]}
        if now - self._said_at > SAY_AGAIN_S or (
            mine != self._said and now - self._said_at > SAY_S
        ):
            self._said, self._said_at = mine, now
            await writing(notes.put, self.id, "here", self._process, mine)
        await self.say_lead(notes)

    async def say_lead(self, notes: LiveNotes) -> None:
        """Write a note of the leader's state; only the newest counts."""
        if not self._led:
            return
        event = self._led[-1]
        self._led.clear()
        body = {"from": self._process, "lead": event}
        await writing(notes.put, self.id, "lead", "lead", body)


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:NAME_LENGTH]).strip()


def _roughly(lon: float, lat: float, zoom: float) -> list[float]:
    """Return a map position, rounded so that it identifies no single asset."""
    return [round(lon, 1), round(lat, 1), min(zoom, ROUGH_ZOOM)]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

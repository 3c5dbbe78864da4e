"""Who is at a scenario, in which view, and whether somebody leads the others through it.

Held in memory by each web process, and left as notes in the database for the others. Nothing of it
is in the scenario's log, and a minute after somebody has gone nothing is left of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from layouts.feed.payloads.stream import Here, LeadEvent, PeopleEvent, PersonHere
from layouts.feed.payloads.stream import LogLine as LogPayload
from models.revisions import LogLine, done
from models.wording import _
from usecases.live.names import Names
from usecases.live.watcher import Watcher
from usecases.ports import LiveNotes, Note, Plain
from usecases.threads import writing

#: another process, or a page that polls, is gone when nothing was heard of it for so long
GONE_S = 30.0
#: so often a process says again who is here
SAY_AGAIN_S = 10.0
#: a note is written no more often than this
SAY_S = 0.2
#: how many are named; of the others only the number is told
MOST_NAMED = 60
#: above so many at one scenario, who is here is told once in so many seconds
FEW, TELL_S = 30, 2.0
#: and so often it is looked whether somebody has gone
LOOK_S = 1.0
#: how many people a process remembers of one scenario
MOST_PEOPLE = 5_000
NAME_LENGTH = 40
#: how near whoever may not see everything is led
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
        """Return what others are told; nothing by which they could be taken for."""
        name = self.name or f"Guest {self.guest}"
        return {"id": self.id, "name": name, "role": self.role, "view": self.view}


class Scene:
    """Who is at one scenario, here and at other web processes, and who leads."""

    def __init__(
        self, scenario_id: str, process: str, names: Names, wake: Callable[[], None]
    ) -> None:
        self.id, self._process, self._names, self._wake = scenario_id, process, names, wake
        self._people: dict[str, Person] = {}
        self._others: dict[str, tuple[float, list[PersonHere]]] = {}
        self.lead: LeadEvent | None = None
        self._lead_at = 0.0
        #: notes of others that were heard, by what they are about
        self.known: dict[Key, str] = {}
        self._said: Plain = {}
        self._said_at: float = 0.0
        self._led: list[LeadEvent] = []
        #: who is here as pages were told, and whether that is no longer so
        self._told: list[PersonHere] = []
        self._news, self._told_at, self._looked_at = False, 0.0, 0.0
        self._packed: dict[str, dict[str, bytes]] = {}

    # --- who is here

    @property
    def anybody(self) -> bool:
        """Say whether a page of this process is at it."""
        now = time.monotonic()
        return any(one.streaming or now - one.seen_at < GONE_S for one in self._people.values())

    def met(
        self, watcher: Watcher, page: str, name: str | None, view: str, *, streaming: bool
    ) -> str:
        """Note that a page is here, or what it looks at now; returns the name it goes by.

        A page's id of somebody else is not taken over: then nothing is noted. No ``name`` leaves
        the one that is known.
        """
        one = self._people.get(page)
        if one is not None and one.who != watcher.who.id:
            return ""
        if one is None:
            if len(self._people) >= MOST_PEOPLE:
                return ""
            one = Person(page, "", watcher.who.role, watcher.who.id, guest=self._free_number())
            self._people[page] = one
        before = (one.plain, one.streaming)
        # somebody who signed in goes by that name: nobody can take it for a pseudonym
        self._names.meet(watcher.who)
        one.name = _line(watcher.who.name or (one.name if name is None else name))
        one.view, one.role, one.seen_at = view, watcher.who.role, time.monotonic()
        one.streaming = one.streaming or streaming
        if before != (one.plain, one.streaming):
            self.tell()
        return str(one.plain["name"])

    def left(self, page: str) -> None:
        """Note that a page's stream has ended; it may come back at once, so it is kept a while."""
        if one := self._people.get(page):
            one.streaming, one.seen_at = False, time.monotonic() - GONE_S + 3.0

    def name_of(self, page: str) -> str:
        """Return what somebody goes by; empty where they are not known."""
        found = next((one for one in self.here() if one["id"] == page), None)
        return str(found["name"]) if found else ""

    def here(self) -> list[PersonHere]:
        """Return all who are at the scenario, those who lead first."""
        now = time.monotonic()
        mine = [
            one.plain
            for one in self._people.values()
            if one.streaming or now - one.seen_at < GONE_S
        ]
        theirs = [
            one for at, people in self._others.values() if now - at < GONE_S for one in people
        ]
        known = {one["id"]: one for one in [*theirs, *mine]}
        return sorted(known.values(), key=lambda one: (one["role"] != "facilitator", one["name"]))

    def named(self, lines: Sequence[LogLine]) -> list[LogPayload]:
        """Return lines of the log as pages are told them, with the name of who made them."""
        return [
            {
                "rev": line.revision,
                "kind": line.kind,
                "at": line.made_at,
                "text": line.reason or done(line.kind),
                "page": self._names.maker(self.id, line.revision),
                "name": self._author(line),
            }
            for line in lines
        ]

    def _author(self, line: LogLine) -> str:
        page = self._names.maker(self.id, line.revision)
        # several pages of one person may go by several names: then nobody is named
        known = {one.name for one in self._people.values() if one.who == line.author}
        by = known.pop() if len(known) == 1 else ""
        return self.name_of(page) or self._names.name_of(line.author) or by or _("A user")

    def _free_number(self) -> int:
        taken = {one.guest for one in self._people.values()}
        names = {one["name"] for _, people in self._others.values() for one in people}
        numbers = range(1, 2 * MOST_PEOPLE)
        return next(n for n in numbers if n not in taken and f"Guest {n}" not in names)

    def tell(self) -> None:
        """Tell all who is here; where many come and go, no more often than once in a while."""
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
        """Note where somebody leads the others to; None: they do so no more, not here.

        ``to`` is the scenario that they went on to: whoever follows goes along.
        """
        if state is None:
            if self.lead is None or self.lead["page"] != page:
                return
            told: LeadEvent = {"on": False, "page": page, "name": self.name_of(page), "to": to}
        else:
            self.met(watcher, page, None, str(state["view"]), streaming=False)
            begun = {"on": True, "page": page, "name": self.name_of(page)}
            told = cast("LeadEvent", begun | state)
        self._led_by(told)
        self._led.append(told)

    def _led_by(self, told: LeadEvent) -> None:
        self.lead, self._lead_at = told, time.monotonic()
        self._changed()

    # --- to pages

    def packed_for(self, sight: str, watcher: Watcher) -> Mapping[str, bytes]:
        """Return the events that say who is here and who leads, for those who see the same."""
        if sight not in self._packed:
            self._packed[sight] = {
                kind: b"event: %s\ndata: %s\n\n" % (kind.encode(), _json(value))
                for kind, value in self.plain_for(watcher).items()
                if value is not None
            }
        return self._packed[sight]

    def plain_for(self, watcher: Watcher) -> Here:
        """Return who is here and who leads, as somebody may know it."""
        people: PeopleEvent = {"people": self._told[:MOST_NAMED], "count": len(self._told)}
        return {"people": people, "lead": self._lead_for(watcher)}

    def _lead_for(self, watcher: Watcher) -> LeadEvent | None:
        """Return where somebody leads, without what this person may not see: places as well."""
        lead = self.lead
        if not lead or not lead["on"] or watcher.is_whole:
            return lead
        selection = [one for one in lead["selection"] if watcher.sees(one)]
        hides = len(selection) < len(lead["selection"])
        place = lead.get("at")
        at = _roughly(*place) if place and not hides else None
        return {**lead, "selection": selection, "at": at}

    def _changed(self) -> None:
        self._packed = {}
        self._wake()

    # --- to and from other processes

    def hear(self, notes: Sequence[Note]) -> None:
        """Take in what other processes have left, and forget what they took back."""
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
            page: one
            for page, one in self._people.items()
            if one.streaming or now - one.seen_at < GONE_S
        }
        if self.lead and self.lead["on"] and now - self._lead_at > GONE_S:
            self._led_by({**self.lead, "on": False})
        if self._news or self.here() != self._told:
            self.tell()

    async def say(self, notes: LiveNotes) -> None:
        """Leave for the others who is here, if that is news or they might think us gone."""
        now = time.monotonic()
        mine = {"people": [one.plain for one in self._people.values()][:MOST_NAMED]}
        if now - self._said_at > SAY_AGAIN_S or (
            mine != self._said and now - self._said_at > SAY_S
        ):
            self._said, self._said_at = mine, now
            await writing(notes.put, self.id, "here", self._process, mine)
        await self.say_lead(notes)

    async def say_lead(self, notes: LiveNotes) -> None:
        """Leave for the others where somebody leads; only the newest counts."""
        if not self._led:
            return
        told = self._led[-1]
        self._led.clear()
        body = {"from": self._process, "lead": told}
        await writing(notes.put, self.id, "lead", "lead", body)


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:NAME_LENGTH]).strip()


def _roughly(lon: float, lat: float, zoom: float) -> list[float]:
    """Return a place of the map so that nothing small can be meant by it."""
    return [round(lon, 1), round(lat, 1), min(zoom, ROUGH_ZOOM)]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

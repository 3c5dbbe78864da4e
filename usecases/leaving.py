"""Export of files: a validated order in, one file out; made in a worker, few at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from layouts.panels.options import named
from layouts.paper.outgoing import KINDS, made_words
from models.access import LABELS, Tlp
from models.errors import BadInputError
from models.rights.need_to_know import labels_in_use
from models.units import to_ms
from models.wording import _, n_, number
from usecases import asking, reading
from usecases.comparing import MOST
from usecases.desk import Desk
from usecases.ports import Shown
from usecases.seat import Seat, take_seat
from usecases.threads import writing

#: Most pending orders of one user, and of all; further ones are refused for the moment.
AT_ONCE, AT_ONCE_OF_ALL = 4, 40


@dataclass(frozen=True, slots=True)
class Made:
    """One file, ready to be sent."""

    body: bytes
    media_type: str
    name: str


#: Writes a line of the audit log: user, act, session, detail.
Note = Callable[[str, str, str | None, str], None]


class Leaving:
    """Makes files about the shown scenario; ``note`` writes the audit log."""

    def __init__(self, desk: Desk, note: Note | None = None) -> None:
        self._desk, self._note = desk, note
        self._under_way = 0
        self._of = Counter[str]()

    async def make(
        self, shown: Shown, at_ms: int, kind: str, label: str, warn: Mapping[str, Any]
    ) -> Made:
        """Return one kind of file about the shown scenario, at an hour.

        Parameters
        ----------
        shown
            Scenario and revision that the page shows; None before the first change.
        at_ms
            The hour in question, in milliseconds after the start.
        kind
            Which kind of file.
        label
            TLP label that the file carries.
        warn
            Fields of a warning, as sent.

        Raises
        ------
        KnockOnError
            If the scenario is unavailable, the hour is beyond it, or too many orders are pending.
        """
        seat = take_seat(self._desk)
        if self._of[seat.who.id] >= AT_ONCE or self._under_way >= AT_ONCE_OF_ALL:
            text = n_(
                "{n} briefing is being made. Try again in a moment.",
                "{n} briefings are being made. Try again in a moment.",
                AT_ONCE,
            )
            raise BadInputError([text.format(n=number(AT_ONCE))])
        self._count(seat.who.id, 1)
        try:
            saved = await reading.shown(seat, shown)
            if at_ms > to_ms(float(saved.plain.get("horizon_h", 168.0))):
                raise BadInputError([_("That hour is beyond the scenario's horizon.")])
            label = at_least(label, labels_in_use(self._desk.world))
            now = datetime.now(UTC).replace(microsecond=0)
            request = {
                "kind": kind,
                "at_ms": at_ms,
                "label": label,
                "made": made_words(now),
                "others": await self._others(seat, shown, saved.plain)
                if kind in ("pdf", "html")
                else [],
                "warn": {**warn, "sent": now.isoformat()},
            }
            body = await asking.file(seat, saved, request)
        finally:
            self._count(seat.who.id, -1)
        made = Made(body, KINDS[kind].media_type, _name(saved.plain, at_ms, KINDS[kind].ending))
        if self._note is not None:
            # logged before it is sent, so that no file leaves without a line in the audit log
            noted = (seat.who.id, "took a file", seat.who.session, f"{made.name} {label}".strip())
            await writing(self._note, *noted)
        return made

    def _count(self, person: str, by: int) -> None:
        self._under_way += by
        self._of[person] += by
        if not self._of[person]:
            del self._of[person]

    async def _others(
        self, seat: Seat, shown: Shown, plain: Mapping[str, Any]
    ) -> list[tuple[str, Any]]:
        """Return all options of the shown scenario, itself first; none if it has no others."""
        if shown is None:
            return []
        family = await reading.family(seat, shown[0])
        names = dict(named(reading.option_names(seat, family)))
        rest = [
            (names[relative.id], relative.plain) for relative in family if relative.id != shown[0]
        ]
        if not rest:
            return []
        this = _("{option} (this one)").format(option=names.get(shown[0], _("This")))
        return [(this, plain), *rest][:MOST]


def at_least(label: str, used: Sequence[Tlp]) -> str:
    """Return the more restrictive of a label and the world's most restrictive one.

    A briefing covers the whole world, so it can be no more open than any part of it.
    """
    if not used:
        return label
    closest = used[-1]
    chosen = label.removeprefix("TLP:")
    is_close = chosen in LABELS and LABELS.index(chosen) >= LABELS.index(closest)
    return label if is_close else f"TLP:{closest}"


def _name(plain: Mapping[str, Any], at_ms: int, ending: str) -> str:
    """Return a file name with characters that every system accepts."""
    title = str(plain.get("title") or "knock-on")
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:48] or "knock-on"
    return f"{slug}-{at_ms // 60_000}min-{ending}"

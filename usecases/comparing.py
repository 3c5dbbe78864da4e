"""Compare view: the futures to choose from, and two or more of them side by side."""

from __future__ import annotations

from collections.abc import Sequence

from layouts.feed.payloads.comparison import Choice, Choices, Comparison
from layouts.panels.options import named
from models.errors import BadInputError
from models.scenario import HELP
from models.wording import _
from usecases import asking, reading
from usecases.desk import Desk
from usecases.known import require_nothing_ahead
from usecases.ports import Plain, Shown, Unsaved
from usecases.seat import Seat, take_seat

#: Most columns of a comparison, so that it stays readable.
MOST = 6


class Comparing:
    """The requests of the Compare view to one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def choices(self, shown: Shown) -> Choices:
        """Return the futures to compare the shown revision with, by key."""
        offered = await self._choices(take_seat(self._desk), shown)
        choices: list[Choice] = [
            {"key": key, "name": name, "group": group} for key, name, group, *_rest in offered
        ]
        return {
            "choices": choices,
            "shown": offered[0][0] if shown is None else f"option:{shown[0]}",
        }

    async def compare(self, shown: Shown, keys: Sequence[str]) -> Comparison:
        """Return the table over all keys, and what the second changes against the first.

        Raises
        ------
        BadInputError
            If a key names no future that can be chosen here.
        """
        seat = take_seat(self._desk)
        await require_nothing_ahead(seat, shown[0] if shown else None)
        offered = await self._choices(seat, shown)
        options_by_key = {key: (name, plain, how) for key, name, _group, plain, how in offered}
        chosen = list(dict.fromkeys(keys))[:MOST]
        if any(key not in options_by_key for key in chosen) or len(chosen) < 2:
            raise BadInputError([_("Choose two different futures that still exist.")])
        for kind, _colon, name in (key.partition(":") for key in chosen):
            await require_nothing_ahead(seat, name if kind == "option" else None)
        options = [options_by_key[key] for key in chosen]
        horizon = max(float(plain.get("horizon_h", 168.0)) for _name, plain, _how in options)
        table = await asking.compared(seat, options)
        pictures = [
            await asking.picture(seat, Unsaved(_as_run(plain, how, horizon)))
            for _name, plain, how in options[:2]
        ]
        return {**table, "keys": chosen, "pictures": pictures}

    async def _choices(self, seat: Seat, request: Shown) -> list[tuple[str, str, str, Plain, str]]:
        """Return key, name, group, plain scenario and run options; the shown one comes first."""
        shown = await reading.shown(seat, request)
        choices = []
        if request is None:
            choices.append(("now", _("As shown"), _("Options"), dict(shown.plain), ""))
        else:
            family = await reading.family(seat, request[0])
            names = dict(named(reading.option_names(seat, family)))
            for option in family:
                # of the shown scenario, the page's revision: others may have changed it meanwhile
                plain = shown.plain if option.id == request[0] else option.plain
                choices.append(
                    (f"option:{option.id}", names[option.id], _("Options"), dict(plain), "")
                )
        if _has_help(shown.plain):
            words = _("Without measures and repairs")
            choices.append(("bare", words, _("Options"), dict(shown.plain), "bare"))
        choices.append(("nothing", _("Nothing happens"), _("Options"), _nothing(shown.plain), ""))
        for name, ready in seat.ready.items():
            choices.append(
                (f"ready:{name}", ready.title, _("Ready scenarios"), dict(ready.plain), "")
            )
        return choices


def _has_help(plain: Plain) -> bool:
    events = plain.get("events", [])
    return bool(plain.get("measures")) or any(e["do"] in HELP for e in events)


def _nothing(plain: Plain) -> Plain:
    return {**plain, "events": [], "measures": [], "title": "", "note": ""}


def _as_run(plain: Plain, how: str, horizon_h: float) -> Plain:
    """Return the scenario as compared: up to the common hour, without help if so chosen."""
    changed = {**plain, "horizon_h": horizon_h}
    if how == "bare":
        kept = [e for e in plain.get("events", []) if e["do"] not in HELP]
        changed |= {"events": kept, "measures": []}
    return changed

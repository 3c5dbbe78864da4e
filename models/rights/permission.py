"""Who may change what of a scenario: judged by the difference that a change makes.

Whatever action led to it, what counts is what is in the scenario after and was not before, or the
other way round. So no new kind of action can be forgotten here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from models.access import NotAllowedError, Who
from models.wording import N_, _
from models.world import World

#: the lists whose entries each belong to the sectors of what they name
ENTRIES = ("events", "measures")
LOOKS_ON = N_("You are an observer and cannot change anything. Ask the facilitator for permission.")
LEADS_ONLY = N_("Only the facilitator can change this.")


def require_may_change(
    who: Who, world: World, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Refuse a change that is not theirs to make; the text names nothing of the scenario.

    Raises
    ------
    NotAllowedError
        If ``who`` looks on only, or it touches another sector, or what belongs to all.
    """
    if who.leads:
        return
    require_may_edit(who)
    if any(before.get(key) != after.get(key) for key in _fields(before) | _fields(after)):
        raise NotAllowedError(_(LEADS_ONLY))
    if not all(may_touch(who, world, entry) for entry in _changed(before, after)):
        raise NotAllowedError(_other_sector(who))


def may_touch(who: Who, world: World, entry: Mapping[str, Any]) -> bool:
    """Say whether an event or a measure is theirs to make, change or drop."""
    return who.leads or all(who.may_edit(sector) for sector in _sectors(world, entry))


def require_may_edit(who: Who) -> None:
    """Refuse those who change nothing at all."""
    if not who.may_change:
        raise NotAllowedError(_(LOOKS_ON))


def require_leads(who: Who) -> None:
    """Refuse those who do not lead: settings, options, deletion, the session."""
    require_may_edit(who)
    if not who.leads:
        raise NotAllowedError(_(LEADS_ONLY))


def link_sectors(world: World, link_id: str) -> frozenset[str]:
    """Return whose a link is: the sectors of both its ends."""
    link = world.links[link_id]
    return frozenset(world.assets[end].sector for end in (link.from_id, link.to_id))


def _fields(plain: Mapping[str, Any]) -> set[str]:
    return plain.keys() - set(ENTRIES)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every entry that came or went; one that changed did both."""
    for name in ENTRIES:
        counts = [
            Counter(json.dumps(entry, sort_keys=True) for entry in plain.get(name, ()))
            for plain in (before, after)
        ]
        for text in (counts[0] - counts[1]) + (counts[1] - counts[0]):
            yield json.loads(text)


def _sectors(world: World, entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sectors of all that an entry names; what is not there belongs to nobody."""
    for key in ("asset", "supplier"):
        if entry.get(key) is not None:
            asset = world.assets.get(entry[key])
            yield asset.sector if asset else ""
    if entry.get("link") is not None:
        yield from link_sectors(world, entry["link"]) if entry["link"] in world.links else ("",)


def _other_sector(who: Who) -> str:
    yours = ", ".join(sorted(who.sectors or ())) or _("none")
    text = _("You can change only your own sectors ({sectors}). This belongs to another sector.")
    return text.format(sectors=yours)

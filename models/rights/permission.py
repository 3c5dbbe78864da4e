"""Permission to change a scenario: judged by the difference that a change makes.

Only the difference between the scenario before and after counts, not the kind of action. So no new
kind of action can be forgotten here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.access import NotAllowedError, Who
from models.change import Change, Touch, touched_by
from models.wording import N_, _
from models.world import World

LOOKS_ON = N_("You are an observer and cannot change anything. Ask the facilitator for permission.")
LEADS_ONLY = N_("Only the facilitator can change this.")


def require_may_change(who: Who, world: World, change: Change) -> None:
    """Refuse a change without permission; the text names nothing of the scenario.

    Parameters
    ----------
    who
        The user who makes the change.
    world
        The whole world: it knows the sector of an asset.
    change
        The difference between the scenario before and after.

    Raises
    ------
    NotAllowedError
        If the user may only look, or the change touches another sector or what belongs to all.
    """
    if who.leads:
        return
    require_may_edit(who)
    touches = change.touches
    if any(touch.kind == "field" for touch in touches):
        raise NotAllowedError(_(LEADS_ONLY))
    if not all(_is_theirs(who, world, touch) for touch in touches):
        raise NotAllowedError(_other_sector(who))


def may_touch(who: Who, world: World, entry: Mapping[str, Any]) -> bool:
    """Return whether a user may make, change or drop an event or a measure.

    Parameters
    ----------
    who
        The user.
    world
        The world as they see it.
    entry
        The event or measure in its plain form.
    """
    return who.leads or all(_is_theirs(who, world, touch) for touch in touched_by(entry))


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


def _is_theirs(who: Who, world: World, touch: Touch) -> bool:
    """Return whether a thing belongs to their sectors; False for what is not in the world."""
    if touch.kind == "asset" and touch.name in world.assets:
        return who.may_edit(world.assets[touch.name].sector)
    if touch.kind == "link" and touch.name in world.links:
        return all(map(who.may_edit, link_sectors(world, touch.name)))
    return False


def _other_sector(who: Who) -> str:
    yours = ", ".join(sorted(who.sectors or ())) or _("none")
    text = _("You can change only your own sectors ({sectors}). This belongs to another sector.")
    return text.format(sectors=yours)

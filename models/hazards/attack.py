"""Attacks: whom a selector names, how likely it is reached, what becomes of it. No exploits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.errors import BadInputError, did_you_mean
from models.hazards.kinds import ATTACK_EFFECTS
from models.scenario import Details, Event, Hit
from models.wording import _
from models.world import Asset, World

#: What a selector may name; an asset must meet all of it.
CRITERIA = ("product", "version_below", "operator", "corridor", "assets")
_VERSION = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Impact:
    """What an effect leaves of an asset, and whether only a repair ends it; rows of a table."""

    level: float
    lasts: bool


def attack_hits(world: World, event: Event, impacts: Mapping[str, Impact]) -> tuple[Hit, ...]:
    """Return what an attack does to the assets and links that its selector names.

    All that it selects share one draw: a way in that works for one works for all. It succeeds
    with probability access x exploit, independent of each other; over a range of each that is the
    product of their triangular means. In a single run it happens, for its most likely hours.

    Parameters
    ----------
    world
        The whole world.
    event
        The attack.
    impacts
        What each effect does, by id.

    Raises
    ------
    BadInputError
        One line per thing that is wrong with the selector or the effect.
    """
    impact = impacts.get(event.effect or "")
    if impact is None:
        known = _("It is one of {names}.").format(names=", ".join(impacts))
        wrong, other = _("no such effect."), did_you_mean(event.effect or "", impacts, known)
        raise BadInputError([f"effect: {wrong} {other}"])
    selector = _selector(event.select, world)
    p = _mean(event.access) * _mean(event.exploit)
    hours = None if impact.lasts else _mode(event.duration_h)
    span = None if impact.lasts else _range(event.duration_h)
    words = _("attacked ({effect})").format(effect=_(ATTACK_EFFECTS[event.effect or ""]).lower())
    links = _links(world, selector) if impact.level <= 0 else ()
    assets = [a for a in world.assets.values() if not a.is_junction and _meets(world, a, selector)]
    hit = Hit(to=impact.level, lasts=impact.lasts, for_h=hours, p=p, for_range=span, words=words)
    return (
        *(replace(hit, asset=asset.asset_id) for asset in assets),
        *(Hit(link=link, p=p, words=words) for link in links),
    )


def selected_assets(event: Event) -> tuple[str, ...]:
    """Return the assets that an attack's selector names one by one."""
    plain = event.select.plain if event.select is not None else None
    named = plain.get("assets") if isinstance(plain, Mapping) else None
    return tuple(a for a in named if isinstance(a, str)) if isinstance(named, list) else ()


def _selector(select: Details | None, world: World) -> dict[str, Any]:
    plain = select.plain if select is not None else {}
    problems = list(_wrong(plain, world))
    if problems:
        raise BadInputError(problems)
    return {name: value for name, value in plain.items() if value not in (None, [], "")}


def _wrong(plain: Any, world: World) -> Iterator[str]:
    fields, no_text = _("It has {names}.").format(names=", ".join(CRITERIA)), _("not a text.")
    for name in sorted(plain.keys() - set(CRITERIA)):
        text = _("no such field. {hint}").format(hint=did_you_mean(name, CRITERIA, fields))
        yield f"select.{name}: {text}"
    named = [n for n in CRITERIA if plain.get(n) not in (None, [], "")]
    if not set(named) - {"version_below"}:
        text = _("it names nothing. Name a product, operator, corridor or assets.")
        yield f"select: {text}"
    for name in ("product", "version_below", "operator", "corridor"):
        if not isinstance(plain.get(name), str | None):
            yield f"select.{name}: {no_text}"
    version = plain.get("version_below")
    if isinstance(version, str) and version and not _VERSION.search(version):
        text = _("no number in it.")
        yield f"select.version_below: {text}"
    yield from _unknown_things(plain, world)


def _unknown_things(plain: Any, world: World) -> Iterator[str]:
    """Yield the common cause and the assets that the world does not have."""
    elsewhere = _("Is the scenario for another world?")
    corridor = plain.get("corridor")
    if isinstance(corridor, str) and corridor and corridor not in world.common_causes:
        other = did_you_mean(corridor, world.common_causes, elsewhere)
        text = _("no common cause '{id}' in this world.").format(id=corridor)
        yield f"select.corridor: {text} {other}"
    assets = plain.get("assets") or []
    if not isinstance(assets, list) or not all(isinstance(a, str) for a in assets):
        text = _("not a list of ids.")
        yield f"select.assets: {text}"
        return
    for asset in assets:
        if asset not in world.assets:
            text = _("no asset '{id}' in this world.").format(id=asset)
            yield f"select.assets: {text} {did_you_mean(asset, world.assets, elsewhere)}"


def _meets(world: World, asset: Asset, selector: Mapping[str, Any]) -> bool:
    """Whether an asset meets every criterion."""
    if "assets" in selector and asset.asset_id not in selector["assets"]:
        return False
    if "operator" in selector and _folded(asset.operator) != _folded(selector["operator"]):
        return False
    if "corridor" in selector:
        group = world.common_causes[selector["corridor"]]
        if asset.asset_id not in group.asset_ids:
            return False
    return "product" not in selector or _runs(asset.product, selector)


def _runs(product: str, selector: Mapping[str, Any]) -> bool:
    """Whether one of an asset's products is the one, of a version below; one without counts."""
    wanted = _folded(selector["product"])
    for word in map(_folded, re.split(r"[;|]", product)):
        if word != wanted and not word.startswith(f"{wanted} "):
            continue
        version = _VERSION.search(word.removeprefix(wanted))
        limit = selector.get("version_below")
        if limit is None or version is None or _parts(version[0]) < _parts(limit):
            return True
    return False


def _parts(version: str) -> tuple[int, ...]:
    found = _VERSION.search(version)
    numbers = [int(part[:18]) for part in (found[0] if found else "0").split(".")]
    while numbers and numbers[-1] == 0:  # 2.0 is 2
        numbers.pop()
    return tuple(numbers)


def _links(world: World, selector: Mapping[str, Any]) -> Sequence[str]:
    """Return the links of a corridor, where nothing else narrows the choice."""
    if set(selector) != {"corridor"}:
        return ()
    return world.common_causes[selector["corridor"]].link_ids


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _range(held: Details | None) -> tuple[float, float, float]:
    plain = held.plain if held is not None else 0.0
    low, mode, high = plain if isinstance(plain, list) else (plain, plain, plain)
    return float(low), float(mode), float(high)


def _mean(held: Details | None) -> float:
    return sum(_range(held)) / 3.0


def _mode(held: Details | None) -> float:
    return _range(held)[1]

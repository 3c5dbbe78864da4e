"""Making a user's view of the world from the whole one (see ``need_to_know.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_type_hints

from models.access import LABELS, Tlp
from models.rights.need_to_know import WHOLE, Seen, closest, covered, labels_in_use, view_of
from models.rights.scrubbing import Scrubber
from models.world import FIELDS, Asset, Cell, CommonCause, Group, World

#: what a labelled field of assets is blanked to: what it is where nobody stated it
_BLANK: Mapping[str, Any] = {
    field_.name: field_.default for field_ in fields(Asset) if field_.name in FIELDS
}
#: Words that tables share and rules compare; every other text of a row is somebody's own.
_KINDS = frozenset({"asset_type", "sector", "service", "provides", "source_of", "origin", "basis"})
T = TypeVar("T", bound=Any)


@lru_cache(maxsize=64)
def texts_of(row_type: type) -> tuple[str, ...]:
    """Return the fields of a table's rows in whose text, or list of texts, a name may stand.

    They follow from the dataclass: all texts but ids and kinds. A new column is one of them.
    """
    hints = get_type_hints(row_type)
    return tuple(
        field_.name
        for field_ in fields(row_type)
        if str in (hints[field_.name], *get_args(hints[field_.name]))
        and not field_.name.endswith(("_id", "_ids"))
        and field_.name not in _KINDS
    )


def view(world: World, clearance: Tlp) -> Seen:
    """Return the world as a user with this clearance may see it.

    If nothing is hidden from them, it is the world itself, not a copy. Making a view reads every
    row once; callers cache it. There is at most one view more than labels in use.
    """
    stands_for = view_of(labels_in_use(world), clearance)
    if stands_for == WHOLE:
        return Seen(WHOLE, world, world, world)
    hidden = _Hidden(world, stands_for)
    seen = _Kept(world, hidden).world()
    return Seen(
        clearance=stands_for,
        whole=world,
        world=seen,
        veiled=_veiled(world, hidden, seen),
        hidden=hidden.assets,
        links=hidden.links,
        services=hidden.services,
        layers=hidden.layers,
        scrub=hidden.scrub,
    )


class _Hidden:
    """What is hidden, by id or name, each with its label."""

    def __init__(self, world: World, clearance: Tlp) -> None:
        self._above = LABELS[LABELS.index(clearance) + 1 :]
        named = {
            what: self._labelled((m.name, m.tlp) for m in world.markings if m.what == what)
            for what in ("asset", "link", "field", "layer", "service")
        }
        self.fields, self.layers = named["field"], named["layer"]
        self.services = named["service"]
        own = ((asset_id, asset.tlp) for asset_id, asset in world.assets.items())
        self.assets = self._labelled([*own, *named["asset"].items()])
        links = self._labelled(self._reasons(world, named["link"]))
        self.scrub = _scrubber(world, self.assets, links, self.services)
        # an id that names something hidden tells it
        closest_of_all = closest(*self.assets.values(), *links.values()) or WHOLE
        telling = (k for k in world.links if self.scrub.finds(k))
        self.links = {**dict.fromkeys(telling, closest_of_all), **links}

    def _labelled(self, labels: Iterable[tuple[str, str]]) -> dict[str, Tlp]:
        found: dict[str, Tlp] = {}
        known: Mapping[str, Tlp] = {label: label for label in self._above}
        for name, label in labels:
            if label in known:
                found[name] = closest(found.get(name), known[label]) or known[label]
        return found

    def _reasons(self, world: World, own: Mapping[str, Tlp]) -> Iterator[tuple[str, str]]:
        """Return all labels that a link has: its own, those of its ends, its service, its layer."""
        for link_id, link in world.links.items():
            yield link_id, link.tlp
            yield link_id, own.get(link_id, "")
            yield link_id, self.assets.get(link.from_id, "")
            yield link_id, self.assets.get(link.to_id, "")
            yield link_id, self.services.get(link.service, "")
            yield link_id, self.layers.get("links", "")


def _scrubber(
    world: World, assets: Mapping[str, Tlp], links: Mapping[str, Tlp], services: Mapping[str, Tlp]
) -> Scrubber:
    """Return what takes hidden names out of texts; names that something visible has too stay."""
    shown = {
        name for a, asset in world.assets.items() if a not in assets for name in (a, asset.name)
    }
    shown |= {name for k, link in world.links.items() if k not in links for name in (k, link.name)}
    secret = [name for a in assets for name in (a, world.assets[a].name)]
    secret += [name for k in links for name in (k, world.links[k].name)]
    secret += [name for s in services for name in (s, s.replace("_", " "))]
    return Scrubber(secret, shown)


class _Kept:
    """The tables of a world without what is hidden."""

    def __init__(self, world: World, hidden: _Hidden) -> None:
        self._whole, self._hidden, self._scrub = world, hidden, hidden.scrub
        self._left_out: dict[str, Tlp] = {}

    def world(self) -> World:
        whole, hidden = self._whole, self._hidden
        groups = {group.group_id: group for group in self._groups()}
        shows_people = "people" not in hidden.fields
        areas = whole.service_areas if shows_people else ()
        cells = {c for c in whole.cells if shows_people and not self._scrub.finds(c)}
        return replace(
            whole,
            title=self._scrub(whole.title),
            attribution=self._scrub(whole.attribution),
            sources=tuple(self._source(source) for source in whole.sources),
            assets={a: self._asset(x) for a, x in whole.assets.items() if self._shows(a)},
            links={k: self._told(x) for k, x in whole.links.items() if k not in hidden.links},
            groups=groups,
            flows=self._rows(whole.flows),
            common_causes={cause.group_id: cause for cause in self._causes()},
            service_areas=self._rows(areas),
            cells={c: self._cell(whole.cells[c]) for c in whole.cells if c in cells},
            servings=self._rows(s for s in whole.servings if s.cell_id in cells),
            unknown_needs=self._rows(whole.unknown_needs),
            # they are for ensembles, which are made with the whole world
            ranges=(),
            markings=(),
            unseen=self._left_out,
            # that of the whole world tells when something hidden changes, and what, by trying
            sha256="",
        )

    def _shows(self, asset_id: str, service: str = "") -> bool:
        return asset_id not in self._hidden.assets and service not in self._hidden.services

    def _rows(self, rows: Iterable[T]) -> tuple[T, ...]:
        return tuple(self._told(row) for row in rows if self._shows(row.asset_id, row.service))

    def _told(self, row: T) -> T:
        """Return a row with its texts scrubbed; the same row where there is nothing to scrub."""
        row_type: type = type(row)
        texts = {name: getattr(row, name) for name in texts_of(row_type)}
        cleaned = {
            name: clean
            for name, text in texts.items()
            if text and (clean := self._clean(text)) != text
        }
        found: T = replace(row, **cleaned) if cleaned else row
        return found

    def _clean(self, text: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return self._scrub(text) if isinstance(text, str) else tuple(map(self._scrub, text))

    def _asset(self, asset: Asset) -> Asset:
        blank = {name: _BLANK[name] for name in self._hidden.fields if name in _BLANK}
        if services := self._hidden.services:
            for name in ("provides", "source_of"):
                blank[name] = tuple(s for s in getattr(asset, name) if s not in services)
        return self._told(replace(asset, **blank) if blank else asset)

    def _cell(self, cell: Cell) -> Cell:
        groups = tuple(group for group in cell.groups if not self._scrub.finds(group[0]))
        return self._told(cell if groups == cell.groups else replace(cell, groups=groups))

    def _groups(self) -> Iterator[Group]:
        """Return the needs that may be seen; suppliers left out are noted, not counted."""
        layer = self._hidden.layers.get("dependencies")
        for group in self._whole.groups.values():
            if not self._shows(group.consumer_id, group.service):
                continue
            hidden = [self._hidden.assets.get(supplier.asset_id) for supplier in group.suppliers]
            label = closest(layer, *hidden)
            group_id = group.group_id
            if label is not None:
                if self._scrub.finds(group_id):
                    group_id = f"{group.consumer_id}:{group.service}:{len(self._left_out)}"
                self._left_out[group_id] = label
                kept = () if layer else tuple(
                    supplier for supplier in group.suppliers
                    if supplier.asset_id not in self._hidden.assets
                )  # fmt: skip
                group = replace(group, group_id=group_id, suppliers=kept)
            yield self._told(group)

    def _causes(self) -> Iterator[CommonCause]:
        """Return the common causes of what may be seen; of one member alone there is none."""
        if "common_cause" in self._hidden.layers:
            return
        for cause in self._whole.common_causes.values():
            assets = tuple(a for a in cause.asset_ids if a not in self._hidden.assets)
            links = tuple(k for k in cause.link_ids if k not in self._hidden.links)
            same = (assets, links) == (cause.asset_ids, cause.link_ids)
            if not self._scrub.finds(cause.group_id) and (same or len(assets) + len(links) > 1):
                yield self._told(replace(cause, asset_ids=assets, link_ids=links))

    def _source(self, source: Mapping[str, object]) -> Mapping[str, object]:
        return {k: self._scrub(v) if isinstance(v, str) else v for k, v in source.items()}


def _veiled(whole: World, hidden: _Hidden, seen: World) -> World:
    """Return everything, with covered names where something is hidden; sentences are made of it."""
    assets = {
        a: seen.assets.get(a) or _covered(asset, hidden.assets[a])
        for a, asset in whole.assets.items()
    }
    links = {
        k: seen.links.get(k) or _covered(link, hidden.links[k]) for k, link in whole.links.items()
    }
    groups = {g: seen.groups.get(g, group) for g, group in whole.groups.items()}
    return replace(
        whole, assets=assets, links=links, groups=groups, unseen={**hidden.assets, **hidden.links}
    )


def _covered(row: T, label: Tlp) -> T:
    """Return a hidden row with its label for a name and no other text."""
    row_type: type = type(row)
    texts = texts_of(row_type)
    blank = {field_.name: field_.default for field_ in fields(row) if field_.name in texts}
    covered_row: T = replace(row, **{**blank, "name": covered(label)})
    return covered_row

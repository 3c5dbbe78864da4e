"""Measures: permanent changes of a world in a scenario. Each returns a new world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from models.errors import BadInputError, UnknownIdError
from models.scenario import Measure
from models.wording import _
from models.world import Flow, Group, Supplier, World


def with_measures(world: World, measures: Iterable[Measure]) -> World:
    """Return ``world`` with every measure applied, in order.

    Raises
    ------
    UnknownIdError
        If a measure names an asset that the world does not have.
    BadInputError
        If an asset has no group of the measure's service.
    """
    for measure in measures:
        if measure.asset not in world.assets:
            raise UnknownIdError("asset", measure.asset, world.assets)
        if measure.do == "add_source":
            world = _with_source(world, measure)
        else:
            world = _with_groups(world, measure)
    return world


def _with_source(world: World, measure: Measure) -> World:
    """Make the asset a source of the service's network, with a limit if one is stated."""
    if measure.supply is not None:
        here = (measure.asset, measure.service)
        existing = [f for f in world.flows if (f.asset_id, f.service) == here]
        flow = replace(existing[0] if existing else Flow(*here), supply=measure.supply)
        return replace(world, flows=(*(f for f in world.flows if f not in existing), flow))
    asset = world.assets[measure.asset]
    source_of = tuple(sorted({*asset.source_of, measure.service}))
    changed = replace(asset, source_of=source_of)
    return replace(world, assets={**world.assets, asset.asset_id: changed})


def _with_groups(world: World, measure: Measure) -> World:
    groups = [
        group
        for group in world.groups_of.get(measure.asset, ())
        if group.service == measure.service
    ]
    if not groups:
        label = world.label(measure.asset)
        raise BadInputError(
            [
                _("{name} has no need for {service} that could be changed.").format(
                    name=label, service=measure.service
                )
            ]
        )
    changed = {group.group_id: _changed(group, measure, world) for group in groups}
    return replace(world, groups={**world.groups, **changed})


def _changed(group: Group, measure: Measure, world: World) -> Group:
    if measure.do == "add_autonomy":
        return replace(group, autonomy_h=group.autonomy_h + (measure.hours or 0.0))
    supplier = measure.supplier or ""
    if supplier not in world.assets:
        raise UnknownIdError("asset", supplier, world.assets)
    if any(existing.asset_id == supplier for existing in group.suppliers):
        return group
    # a full share: the added supplier alone can cover the group's need
    share = max(1.0, group.min_supply_fraction or 0.0) if group.has_shares else None
    return replace(group, suppliers=(*group.suppliers, Supplier(supplier, share)))

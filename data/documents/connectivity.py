"""Connectivity measures as the JSON of ``docs/reference/format.md``, byte for byte the same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite
from typing import Any

from models.criticality.connectivity import Connectivity

#: Decimals of losses, and significant digits of other numbers: coarse enough to hide differences
#: in the order of summation between machines.
DIGITS = 9


def connectivity_plain(measured: Iterable[Connectivity]) -> dict[str, Any]:
    """Return the plain form; losses in [0, 1], None if they are 0/0 or not defined in the mode."""
    return {"services": {item.network.service: _service(item) for item in measured}}


def connectivity_text(plain: dict[str, Any]) -> str:
    """Return the plain form as JSON, with one asset a line."""
    services = ",\n".join(
        f' {_json(name)}: {{{_head(result)},\n  "assets": {{\n{_assets(result)}}}}}'
        for name, result in plain["services"].items()
    )
    return f'{{"services": {{\n{services}}}}}\n'


def _head(result: dict[str, Any]) -> str:
    return _json({key: value for key, value in result.items() if key != "assets"})[1:-1]


def _assets(result: dict[str, Any]) -> str:
    return ",\n".join(f"   {_json(k)}: {_json(v)}" for k, v in result["assets"].items())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _service(connectivity: Connectivity) -> dict[str, Any]:
    network = connectivity.network
    return {
        "mode": network.mode,
        "weight": network.weight,
        "nodes": len(network.nodes),
        "sources": int(network.source.sum()),
        "demands": int(network.demand.sum()),
        **{name: _share(getattr(connectivity, name)) for name in ("ccl", "pcl", "wcl", "el")},
        "assets": _nodes(connectivity),
    }


def _nodes(connectivity: Connectivity) -> dict[str, dict[str, Any]]:
    """Return the measures of each node; for networks with sources and demands, of demands."""
    network, before, after = connectivity.network, connectivity.before, connectivity.after
    # read once: each of these properties computes a new array
    el_of, pcl_of, wcl_of = connectivity.el_of, connectivity.pcl_of, connectivity.wcl_of
    weighted_before, weighted_after = before.weighted, after.weighted
    towards = network.demand & (network.mode != "general")
    columns: dict[str, dict[str, Any]] = {}
    for i, node in enumerate(network.nodes):
        columns[node] = {
            "eff0": _number(before.efficiency[i]),
            "eff": _number(after.efficiency[i]),
            "el": _share(el_of[i]),
        }
        if towards[i]:
            columns[node] |= {
                "isolated": int(after.sources[i] == 0),
                "ns0": int(before.sources[i]),
                "ns": int(after.sources[i]),
                "ws0": _number(weighted_before[i]),
                "ws": _number(weighted_after[i]),
                "pcl": _share(pcl_of[i]),
                "wcl": _share(wcl_of[i]),
            }
    return columns


def _share(value: float) -> float | None:
    # adding 0.0 turns -0.0, a possible result of rounding, into 0.0
    return round(float(value), DIGITS) + 0.0 if isfinite(value) else None


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if isfinite(value) else None

"""What is being built: assets, links, needs, flows and causes, each made by one call."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from data.knowledge.reader import asset_types
from data.prepare.harbour.chance import Chance
from data.prepare.harbour.plan import Point, Quarter, distance_km, length_km, lonlat
from models.world import JUNCTION, Asset, CommonCause, Flow, Group, Link, Supplier

HERE = Path(__file__).parent
SOURCE = "invented"
#: All of it is a guess: letter D in every table.
CONFIDENCE = "D"
#: Numbers with the unit m3/d, MW … grow with the people; the tables state them for this many.
PEOPLE_OF_TABLES = 256_000
Bounds = tuple[float, float]


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of one of the tables beside this file."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def number(name: str) -> float:
    """Return a number of ``numbers.csv``."""
    return next(float(row["value"]) for row in rows("numbers") if row["name"] == name)


@dataclass
class City:
    """A world in the making."""

    seed: int
    size: int
    chance: Chance = field(init=False)
    assets: dict[str, Asset] = field(default_factory=dict)
    places: dict[str, Point] = field(default_factory=dict)
    quarters: dict[str, str] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    courses: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    flows: dict[tuple[str, str], Flow] = field(default_factory=dict)
    causes: dict[str, CommonCause] = field(default_factory=dict)
    bounds: dict[tuple[str, ...], Bounds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = Chance(self.seed)

    @property
    def people(self) -> int:
        """Inhabitants of the whole world."""
        return round(self.size * number("people_per_asset"))

    def scaled(self, name: str) -> float:
        """Return a capacity of ``numbers.csv`` for as many people as live here."""
        return round(number(name) * self.people / PEOPLE_OF_TABLES, 2)

    def asset(self, key: str, name: str, kind: str, at: Point, **more: Any) -> str:
        """Add an asset and return its id.

        Parameters
        ----------
        key
            Its id.
        name
            What people call it.
        kind
            Its type; a row of ``types.csv``.
        at
            Its place, km.
        **more
            Fields of ``Asset``; ``quarter``, the key of its quarter.
        """
        quarter = more.pop("quarter", "")
        row = _type(kind)
        lon, lat = lonlat(at)
        known = asset_types()[kind]
        products = [text for text in row["products"].split("|") if text]
        operators = row["operator"].split("|")
        operator = self.chance.choice(operators, "operator", key)
        stated: dict[str, Any] = {
            "provides": tuple(text for text in row["provides"].split("|") if text),
            "repair_h": float(row["repair_h"]) if row["repair_h"] else None,
            "restart_h": float(row["restart_h"] or 0),
            "operator": operator,
            "contact": _contact(operator) if known.criticality >= 3 else "",
            "product": self.chance.choice(products, "product", key) if products else "",
            "tlp": row["tlp"],
        }
        made = Asset(key, name, kind, known.display_sector, lon, lat, **(stated | more))
        self._place(replace(made, confidence=CONFIDENCE, source=SOURCE), at, quarter)
        if made.repair_h is not None:
            low, high = float(row["repair_h_low"]), float(row["repair_h_high"])
            self.bounds["assets", key, "repair_h"] = (low, high)
        return key

    def junction(self, key: str, name: str, at: Point, sector: str = "transport") -> str:
        """Add a place where links meet, which counts as no asset; return its id.

        Parameters
        ----------
        key, name
            Its id and name.
        at
            Its place (km).
        sector
            Whose links meet.
        """
        lon, lat = lonlat(at)
        made = Asset(key, name, JUNCTION, sector, lon, lat, confidence=CONFIDENCE, source=SOURCE)
        self._place(made, at, "")
        return key

    def _place(self, made: Asset, at: Point, quarter: str) -> None:
        if made.asset_id in self.assets:
            raise ValueError(f"{made.asset_id} is built twice")
        self.assets[made.asset_id] = made
        self.places[made.asset_id] = at
        self.quarters[made.asset_id] = quarter

    def link(self, service: str, start: str, end: str, via: Sequence[Point] = (), **more: Any
             ) -> str:  # fmt: skip
        """Add a link that carries a service, and return its id.

        Parameters
        ----------
        service
            What it carries.
        start, end
            Ids of its ends.
        via
            Places in between (km).
        more
            Fields of the link; ``n`` tells parallel ones apart.
        """
        n = more.pop("n", 1)
        key = f"{service}:{start}–{end}" + (f"/{n}" if n > 1 else "")
        course = (self.places[start], *via, self.places[end])
        name = f"{self.assets[start].name} – {self.assets[end].name}"
        stated: dict[str, Any] = {"name": name, "length_m": round(1000 * length_km(course))}
        made = Link(key, start, end, service, **(stated | more))
        self.links[key] = replace(made, confidence=CONFIDENCE, source=SOURCE)
        self.courses[key] = course
        return key

    def need(self, consumer: str, service: str, suppliers: Iterable[str], **more: Any) -> None:
        """Declare that an asset needs a service; its hours are a row of ``needs.csv``.

        Parameters
        ----------
        consumer
            The asset.
        service
            What it needs.
        suppliers
            Who supplies it.
        **more
            Fields of ``Group`` that differ from the row; ``k`` of the suppliers are enough.
        """
        row = _needs()[self.assets[consumer].asset_type, service]
        key = f"{consumer}:{service}"
        at = self.places[consumer]
        named = tuple(
            Supplier(supplier, None, round(1000 * distance_km(at, self.places[supplier])))
            for supplier in dict.fromkeys(suppliers)
        )
        source = f"{SOURCE}; hours as in rule {row['rule']}" if row["rule"] else SOURCE
        stated: dict[str, Any] = {name: float(row[name]) for name in _GROUP_NUMBERS}
        stated |= {"kind": row["kind"], "buffer": row["buffer"], "source": source}
        made = Group(key, consumer, service, named, **(stated | more))
        self.groups[key] = replace(made, confidence=CONFIDENCE)
        low, high = float(row["autonomy_h_low"]), float(row["autonomy_h_high"])
        if low < high and made.autonomy_h == float(row["autonomy_h"]):
            self.bounds["dependencies", key, "autonomy_h"] = (low, high)

    def supply(self, asset: str, service: str, amount: float, bounds: str = "supply") -> None:
        """State what a source can give.

        Parameters
        ----------
        asset, service
            Who gives what.
        amount
            In the unit of the service.
        bounds
            The row of numbers for its least and most.
        """
        self._flow(asset, service, "supply", amount, bounds)

    def demand(self, asset: str, service: str, amount: float) -> None:
        """State what is taken at an asset; several are added up.

        Parameters
        ----------
        asset, service
            Who takes what.
        amount
            In the unit of the service.
        """
        before = self.flows.get((asset, service))
        more = before.demand if before is not None and before.demand else 0.0
        self._flow(asset, service, "demand", amount + more, "demand")

    def _flow(self, asset: str, service: str, what: str, amount: float, bounds: str) -> None:
        before = self.flows.get((asset, service)) or Flow(asset, service, unit=_UNITS[service])
        exact = round(amount, 3)
        changed: dict[str, Any] = {what: exact}
        self.flows[asset, service] = replace(before, **changed)
        low, high = number(f"{bounds}_low"), number(f"{bounds}_high")
        self.bounds["flows", asset, service, what] = (round(exact * low, 3), round(exact * high, 3))

    def cause(self, key: str, name: str, assets: Iterable[str] = (), links: Iterable[str] = ()
              ) -> None:  # fmt: skip
        """State that one cause can fail these together.

        Parameters
        ----------
        key
            Its id, which begins with the basis.
        name
            What it is.
        assets, links
            Ids of its members.
        """
        basis = key.split("/")[0]
        beta = number("beta_product" if basis in ("vendor", "version") else f"beta_{basis}")
        self.causes[key] = CommonCause(key, basis, name, tuple(assets), tuple(links), beta)

    def of_type(self, *kinds: str) -> list[str]:
        """Return the assets of these types, in order of their ids."""
        return sorted(key for key, made in self.assets.items() if made.asset_type in kinds)

    def nearest(self, kinds: str | Sequence[str], to: str | Point, n: int = 1, quarter: str = ""
                ) -> list[str]:  # fmt: skip
        """Return the nearest assets of a type, those of the same quarter first.

        Parameters
        ----------
        kinds
            One or several types of asset.
        to
            An asset or a place (km).
        n
            At most so many.
        quarter
            Whose assets come first; empty for none.
        """
        at = self.places[to] if isinstance(to, str) else to
        wanted = (kinds,) if isinstance(kinds, str) else kinds
        near = sorted(
            (self.quarters[key] != quarter if quarter else False,
             round(distance_km(at, self.places[key]), 6), key)
            for key in self.of_type(*wanted) if key != to
        )  # fmt: skip
        return [key for _, _, key in near[:n]]

    def count(self) -> int:
        """Return the number of assets that are no junctions."""
        return sum(made.asset_type != JUNCTION for made in self.assets.values())

    def quarter_of(self, at: Point, among: Iterable[Quarter]) -> Quarter:
        """Return the quarter whose centre is nearest."""
        return min(among, key=lambda quarter: distance_km(at, quarter.centre))


_GROUP_NUMBERS = ("autonomy_h", "recharge_h", "restart_h", "loss", "min_supply_fraction")
_UNITS = {
    "electricity": "MW", "drinking_water": "m3/d", "sewage_treatment": "m3/d", "gas": "m3/h",
    "heat": "MW_th",
}  # fmt: skip


@cache
def _needs() -> dict[tuple[str, str], Mapping[str, str]]:
    return {(row["asset_type"], row["service"]): row for row in rows("needs")}


@cache
def _types() -> dict[str, Mapping[str, str]]:
    return {row["asset_type"]: row for row in rows("types")}


def _type(kind: str) -> Mapping[str, str]:
    return _types()[kind]


def _contact(operator: str) -> str:
    """Return an invented control room; no telephone number, so that nobody real is called."""
    return f"Control room of {operator} (invented)" if operator else ""

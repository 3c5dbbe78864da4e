"""A world with information labels, and the search for what it hides in bytes that were sent."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from collections.abc import Iterable, Iterator
from html import unescape
from itertools import product
from pathlib import Path
from random import Random
from urllib.parse import unquote

from data.worlds.reader import read_world
from models.access import LABELS, Tlp
from models.rights.need_to_know import Seen
from models.rights.views import view
from models.world import World

#: The bunker is RED, the fuel store AMBER, the hospital GREEN, a cable RED; texts tell of them.
TABLES = {
    "world.json": json.dumps({"id": "town", "title": "Labelled town", "licence": "CC0"}),
    "assets.csv": (
        "asset_id,name,asset_type,sector,lon,lat,provides,source_of,repair_h,operator,tlp,note,"
        "contact\n"
        "plant,Power plant,power_plant,energy,13.101234,53.501234,electricity,electricity,,Acme,,"
        ",Desk 17\n"
        "grid,Main substation,substation_hv,energy,13.201234,53.551234,electricity,,24,Acme,,\n"
        "orange,Command bunker Orange,data_centre,ict,13.234567,53.545678,data,,,Acme,TLP:RED,"
        ",Night desk of Orange\n"
        "kilo,Fuel store Kilo,fuel_depot,energy,13.245678,53.556789,fuel,,5,Acme,AMBER,\n"
        "works,Water works,water_works,water,13.251234,53.561234,drinking water,,12,Acme,,"
        "its control room is in Command Bunker Orange,by way of fuel store Kilo\n"
        "clinic,Hospital,hospital,health,13.261234,53.571234,acute care,,,Acme,GREEN,\n"
        "flats,Flats,residential,people,13.271234,53.581234,,,,,,\n"
    ),
    "links.csv": (
        "link_id,from_id,to_id,service,name,tlp\n"
        "line,plant,grid,electricity,110 kV line,\n"
        "orange-spur,grid,orange,electricity,Spur to Orange,\n"
        "secret-line,plant,works,electricity,Buried cable Zulu,RED\n"
    ),
    "dependencies.csv": (
        "group_id,consumer_id,supplier_id,service,k,autonomy_h,restart_h,buffer\n"
        "orange-power,orange,grid,electricity,1,2,1,diesel of Orange\n"
        "works-data,works,orange,data,1,1,,\n"
        "works-power,works,grid,electricity,1,8,1,battery\n"
        "clinic-water,clinic,works,drinking water,1,0.5,,tank\n"
        "clinic-fuel-from-kilo,clinic,kilo,fuel,1,4,,tank\n"
        "flats-water,flats,works,drinking water,1,,,\n"
    ),
    "common_cause.csv": (
        "group_id,basis,name,asset_id,link_id\n"
        "trench,corridor,Trench past Command bunker Orange,grid,\n"
        "trench,corridor,Trench past Command bunker Orange,works,\n"
        "trench,corridor,Trench past Command bunker Orange,orange,\n"
        "near-orange,location,Round orange,orange,\n"
        "near-orange,location,Round orange,grid,\n"
    ),
    "service_areas.csv": (
        "asset_id,service,people\n"
        "works,drinking water,1200\norange,data,345\nclinic,acute care,77\n"
    ),
    "unknowns.csv": "asset_id,service,note\nplant,gas,ask Fuel store Kilo\n",
    "labels.csv": (
        "what,name,tlp,source,note\nfield,operator,AMBER,the operator,asked not to tell\n"
    ),
}


def write_labelled(folder: Path) -> Path:
    """Write the labelled town as a world's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


#: of which names of generated towns are made; none is part of a word of the page
_SYLLABLES = ("vex", "qor", "zum", "jyp", "wux", "kiq", "xob", "fyz")
_KINDS = (
    ("power_plant", "energy", "electricity"),
    ("substation_hv", "energy", "electricity"),
    ("water_works", "water", "drinking water"),
    ("hospital", "health", "acute care"),
    ("data_centre", "ict", "data"),
    ("fuel_depot", "energy", "fuel"),
)


def write_generated(folder: Path, seed: int, size: int = 12) -> Path:
    """Write a town of which things, links and labels are drawn by lot; each label is used."""
    lot = Random(seed)
    words = ["".join(p) for p in product(_SYLLABLES, repeat=2)]
    lot.shuffle(words)
    labels = [*LABELS, *(lot.choice(LABELS) for _ in range(size - len(LABELS)))]
    lot.shuffle(labels)
    assets, needs, areas = [], [], []
    for number, label in enumerate(labels):
        name, (kind, sector, service) = words.pop(), _KINDS[number % len(_KINDS)]
        lon, lat = 13 + lot.randrange(10**5, 5 * 10**5) / 1e6, 53 + lot.randrange(10**5) / 1e6
        assets.append(f"{name},{name.title()} {words.pop().title()},{kind},{sector},{lon:.6f},"
                      f"{lat:.6f},{service},,{lot.choice(('', 6))},{label}")  # fmt: skip
        areas.append(f"{name},{service},{lot.randrange(20, 900)}")
        if number:
            needs.append(f"{name}-needs,{name},{assets[lot.randrange(number)].split(',')[0]}")
    services = {asset.split(",")[0]: asset.split(",")[6] for asset in assets}
    rows = [f"{need},{services[need.split(',')[2]]},1,{lot.randrange(9)}" for need in needs]
    ids = [asset.split(",")[0] for asset in assets]
    links = [
        f"{words.pop()}-line,{ids[0]},{ids[n]},electricity,{words.pop()} cable,{lot.choice(LABELS)}"
        for n in (1, 2, 5)
    ]
    tables = {
        "world.json": json.dumps({"id": "town", "title": "Drawn town", "licence": "CC0"}),
        "assets.csv": "asset_id,name,asset_type,sector,lon,lat,provides,source_of,repair_h,tlp\n"
        + "\n".join(assets),
        "links.csv": "link_id,from_id,to_id,service,name,tlp\n" + "\n".join(links),
        "dependencies.csv": "group_id,consumer_id,supplier_id,service,k,autonomy_h\n"
        + "\n".join(rows),
        "service_areas.csv": "asset_id,service,people\n" + "\n".join(areas),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for table, text in tables.items():
        (folder / table).write_text(text + "\n", encoding="utf-8")
    return folder


def digests(values: Iterable[object]) -> dict[str, str]:
    """Return what no byte may hold of whole things, as a hash begins: text → of what it is."""
    found = {}
    for value in values:
        forms = [value] if isinstance(value, str) else [
            json.dumps(value, sort_keys=True, separators=separators, ensure_ascii=ascii_only)
            for separators in ((",", ":"), (", ", ": "))
            for ascii_only in (True, False)
        ]  # fmt: skip
        for form in forms:
            for kind in ("sha256", "sha1", "md5"):
                digest = hashlib.new(kind, form.encode()).hexdigest()
                found[digest[:12]] = f"{kind} of {form[:40]}"
    return found


def labelled_world(folder: Path) -> World:
    """Return the labelled town."""
    return read_world(write_labelled(folder))


def needles(world: World, clearance: Tlp) -> dict[str, str]:
    """Return the texts to search for, which this clearance must not get: text → its meaning."""
    return dict(_needles(view(world, clearance)))


def _needles(seen: Seen) -> Iterator[tuple[str, str]]:
    whole = seen.whole
    shown = {a.name for a in seen.world.assets.values()}
    for asset_id in seen.hidden:
        asset = whole.assets[asset_id]
        yield asset_id, f"id of {asset_id}"
        if asset.name and asset.name not in shown:
            yield asset.name, f"name of {asset_id}"
    for link_id in seen.links:
        yield link_id, f"id of link {link_id}"
        if name := whole.links[link_id].name:
            yield name, f"name of link {link_id}"


def leaks(bodies: Iterable[tuple[str, bytes]], world: World, clearance: Tlp) -> list[str]:
    """Return the places of hidden texts in bodies, which come with their origin."""
    secrets = needles(world, clearance)
    if not secrets:
        return []
    either = re.compile(
        "|".join(
            rf"(?<![\w/.]){re.escape(secret)}(?![\w/])" for secret in sorted(secrets, key=len)[::-1]
        ),
        re.IGNORECASE,
    )
    what_of = {name.casefold(): what for name, what in secrets.items()}
    seen = view(world, clearance)
    places = _places(seen)
    places_told = []
    for where, body in bodies:
        text = body.decode("utf-8", errors="replace")
        for spelt in {text, _unescaped(text)}:
            places_told += [
                f"{where}: {what_of[m.group().casefold()]}" for m in either.finditer(spelt)
            ]
            places_told += [
                f"{where}: place of {a}" for a, at in places.items() if at.search(spelt)
            ]
        places_told += [f"{where}: packed place of {a}" for a in _packed(text, seen)]
    return sorted(set(places_told))


def _unescaped(text: str) -> str:
    """Return a text as it reads: without the escapes of JSON, HTML and addresses."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return unquote(unescape(plain.replace("\\/", "/").replace('\\"', '"')))


def _places(seen: Seen) -> dict[str, re.Pattern[str]]:
    """Return what finds the place of each hidden asset: both its numbers, side by side."""
    return {a: _place(seen.whole.assets[a].lon, seen.whole.assets[a].lat) for a in seen.hidden}


def _place(lon: float, lat: float) -> re.Pattern[str]:
    spelt = [
        (f"{lon:.6f}", f"{lat:.6f}"),
        (f"{lon:.5f}", f"{lat:.5f}"),
        (str(lon), str(lat)),
        (str(round(lon, 5)), str(round(lat, 5))),
        (str(round(lon * 1e6)), str(round(lat * 1e6))),
        (str(_shifted(lon)), str(_shifted(lat))),
    ]
    either = {
        rf"(?<!\d){re.escape(one)}\D{{1,20}}{re.escape(other)}"
        for x, y in spelt
        for one, other in ((x, y), (y, x))
    }
    return re.compile("|".join(sorted(either)))


def _shifted(degrees: float) -> int:
    """Return millionths of a degree as columns have them."""
    return round(degrees * 1e6) + 180_000_000


def _packed(text: str, seen: Seen) -> Iterator[str]:
    """Return assets whose place is in packed columns: both numbers in one row of two columns."""
    columns = []
    for packed in re.findall(r'"b64":\s*"([A-Za-z0-9+/=]+)"', text):
        raw = base64.b64decode(packed)
        if len(raw) % 4 == 0:
            columns.append(struct.unpack(f"<{len(raw) // 4}I", raw))
    for asset_id in seen.hidden:
        asset = seen.whole.assets[asset_id]
        rows = [
            {i for column in columns for i, n in enumerate(column) if n == _shifted(degrees)}
            for degrees in (asset.lon, asset.lat)
        ]
        if rows[0] & rows[1]:
            yield asset_id

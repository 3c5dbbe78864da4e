"""A world with information labels, and the search for what it hides in bytes that were sent."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from data.worlds import read_world
from models.access import Tlp, Who
from models.need_to_know import Seen
from models.views import view
from models.world import World

#: The region's hub, a battery-backed user of it, a line, and who runs what are for some only.
FIELDS = {
    "world.json": json.dumps({"id": "town", "title": "Labelled town", "licence": "CC0"}),
    "assets.csv": (
        "asset_id,name,asset_type,sector,lon,lat,provides,source_of,repair_h,operator,tlp,note\n"
        "plant,Power plant,power_plant,energy,13.101234,53.501234,electricity,electricity,,Acme,,\n"
        "grid,Main substation,substation_hv,energy,13.201234,53.551234,electricity,,24,Acme,,\n"
        "orange,Command bunker Orange,data_centre,ict,13.234567,53.545678,data,,,Acme,TLP:RED,\n"
        "kilo,Fuel store Kilo,fuel_depot,energy,13.245678,53.556789,fuel,,5,Acme,AMBER,\n"
        "works,Water works,water_works,water,13.251234,53.561234,drinking water,,12,Acme,,"
        "its control room is in Command Bunker Orange\n"
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
PUBLIC_EYES = Who("reader", "Reader", "observer", frozenset(), "CLEAR", None)


def write_labelled(folder: Path) -> Path:
    """Write the labelled town as a world's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FIELDS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def labelled_world(folder: Path) -> World:
    """Return the labelled town."""
    return read_world(write_labelled(folder))


def needles(world: World, clearance: Tlp) -> dict[str, str]:
    """Return what no byte may tell somebody with this clearance: text → what it would tell."""
    return dict(_needles(view(world, clearance)))


def _needles(seen: Seen) -> Iterator[tuple[str, str]]:
    whole = seen.whole
    shown = {a.name for a in seen.world.assets.values()}
    for asset_id in seen.hidden:
        asset = whole.assets[asset_id]
        yield asset_id, f"id of {asset_id}"
        if asset.name and asset.name not in shown:
            yield asset.name, f"name of {asset_id}"
        for number in (asset.lon, asset.lat):
            for text in {f"{number:.6f}", f"{number:.5f}", str(number), str(round(number * 1e6))}:
                yield text, f"place of {asset_id}"
            yield str(round((number + 180) * 1e6)), f"place of {asset_id}"
    for link_id in seen.links:
        yield link_id, f"id of link {link_id}"
        if name := whole.links[link_id].name:
            yield name, f"name of link {link_id}"


def told(bodies: Iterable[tuple[str, bytes]], world: World, clearance: Tlp) -> list[str]:
    """Return where something hidden is told, in words; bodies come with where they are from."""
    secrets = needles(world, clearance)
    if not secrets:
        return []
    either = re.compile(
        "|".join(
            rf"(?<![\w/.]){re.escape(one)}(?![\w/])" for one in sorted(secrets, key=len)[::-1]
        ),
        re.IGNORECASE,
    )
    known = {name.casefold(): what for name, what in secrets.items()}
    places = _places(view(world, clearance))
    found = []
    for where, body in bodies:
        text = body.decode("utf-8", errors="replace")
        for spelt in {text, _unescaped(text)}:
            found += [f"{where}: {known[m.group().casefold()]}" for m in either.finditer(spelt)]
        found += [f"{where}: packed {what}" for what in _packed(text, places)]
    return sorted(set(found))


def _unescaped(text: str) -> str:
    """Return a text as it reads: without the escapes of JSON, HTML and addresses."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return unquote(unescape(plain.replace("\\/", "/").replace('\\"', '"')))


def _places(seen: Seen) -> dict[int, str]:
    """Return the shifted millionths of a degree, as columns have them, of each hidden place."""
    shown = {n for a in seen.world.assets.values() for n in (_shifted(a.lon), _shifted(a.lat))}
    return {
        n: f"place of {a}"
        for a in seen.hidden
        for n in (_shifted(seen.whole.assets[a].lon), _shifted(seen.whole.assets[a].lat))
        if n not in shown
    }


def _shifted(degrees: float) -> int:
    return round(degrees * 1e6) + 180_000_000


def _packed(text: str, places: dict[int, str]) -> Iterator[str]:
    for packed in re.findall(r'"b64":\s*"([A-Za-z0-9+/=]+)"', text):
        raw = base64.b64decode(packed)
        if len(raw) % 4 == 0:
            numbers = set(struct.unpack(f"<{len(raw) // 4}I", raw))
            yield from (places[n] for n in numbers & places.keys())

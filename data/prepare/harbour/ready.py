"""Scenarios and the exercise that come with the city; all constructed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.prepare.harbour.city import City
from data.prepare.harbour.exercise import exercise
from data.prepare.harbour.hazards import examples
from data.prepare.harbour.transport import bridge_links
from data.prepare.harbour.write import WORLD_ID, write_json

Event = dict[str, Any]
CONSTRUCTED = "Constructed, in an invented city."


def write_ready(folder: Path, city: City) -> None:
    """Write ``scenarios/`` and ``exercises/`` of a world into its folder."""
    for name in ("scenarios", "exercises"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    made = {name: _example(**plain) for name, plain in examples().items()}
    for name, plain in (scenarios(city) | made).items():
        write_json(folder / "scenarios" / f"{name}.json", plain)
    plan = exercise(WORLD_ID, bridge_links(city))
    write_json(folder / "exercises" / "e1-bridge-and-money.json", plan)


def scenarios(city: City) -> dict[str, dict[str, Any]]:
    """Return the ready scenarios by file name."""
    ship = [*bridge_hit(city), fail("plant/converter", note="trips with the cables")]
    dark = [
        fail("grid/north", note="wide-area blackout"),
        fail("grid/east", note="wide-area blackout"),
        fail("plant/converter", note="trips; its sea cable stays locked"),
        fail("plant/chp", note="trips with the grid"),
        fail("plant/turbine", note="stands by, not ready"),
        repair("plant/chp", 4, "checked, ready to start"),
    ]
    generator = supply("exchange/holm", "electricity", 20, 30, "mobile generator by boat")
    return {
        "s1-station-old-harbour": _scenario(
            "Old Harbour 110/20 kV fails (constructed)",
            "The station burns at 0 h. Its 20 kV rings go dark at once, batteries and diesel hide "
            "the rest: mobile sites 2 h, the exchange 8 h. The clearing house has two feeds, both "
            "from this station; its diesel ends at 48 h, and a day later no card works anywhere in "
            "the city.",
            96, [fail("hv/old-harbour", note="cause left open")],
        ),
        "s2-ship-hits-the-bridge": _scenario(
            "A ship hits the Harbour Bridge (constructed)",
            "Two 110 kV cables, two water mains and two fibres lead to Holm, and all of them over "
            "one bridge. Refinery and tank farm stop at once, LNG at 4 h, water at 12 h. The "
            "airport runs out of fuel at 72 h, far from the bridge.",
            96, ship,
        ),
        "s3-holm-waits-for-the-exchange": _scenario(
            "Holm as an island: the restart waits for a telephone exchange (constructed)",
            "As S2, but the converter of the wind park is ready at 10 h and could carry Holm. It "
            "is run by remote control through the exchange Holm, whose battery ended at 8 h: power "
            "waits for the exchange, the exchange for power. A generator at the exchange at 20 h "
            "frees both. Take it away and see the deadlock; move it before 8 h and see none.",
            72, [*ship, repair("plant/converter", 10, "checked, ready to run"), generator],
        ),
        "s4-black-start-in-time": _scenario(
            "Blackout, black start in time (constructed)",
            "The grid is lost and all plants trip. The gas turbine is ready at 3 h and starts "
            "without the grid; it alone carries a fifth of the load, enough to start the CHP "
            "plant, which runs from 10 h. Both together are enough for the city. The river intake "
            "is out from 4 h and the plant has cooling water for 12 h more: six hours to spare.",
            72, [*dark, repair("plant/turbine", 3, "crew on site")],
        ),
        "s5-black-start-too-late": _scenario(
            "Blackout, black start too late (constructed)",
            "As S4, but the turbine is ready at 20 h. The cooling water ended at 16 h, the CHP "
            "plant reaches a fifth of its power, and that is too little for the river intake: "
            "power waits for water, water for power. Nothing returns until somebody takes a "
            "generator to the river intake, the last place most would think of.",
            72, [*dark, repair("plant/turbine", 20, "the crew came late")],
        ),
    }  # fmt: skip


def _scenario(title: str, note: str, horizon_h: float, events: list[Event]) -> dict[str, Any]:
    return {
        "world": WORLD_ID, "title": title, "note": f"{CONSTRUCTED} {note}", "seed": 1,
        "horizon_h": horizon_h, "repairs": "none", "events": events, "measures": [],
    }  # fmt: skip


def _example(title: str, note: str, horizon_h: float, events: list[Event]) -> dict[str, Any]:
    return _scenario(title, note, horizon_h, events) | {"repairs": "typical"}


def bridge_hit(city: City) -> list[Event]:
    """Return the events of a lost Harbour Bridge and all it carries."""
    links = [{"at_h": 0, "do": "fail", "link": key, "note": "on the bridge"}
             for key in bridge_links(city)]  # fmt: skip
    return [fail("bridge/harbour", note="struck by a ship"), *links]


def fail(asset: str, at_h: float = 0, note: str = "") -> Event:
    """Return the event that an asset fails.

    Parameters
    ----------
    asset
        Its id.
    at_h
        Hours after the start.
    note
        What happened.
    """
    return {"at_h": at_h, "do": "fail", "asset": asset, "note": note}


def repair(asset: str, at_h: float, note: str = "") -> Event:
    """Return the event that an asset is repaired.

    Parameters
    ----------
    asset
        Its id.
    at_h
        Hours after the start.
    note
        What was done.
    """
    return {"at_h": at_h, "do": "repair", "asset": asset, "note": note}


def supply(asset: str, service: str, at_h: float, until_h: float, note: str) -> Event:
    """Return an emergency supply.

    Parameters
    ----------
    asset, service
        Who gets what.
    at_h, until_h
        From when to when, h.
    note
        What it is.
    """
    return {"at_h": at_h, "do": "supply", "asset": asset, "service": service, "until_h": until_h,
            "note": note}  # fmt: skip

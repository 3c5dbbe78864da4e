"""The ready exercise: a ship, an island, and then no card works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Inject = dict[str, Any]
_ROLES = (
    ("grid", "Grid, gas and oil", ["energy"],
     "You run the 110 kV grid, the plants, gas and the tank farm. Holm hangs on two cables. You "
     "have one mobile generator (1 MW) in Old Harbour; a barge can take it to Holm."),
    ("water", "Water and sewage", ["water"],
     "You run two waterworks, seven reservoirs and towers and four sewage works. A tower lasts "
     "12 h, a reservoir 18 h."),
    ("telecom", "Telephone and data", ["telecom"],
     "You run eleven exchanges, three data centres and the mobile network. Batteries last 2 h at "
     "mobile sites and 8 h in exchanges; data centres have diesel for 48 h."),
    ("port", "Port and transport", ["transport"],
     "You run the port on Holm, the ferry and the roads. Everything that arrives by sea arrives "
     "on Holm."),
    ("health", "Hospitals and care", ["health"],
     "You speak for three hospitals, three dialysis centres and the care homes. Hospitals have "
     "diesel for 24 h and water for 12 h."),
    ("town", "Crisis team of the city", ["public", "finance", "food"],
     "You lead. Fire brigade, police, banks and shops report to you. You decide who gets what is "
     "scarce, and say why, so that it can be read later."),
)  # fmt: skip
_EXCHANGE, _TANKS, _CREWS = "Exchange Holm", "Holm tank farm", "Fire station Holm"
_PLACES = {
    _EXCHANGE: ("gen-exchange", "exchange/holm",
                "The exchange is back. When the converter is ready at 10 h it can be steered, and "
                "Holm gets power at once. Ask who found out, and how."),
    _TANKS: ("gen-tanks", "oil/depot",
             "The tank farm pumps again: the airport keeps its fuel. But the converter cannot be "
             "steered, and Holm stays dark. Rewind to the question afterwards."),
    _CREWS: ("gen-fire", "fire/6",
             "Good for the crews, no help for Holm: the converter cannot be steered. Rewind to the "
             "question afterwards."),
}  # fmt: skip


def exercise(world: str, bridge: Sequence[str]) -> dict[str, Any]:
    """Return the exercise as its file holds it.

    Parameters
    ----------
    world
        Id of the world.
    bridge
        The links that cross the Harbour Bridge.

    Returns
    -------
    The plain content of the file.
    """
    return {
        "world": world,
        "title": "A ship, an island and no money",
        "about": "Constructed, in an invented city. A ship hits the only bridge to Holm; the "
        "island has a wind park and cannot use it. A day later a fire shows what the second data "
        "centre was worth.",
        "note": "Two hours. The turning point is the question about the generator at 0:35. Where "
        "the room takes the wrong turn, let it run to the second reveal, then rewind: take 2 shows "
        "the difference, also for the money at 30 h.",
        "scenario": {"horizon_h": 96, "repairs": "none", "events": [], "measures": []},
        "roles": [dict(zip(("id", "name", "sectors", "card"), role, strict=True))
                  for role in _ROLES],
        "injects": [*_first_day(bridge), *_generator(), *_second_day(bridge)],
    }  # fmt: skip


def _first_day(bridge: Sequence[str]) -> list[Inject]:
    return [
        _inject("fog", 0, "message", "Fog over the harbour",
                "22:00. A container ship of 300 m is on its way in. Every table: what of yours "
                "crosses the Harbour Bridge?", at_h=0,
                note="One sentence a table, five minutes. Most will name the road only."),
        _inject("ship", 5, "knock_out", "The ship has struck the Harbour Bridge",
                "The middle span is down. Cables, pipes and fibres hung below it. The wind park's "
                "converter has tripped.", at_h=0, assets=["bridge/harbour", "plant/converter"],
                links=list(bridge),
                note="Two of everything, one bridge: open the common cause on the map."),
        _inject("report-1", 10, "status_report", "First situation report",
                "One hour after the collision.", at_h=1,
                note="Holm is dark; batteries and tanks hide the rest."),
        _inject("predict-1", 15, "question", "What fails next, and when?",
                "Mark what you expect to fail until tomorrow night. One prediction a table.",
                at_h=1, bands_h=[4, 12, 24],
                note="Ten minutes, then Reveal. Expect mobile sites and sewage on Holm at 2 h, LNG "
                "at 4 h, exchange and data centre at 8 h, water at 12 h."),
    ]  # fmt: skip


def _generator() -> list[Inject]:
    ask = _inject("generator", 35, "question", "Where does the generator go?",
                  "One generator, one barge. It will be connected at 9 h. The converter of the "
                  "wind park will be ready at 10 h. Choose, and say why.", at_h=6,
                  options=list(_PLACES),
                  note="A hint only where nobody asks: how is an unmanned converter started? What "
                  "most choose comes next.")  # fmt: skip
    sent = [
        _inject(name, 45, "supply", f"The generator is connected: {place}", "It runs.",
                assets=[asset], service="electricity", at_h=9, until_h=48, note=note,
                when={"test": "answered", "inject": "generator", "option": place})
        for place, (name, asset, note) in _PLACES.items()
    ]  # fmt: skip
    return [
        ask, *sent,
        _inject("converter", 50, "repair", "The converter is checked and ready",
                "It could carry Holm alone. It waits for a command from the control centre.",
                assets=["plant/converter"], at_h=10,
                note="With the exchange it starts within the hour. Without, a deadlock: the page "
                "names it and what would break it."),
        _inject("predict-2", 55, "question", "Is Holm back by morning?",
                "Mark what is still lost on Holm in 24 h.", at_h=10, bands_h=[6, 12, 24],
                note="Ten minutes, then Reveal."),
        _inject("waiting", 70, "message", "Still no command at the converter",
                "The crew on Holm: 'We could make power. Nobody can reach the machine.'",
                to=["grid", "telecom", "town"], at_h=20,
                when={"test": "not_done", "do": "supply", "asset": "exchange/holm", "by_min": 70},
                note="Comes only where nobody supplied the exchange. The room may still do it."),
    ]  # fmt: skip


def _second_day(bridge: Sequence[str]) -> list[Inject]:
    cables = [key for key in bridge if key.startswith("electricity:")][:1]
    fibres = [key for key in bridge if key.startswith("backhaul:")][:1]
    return [
        _inject("fire", 75, "knock_out", "Fire in the Quay Street data centre",
                "The sprinklers have done the rest. Cards are switched to the second data centre.",
                assets=["data/quay"], at_h=30,
                note="The second one stands on Holm. Where Holm has power, but no fibre, it is "
                "reached over the sea cable; where Holm is dark, no card works in the city."),
        _inject("report-2", 80, "status_report", "Report at noon",
                "Half a day of a working day.", at_h=36),
        _inject("cash", 85, "question", "What do people buy with?",
                "No card, or no trust in cards. One answer a table: who needs to be told what?",
                to=["town", "health", "port"], at_h=36, note="Free answers; keep the best one."),
        _inject("cable", 100, "repair", "A cable and a fibre lie on the sea bed",
                "A pontoon crew has laid one of each.", links=[*cables, *fibres], at_h=48,
                note="Holm has power again. What returns at once, what only after hours?"),
        _inject("lesson", 110, "question", "What would you change until next autumn?",
                "One sentence a table: one thing that would have saved most.",
                note="Then end the exercise and open the hot debrief on the screen."),
    ]  # fmt: skip


def _inject(key: str, at_min: int, kind: str, title: str, text: str, **more: Any) -> Inject:
    return {"id": key, "at_min": at_min, "kind": kind, "title": title, "text": text, **more}

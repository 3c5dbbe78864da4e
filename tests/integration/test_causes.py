"""Causes on the embedded region: the worst pairs of assets, each proved by reruns."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from cli import main
from commands.shared import world_of_name
from models.explain.replay import Replay
from models.scenario import Event, Scenario
from tests.cause_pairs import Pairs
from tests.causes import audit

REGION = "neubrandenburg"
STATIONS = ("way/369595740", "way/369596692", "way/93418613", "way/93418617")


@pytest.mark.parametrize(("one", "other"), combinations(STATIONS, 2))
def test_no_loss_of_two_stations_names_a_bystander(one: str, other: str) -> None:
    hits = (Event(0, "fail", one), Event(0, "fail", other))
    counts = audit(world_of_name(REGION), Scenario(REGION, hits, horizon_h=72))
    assert counts["losses"] > 100
    assert set(counts) == {"losses", "sentences"}


@pytest.fixture(scope="module")
def region_pairs() -> Pairs:
    return Pairs(world_of_name(REGION))


def test_sampled_pairs_of_the_region_name_no_bystander(region_pairs: Pairs) -> None:
    """``python -m tests.causes --pairs`` judges all of them."""
    chosen = Random(7).sample(list(region_pairs.names()), 60)
    # two reasons of one moment that the trace shows as one
    chosen.append(("assumed/gas-network", "way/92035591"))
    counts = sum((region_pairs.audit(*pair) for pair in chosen), Counter())
    assert counts["losses"] > 150
    assert set(counts) == {"losses", "sentences"}


def test_the_proof_of_pairs_finds_a_wrong_set(region_pairs: Pairs) -> None:
    """A proof that finds nothing must be able to find something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Replay, "_unserved", lambda self, _group: self.all)
        assert not region_pairs.audit(*STATIONS[2:])["wrong set"]  # the engine confirms each
        patch.setattr("models.explain.causes.is_smallest", lambda _chosen, _suffice: True)
        assert region_pairs.audit(*STATIONS[2:])["wrong set"]


def test_why_gives_the_sets_of_one_asset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [{"at_h": 0, "do": "fail", "asset": station} for station in STATIONS[2:]]
    plain = {"world": REGION, "horizon_h": 72, "repairs": "none", "events": events, "measures": []}
    scenario, out = tmp_path / "scenario.json", tmp_path / "why.json"
    scenario.write_text(json.dumps(plain), encoding="utf-8")
    bank = "node/1141771964"
    assert main(["why", REGION, str(scenario), bank, "--out", str(out)]) == 0
    causes = json.loads(out.read_text(encoding="utf-8"))["assets"][bank]
    assert causes["causes"] == [[1]]
    assert [step.get("asset") for step in causes["chain"]] == [STATIONS[3], bank]
    assert causes["lost_since_h"] == causes["at_h"] == 0.25
    assert "Umspannwerk Warliner Straße was hit" in causes["sentence"]
    assert causes["would_have_saved"][0]["do"] == "supply"
    assert "Warliner" in capsys.readouterr().out


def test_why_of_an_unknown_asset_is_bad_input(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"world": REGION, "events": []}), encoding="utf-8")
    assert main(["why", REGION, str(scenario), "nobody"]) == 2
    assert main(["why", REGION, str(scenario)]) == 2

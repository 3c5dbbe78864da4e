"""Whole results as folders a person can review: ``<case>/input`` and ``<case>/expected``.

After an intended change of a result, rewrite them and review the difference:
``python cli.py run tests/golden/CASE/input tests/golden/CASE/input/scenario.json --out
tests/golden/CASE/expected/outcome.json``; likewise ``connectivity`` and ``connectivity.json``.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from data.documents.connectivity import connectivity_plain, connectivity_text
from data.documents.outcomes import outcome_plain, outcome_text
from data.documents.scenarios import read_scenario
from data.worlds.reader import read_world
from models.cascade.reference.engine import run
from models.criticality.connectivity import connectivity, link_network, out_at
from models.outcome import Outcome
from models.units import to_hours

HERE = Path(__file__).parent
CASES = sorted(folder.name for folder in HERE.iterdir() if (folder / "input").is_dir())
CONNECTIVITY = [case for case in CASES if (HERE / case / "expected/connectivity.json").exists()]


def _run(case: str) -> tuple[Outcome, str]:
    world = read_world(HERE / case / "input")
    scenario = read_scenario(HERE / case / "input" / "scenario.json", world)
    outcome = run(world, scenario)
    return outcome, outcome_text(outcome_plain(world, scenario, outcome))


def _parsed(text: str) -> dict[str, Any]:
    """Return an outcome without what changes with every release of the code."""
    outcome: dict[str, Any] = json.loads(text)
    return {key: value for key, value in outcome.items() if key not in ("version", "run_id")}


@pytest.mark.parametrize("case", CASES)
def test_outcome_is_the_reviewed_one(case: str):
    expected = (HERE / case / "expected" / "outcome.json").read_text(encoding="utf-8")
    assert _parsed(_run(case)[1]) == _parsed(expected)


@pytest.mark.parametrize("case", CASES)
def test_outcome_is_the_same_to_the_byte_each_time(case: str):
    assert _run(case)[1] == _run(case)[1]


def test_casc_1_follows_the_published_course():
    """Buffers, a tank behind a pump, partial losses, restarts: knowledge case CASC-1."""
    outcome, _ = _run("casc-1")
    course = [(to_hours(r.t_ms), r.asset, pytest.approx(r.after)) for r in outcome.trace]
    assert course == [
        (0, "SUB", 0), (0, "PUMP", 0), (2, "MAST", 0), (12, "TANK", 0), (24, "HOSP", 0.1),
        (30, "SUB", 1), (30.1, "MAST", 1), (30.2, "HOSP", 0.4), (30.5, "PUMP", 1),
        (30.5, "TANK", 1), (30.5, "HOSP", 1),
    ]  # fmt: skip
    steps = [*outcome.levels["HOSP"], (outcome.horizon_ms, 1.0)]
    lost = sum(
        (1 - level) * to_hours(until - since) for (since, level), (until, _) in pairwise(steps)
    )
    assert lost == pytest.approx(5.76, abs=1e-9)


def test_casc_2_a_loop_locks_once_it_has_failed():
    outcome, _ = _run("casc-2")
    assert {a: course.state_end for a, course in outcome.assets.items()} == {
        "A": "stuck",
        "B": "stuck",
    }
    assert [deadlock.assets for deadlock in outcome.deadlocks] == [("A", "B")]


def test_casc_3_three_of_three_fails_where_one_of_two_holds():
    outcome, _ = _run("casc-3")
    assert set(outcome.assets) == {"S1", "AIR"}


def _connectivity(case: str) -> str:
    world = read_world(HERE / case / "input")
    outcome, _ = _run(case)
    out = out_at(outcome, outcome.horizon_ms)
    networks = (link_network(world, service) for service in world.link_services)
    return connectivity_text(connectivity_plain(connectivity(net, *out) for net in networks))


@pytest.mark.parametrize("case", CONNECTIVITY)
def test_connectivity_is_the_reviewed_one(case: str):
    expected = (HERE / case / "expected" / "connectivity.json").read_text(encoding="utf-8")
    assert _connectivity(case) == expected


#: What OpenQuake publishes for its own test cases, to the digits it prints:
#: gem/oq-engine, openquake/qa_tests_data/infrastructure_risk/<name>/expected
PUBLISHED = {
    # five_nodes_demsup_directed, event 1: link E4 out
    "connectivity-demand": (
        {"ccl": 0.5, "pcl": 0.5, "wcl": 0.5, "el": 0.279188},
        # its node tables are means over two events, of which the first harms nothing
        {"A": {"el": 2 * 0.410448}, "B": {"isolated": 1, "pcl": 1, "wcl": 1}, "C": {"wcl": 0}},
    ),
    # demand_supply, event 0: tank D out
    "connectivity-hops": ({"ccl": 0.0, "pcl": 0.333333, "wcl": 0.520228, "el": 0.296496}, {}),
    # multidirected, event 1: link E4 out
    "connectivity-zones": (
        {"ccl": None, "pcl": 0.0, "wcl": 0.0687559, "el": 0.0655495},
        {"A": {"wcl": 0}, "B": {"wcl": 2 * 0.0846154}, "C": {"wcl": 2 * 0.0185185}},
    ),
}


def test_every_connectivity_case_has_published_numbers():
    assert sorted(PUBLISHED) == CONNECTIVITY


@pytest.mark.parametrize("case", CONNECTIVITY)
def test_connectivity_is_what_openquake_publishes(case: str):
    measures = json.loads(_connectivity(case))["services"]["road"]
    totals, nodes = PUBLISHED[case]
    assert {name: measures[name] for name in totals} == pytest.approx(totals, abs=1e-6)
    for node, published in nodes.items():
        assert {k: measures["assets"][node][k] for k in published} == pytest.approx(
            published, abs=1e-6
        )

"""The worked examples of hazards: what each does to the invented city, in numbers to review.

After an intended change: ``python -m tests.golden.test_worked_examples`` rewrites the numbers.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from data.documents.scenarios import read_scenario
from data.worlds.reader import read_world
from models.cascade.timed.engine import run
from models.impact.people import people_distinct
from models.world import World

REGION = Path(__file__).parents[2] / "data" / "regions" / "merrowhaven"
EXPECTED = Path(__file__).parent / "worked_examples.json"
EXAMPLES = sorted(path.stem for path in (REGION / "scenarios").glob("h*.json"))


@cache
def world() -> World:
    return read_world(REGION)


@cache
def figures(name: str) -> dict[str, Any]:
    scenario = read_scenario(REGION / "scenarios" / f"{name}.json", world(), REGION)
    outcome = run(world(), scenario)
    people = people_distinct(world(), outcome)
    hits = [hit for event in scenario.events for hit in event.hits]
    return {
        "assets_hit": len({hit.asset for hit in hits if hit.asset and hit.happens}),
        "links_hit": len({hit.link for hit in hits if hit.link and hit.happens}),
        "assets_lost": sum(not world().assets[a].is_junction for a in outcome.assets),
        "people_at_most": people["peak"],
        "person_hours": round(people["person_hours"]),
        "deadlocks": len(outcome.deadlocks),
    }


def test_there_are_six_each_with_a_page() -> None:
    assert len(EXAMPLES) == 6
    for name in EXAMPLES:
        page = REGION.parents[2] / "docs" / "examples" / f"{name}.md"
        assert "constructed" in page.read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_does_what_was_reviewed(name: str) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))[name]
    assert figures(name) == expected
    assert expected["people_at_most"] > 10_000


def test_what_a_quake_sets_off_needs_the_quake() -> None:
    from models.ensemble.sampling import chances_of

    scenario = read_scenario(REGION / "scenarios" / f"{EXAMPLES[-1]}.json", world(), REGION)
    chances = chances_of(world(), scenario).items
    own = {c.event.name: n for n, c in enumerate(chances) if c.event.name}
    assert chances[own["slide"]].after == chances[own["release"]].after == (own["quake"],)


if __name__ == "__main__":
    text = json.dumps({name: figures(name) for name in EXAMPLES}, indent=1)
    EXPECTED.write_text(text + "\n", encoding="utf-8")

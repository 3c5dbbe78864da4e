"""What a restricted user can infer about hidden things by experiment: only what is documented.

Sums over a region and hours stay whole for everybody: those affected know them themselves, and a
room that gets coarser numbers trains with wrong ones. So people, service and buffer of a hidden
thing can be worked out. Whoever labels is told so.
"""

from pathlib import Path

import pytest

from data.worlds.reader import read_world
from models.cascade.timed.engine import run
from models.impact.people import EVERYBODY
from models.rights.need_to_know import WHAT_LABELS_LEAVE, notes_on_labels
from models.rights.views import view
from models.scenario import Event, Scenario
from models.units import MS_PER_HOUR
from tests.labelled import labelled_world, needles

DOCS = Path(__file__).resolve().parents[4] / "docs"


@pytest.fixture
def town(tmp_path):
    return labelled_world(tmp_path / "town")


def people_without(town, *events):
    outcome = run(town, Scenario("town", tuple(events), horizon_h=48))
    lacking = view(town, "CLEAR").people_lacking(outcome)[EVERYBODY]
    return {service: value.course for service, value in lacking.services.items()}


def test_two_runs_that_differ_in_one_event_tell_the_people_and_the_buffer_of_a_bunker(town):
    """The bunker is RED: 345 people get data from it, and it lasts 2 h without the substation."""
    calm, hit = people_without(town), people_without(town, Event(0.0, "fail", asset="grid"))
    assert {without for _, without in calm["data"]} == {0}
    began = next((t, without) for t, without in hit["data"] if without)
    assert began == (2 * MS_PER_HOUR, 345)


def test_they_do_not_tell_what_or_where_it_is(town):
    hit = people_without(town, Event(0.0, "fail", asset="grid"))
    assert not [text for text in needles(town, "CLEAR") if text.casefold() in str(hit).casefold()]


def test_a_label_on_the_service_takes_that_away(town, tmp_path):
    folder = tmp_path / "town"
    table = folder / "labels.csv"
    table.write_text(table.read_text() + "service,data,RED,the operator,\n", encoding="utf-8")
    labelled = read_world(folder)
    assert "data" not in people_without(labelled, Event(0.0, "fail", asset="grid"))


def test_whoever_labels_is_told(town, tiny_world):
    assert notes_on_labels(town) == (WHAT_LABELS_LEAVE,)
    assert notes_on_labels(tiny_world) == ()
    for page in ("reference/rights.md", "reference/format.md", "security.md"):
        text = " ".join((DOCS / page).read_text(encoding="utf-8").split())
        assert "can be worked out" in text, page

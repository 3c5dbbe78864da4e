"""Tiny hand-drawn worlds that several tests share."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from data.cache.kernels import prepare_kernels
from data.worlds.reader import read_world
from models import warmup
from tests import peopled
from tests.postgres import Cluster

# a busy machine is no counter-example; CI draws the same cases each time, people draw new ones
settings.register_profile(
    "knock-on",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("knock-on")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's stories last: its driver keeps an event loop that others trip over."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


WORLD = {"id": "tiny", "title": "Tiny town", "licence": "CC0", "attribution": "drawn by hand"}
TABLES = {
    "assets.csv": (
        "asset_id,name,asset_type,sector,lon,lat,provides,source_of,repair_h\n"
        "plant,Power plant,power_plant,energy,13.10,53.50,electricity,electricity,\n"
        "grid,Substation,substation_hv,energy,13.20,53.55,electricity,,24\n"
        "works,Water works,water_works,water,13.25,53.56,drinking water,,12\n"
        'clinic,"Hospital ""Süd"", east wing",hospital,health,13.26,53.57,acute care,,\n'
    ),
    "links.csv": ("link_id,from_id,to_id,service,length_m\nline,plant,grid,electricity,9000.5\n"),
    "dependencies.csv": (
        "group_id,consumer_id,supplier_id,service,k,autonomy_h,restart_h\n"
        "works-power,works,grid,electricity,1,8,1\n"
        "clinic-power,clinic,grid,electricity,1,24,\n"
        "clinic-water,clinic,works,drinking water,1,0.5,\n"
    ),
    "service_areas.csv": "asset_id,service,people\nworks,drinking water,1200\n",
}
SCENARIO = {
    "world": "tiny",
    "seed": 1,
    "horizon_h": 48,
    "repairs": "none",
    "events": [{"at_h": 0, "do": "fail", "asset": "grid"}],
    "measures": [],
}


@pytest.fixture
def tiny_world_folder(tmp_path: Path) -> Path:
    """A plant feeds a substation over one line; water works and hospital need the substation.

        plant --line-- grid --> works (8 h) --> clinic (30 min)
                          +----------------->  clinic (24 h)

    The works serve 1,200 people with drinking water.
    """
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "world.json").write_text(json.dumps(WORLD), encoding="utf-8")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def tiny_world(tiny_world_folder):
    """The world of ``tiny_world_folder``."""
    return read_world(tiny_world_folder)


@pytest.fixture
def haven(tmp_path: Path):
    """The town of ``tests/peopled.py``: cells, municipalities, groups."""
    return read_world(peopled.write(tmp_path / "haven"))


@pytest.fixture
def tiny_scenario() -> dict:
    """The substation of the tiny world fails at 0 h and stays down."""
    return json.loads(json.dumps(SCENARIO))


@pytest.fixture
def tiny_scenario_file(tmp_path: Path, tiny_scenario) -> Path:
    """``tiny_scenario`` as a file."""
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(tiny_scenario), encoding="utf-8")
    return path


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compile the engine before anything has a time limit; a moment where it is kept."""
    prepare_kernels()
    warmup.STEPS["the cascade engine"]()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of our own, for as long as the tests run."""
    try:
        cluster = Cluster()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    yield cluster
    cluster.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind; the SQLite file's folder does not exist yet."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").new_database()
    return f"sqlite:///{tmp_path / 'var' / 'knockon.db'}"

"""Files come by the page: who may send them, how much, and what becomes of them."""

import asyncio
from dataclasses import replace

import pytest

from api.streamed import is_streamed
from data.importers.upload_folder import UploadFolder
from settings import ROOT
from tests.integration.people import SETTINGS, House
from usecases import uploads
from usecases.uploads import shown_name

TABLE = (
    b"id,name,type,lon,lat,autonomy_h,supplier,service\n"
    b"H1,North,hospital,13.2,53.5,10,SUB9,electricity\n"
    b"H2,South,hospital,13.21,53.5,5,SUB9,electricity\n"
    b"SUB09,Main,substation_hv,13.22,53.55,,,\n"
)
OCTETS = {"content-type": "application/octet-stream"}


@pytest.fixture
def house(tiny_world, tiny_scenario, tmp_path):
    settings = replace(SETTINGS, data_dir=tmp_path / "var")
    house = House(tiny_world, f"sqlite:///{tmp_path / 'k.db'}", tiny_scenario, settings)
    yield house
    house.close()


async def begin(person):
    answer = await person.ask("POST", "/api/imports", json={})
    assert answer.status_code == 201, answer.text
    return f"/api/imports/{answer.json()['id']}"


async def send(person, where, content, name="list.csv", **more):
    return await person.ask(
        "PUT", f"{where}/files", params={"name": name}, content=content, headers=OCTETS, **more
    )


async def ended(person, where):
    async with asyncio.timeout(120):
        while True:
            state = (await person.ask("GET", where)).json()
            if state["state"] not in ("waiting", "running"):
                return state
            await asyncio.sleep(0.1)


def test_a_table_is_shown_corrected_and_becomes_a_world(house, tmp_path):
    leader = house.leader(session="Storm")

    async def story():
        where = await begin(leader)
        assert (await send(leader, where, TABLE, "../../hospitals.csv")).status_code == 201
        recipe = {"layers": {"hospitals": {"columns": {"name": None}}}}
        answer = await leader.ask("POST", f"{where}/preview", json={"recipe": recipe})
        (file,) = answer.json()["files"]
        (layer,) = file["layers"]
        by_header = {column["header"]: column for column in layer["columns"]}
        assert (file["kind"], layer["rows"], layer["becomes"]) == ("CSV", 3, "assets")
        assert by_header["supplier"]["field"] == "supplier_id"
        assert by_header["name"]["field"] is None
        assert (await leader.ask("POST", f"{where}/start", json={})).status_code == 202
        first = await ended(leader, where)
        names = {"names": {"SUB9": "SUB09"}}
        await leader.ask("POST", f"{where}/start", json={"recipe": names, "title": "Town"})
        return first, await ended(leader, where)

    first, second = asyncio.run(story())
    (group,) = [group for group in first["report"]["groups"] if group["mend"]]
    assert group["mend"] == {"section": "names", "wrong": "SUB9", "right": "SUB09"}
    assert (group["count"], group["rows"], group["column"]) == (2, [2, 3], "supplier")
    assert group["file"] == "hospitals.csv"
    assert not [group for group in second["report"]["groups"] if group["mend"]]
    assert second["report"]["dependencies"]["declared"] == 2
    assert len(list((tmp_path / "var" / "worlds").iterdir())) == 2
    assert not list(tmp_path.rglob("../hospitals.csv"))


def test_what_cannot_be_read_is_said_and_nothing_is_written(house, tmp_path):
    leader = house.leader(session="Storm")

    async def story(content, name):
        where = await begin(leader)
        await send(leader, where, content, name)
        await leader.ask("POST", f"{where}/start", json={})
        state = await ended(leader, where)
        await leader.ask("DELETE", where)
        return state

    for content, name in ((b"\x00\x01nonsense", "a.pbf"), (b"id,lon\nx,notanumber\n", "b.csv")):
        state = asyncio.run(story(content, name))
        assert state["state"] == "failed"
        assert name in state["problems"][0]
        assert "Traceback" not in str(state)
    assert not (tmp_path / "var" / "worlds").exists()
    assert not list((tmp_path / "var" / "uploads").iterdir())


def test_only_who_leads_may_import_and_only_their_own(house):
    leader, other = house.leader(session="Storm"), house.leader("Ines", session="Flood")
    guest = house.guest(leader)
    assert guest.post("/api/imports").status_code == 403
    where = asyncio.run(begin(leader))
    assert other.get(where).status_code == 404
    assert asyncio.run(send(other, where, TABLE)).status_code == 404
    assert asyncio.run(send(guest, where, TABLE)).status_code == 403
    assert asyncio.run(send(house.person(), where, TABLE)).status_code == 401


def test_size_and_number_of_files_are_bounded(house, tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 1_000)
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    leader = house.leader(session="Storm")

    async def story():
        where = await begin(leader)
        large = await send(leader, where, b"x" * 1_001)
        empty = await send(leader, where, b"")
        answers = [await send(leader, where, TABLE) for _ in range(3)]
        state = (await leader.ask("GET", where)).json()
        return large, empty, [a.status_code for a in answers], state

    large, empty, codes, state = asyncio.run(story())
    assert (large.status_code, empty.status_code) == (409, 409)
    assert "larger than" in large.json()["error"]
    assert codes == [201, 201, 409]
    assert len(state["files"]) == 2
    assert len(list((tmp_path / "var" / "uploads").rglob("content"))) == 2


def test_all_uploads_of_a_person_share_one_bound(house, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES_PER_PERSON", 400)
    leader = house.leader(session="Storm")

    async def story():
        first, second = await begin(leader), await begin(leader)
        return [(await send(leader, w, TABLE)).status_code for w in (first, second, second)]

    assert asyncio.run(story())[0] == 201
    assert 409 in asyncio.run(story())


def test_an_upload_from_another_site_or_as_a_form_is_refused(house):
    leader = house.leader(session="Storm")
    where = asyncio.run(begin(leader))
    for headers in (
        {**OCTETS, "sec-fetch-site": "cross-site"},
        {**OCTETS, "origin": "https://evil.example"},
        {"content-type": "text/plain"},
    ):
        answer = leader.request("PUT", f"{where}/files?name=a", content=TABLE, headers=headers)
        assert answer.status_code in (403, 415), headers


def test_only_the_route_of_uploads_is_streamed():
    scope = {"type": "http", "method": "PUT", "path": "/api/imports/abc/files"}
    assert is_streamed(scope)
    assert not is_streamed({**scope, "method": "POST"})
    assert not is_streamed({**scope, "path": "/api/imports/abc/files/1"})
    assert not is_streamed({**scope, "path": "/api/session"})


def folder_of(tmp_path, code):
    worker = ("/bin/sh", "-c", code)
    return UploadFolder(tmp_path / "up", tmp_path / "worlds", "abc", code=ROOT, worker=worker)


def test_a_worker_that_takes_too_long_is_killed(tmp_path):
    folder = folder_of(tmp_path, "echo '{\"share\": 0.5}'; sleep 60")
    seen = []
    with pytest.raises(TimeoutError):
        asyncio.run(folder.run({"files": []}, seen.append, 1.0))
    assert seen == [{"share": 0.5}]


def test_a_worker_that_dies_is_noticed(tmp_path):
    with pytest.raises(ChildProcessError):
        asyncio.run(folder_of(tmp_path, "exit 9").run({"files": []}, lambda _: None, 30.0))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Krankenhäuser.xlsx", "Krankenhäuser.xlsx"),
        ("a\x00b\n<script>.csv", "a_b__script_.csv"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".osm.pbf", "x" * 48 + ".pbf"),
    ],
)
def test_names_hold_nothing_that_a_path_could_use(name, shown):
    assert shown_name(name) == shown

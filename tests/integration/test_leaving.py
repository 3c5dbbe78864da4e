"""What leaves the room, over HTTP: every kind of file, comparisons, options; and bad questions."""

import asyncio
import io
import json
import zipfile
from dataclasses import replace

import httpx
import pytest
from pypdf import PdfReader

from app import create_app
from data.store.scenarios import Store
from layouts.paper.outgoing import KINDS
from layouts.words import Labels
from models.access import LOCAL_USER, NotAllowedError, Who, as_asked_by
from settings import Settings
from usecases import leaving
from usecases.comparing import Comparing
from usecases.compute.computer import Computer
from usecases.desk import Desk
from usecases.editing import write
from usecases.seat import take_seat

FILES, CHOICES, COMPARE = "/api/files", "/api/comparisons/choices", "/api/comparisons"
HOUR = 3_600_000
STARTS = {
    "pdf": b"%PDF-", "html": b"<!doctype html>", "png": b"\x89PNG", "svg": b"<svg ",
    "mail": b"Grid",
    "geojson": b'{"type": "FeatureCollection"', "gpkg": b"SQLite format 3", "csv": b"PK",
    "cap": b"<?xml",
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path / 'k.db'}")
    yield made
    made.close()


@pytest.fixture
def app(tiny_world, store):
    return create_app(tiny_world, store, Settings(workers=0))


@pytest.fixture
def saved(store, tiny_scenario):
    return store.create("tiny", "Grid", {**tiny_scenario, "title": "Grid"})


@pytest.fixture
def option(store, saved):
    """Option B: the works get power at 4 h."""
    made = store.branch(saved.id, "Option B")
    supply = {"at_h": 4.0, "do": "supply", "asset": "works", "service": "electricity"}
    plain = {**made.plain, "events": [*made.plain["events"], supply]}
    return store.write(made.id, plain, made.revision)


def _post(app, *questions):
    """Ask one after the other and return the answers."""

    async def run():
        transport = httpx.ASGITransport(app=app.server)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return [await client.post(path, **how) for path, how in questions]

    return asyncio.run(run())


def _request(saved, **more):
    return {"json": {"scenario": saved.id, "rev": saved.revision, "at_ms": 4 * HOUR, **more}}


def test_every_kind_of_file_is_made_and_named(app, saved):
    answers = _post(app, *((FILES, _request(saved, kind=kind)) for kind in KINDS))
    for kind, answer in zip(KINDS, answers, strict=True):
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(STARTS[kind])
        assert answer.headers["content-type"] == KINDS[kind].media_type
        name = f'attachment; filename="grid-240min-{KINDS[kind].ending}"'
        assert answer.headers["content-disposition"] == name
        assert "sandbox" in answer.headers["content-security-policy"]
    packed = zipfile.ZipFile(io.BytesIO(answers[list(KINDS).index("csv")].content))
    assert packed.namelist() == ["outcome.csv", "outcome.csv.licence.txt"]


def test_the_label_stands_on_it_and_only_known_ones_do(app, saved):
    good, bad = _post(
        app,
        (FILES, _request(saved, kind="html", label="TLP:RED")),
        (FILES, _request(saved, kind="html", label="<b>secret</b>")),
    )
    assert good.text.count("TLP:RED") == 2
    assert bad.status_code == 400


@pytest.fixture
def marking(tiny_world, store):
    """The application with the language of tests."""
    return create_app(tiny_world, store, Settings(workers=0, pseudo_language=True))


def test_files_are_in_the_language_of_who_asks_and_data_in_none(marking, saved, option):
    """Names of columns and values are for tools: they are the same in every language."""
    kinds = list(KINDS)
    requests = [_request(option, kind=kind) for kind in kinds]
    answers = _post(
        marking, *((f"{FILES}?lang={code}", how) for code in ("xx", "en") for how in requests)
    )
    localised, english = (
        {kind: item.content for kind, item in zip(kinds, some, strict=True)}
        for some in (answers[: len(kinds)], answers[len(kinds) :])
    )
    assert b'<html lang="xx">' in localised["html"] and b'<html lang="en">' in english["html"]
    assert "⟦Option B (this one)⟧" not in english["html"].decode()
    assert "(this one)⟧" in localised["html"].decode()
    assert PdfReader(io.BytesIO(localised["pdf"])).trailer["/Root"]["/Lang"] == "xx"
    for kind in ("svg", "mail", "cap"):
        assert "⟦" in localised[kind].decode() and "⟦" not in english[kind].decode()
    assert b"<language>xx</language>" in localised["cap"] and b"<language>en<" in english["cap"]
    for kind in ("geojson", "gpkg", "csv"):
        assert localised[kind] == english[kind]


def test_all_options_are_in_the_briefing(app, saved, option):
    (answer,) = _post(app, (FILES, _request(option, kind="html")))
    assert "Option B (this one)" in answer.text
    assert "Option A" in answer.text


def test_a_warning_says_what_was_decided(app, saved):
    ring = [[13.0, 53.0], [14.0, 53.0], [14.0, 54.0], [13.0, 53.0]]
    decided = {"status": "Test", "severity": "Severe", "polygon": ring}
    (answer,) = _post(app, (FILES, _request(saved, kind="cap", **decided)))
    assert "<status>Test</status>" in answer.text
    assert "<severity>Severe</severity>" in answer.text
    assert "53.0000,13.0000 53.0000,14.0000" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "exe"}, {"kind": "pdf", "at_ms": -1}, {"kind": "pdf", "more": 1},
        {"kind": "cap", "sender": "a b"}, {"kind": "cap", "polygon": [[200, 0]] * 4},
        {"kind": "cap", "polygon": [[13.0, 53.0]] * 201}, {"kind": "pdf", "scenario": "../x"},
        {"kind": "pdf", "at_ms": True}, {},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(app, saved, wrong):
    (answer,) = _post(app, (FILES, {"json": wrong}))
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_what_cannot_be_done_is_said(app, saved):
    late, unknown, form, open_ring = _post(
        app,
        (FILES, _request(saved, kind="pdf") | {"json": _request(saved, kind="pdf")["json"]
                                             | {"at_ms": 49 * HOUR}}),
        (FILES, {"json": {"kind": "pdf", "scenario": "nobody", "rev": 1}}),
        (FILES, {"content": "kind=pdf", "headers": {"content-type": "text/plain"}}),
        (FILES, _request(saved, kind="cap", polygon=[[13.0, 53.0], [14.0, 53.0]])),
    )  # fmt: skip
    assert late.status_code == unknown.status_code == open_ring.status_code == 409
    assert "beyond" in late.json()["error"]
    assert "No scenario" in unknown.json()["error"]
    assert "closed ring" in open_ring.json()["error"]
    assert form.status_code == 415


def test_too_many_at_once_are_asked_to_wait(tiny_world, store, saved):
    """Those under way end; one more than that is refused at once and nothing hangs."""
    computer = Computer(tiny_world, Labels(), workers=0)
    desk = Desk(tiny_world, Labels(), store, computer, lambda *_: None)
    made = leaving.Leaving(desk)

    async def steps():
        gate = asyncio.Event()

        async def slow(*_):
            await gate.wait()
            return b"made"

        computer.file = slow
        one = [
            asyncio.ensure_future(made.make((saved.id, 1), 0, "png", "", {}))
            for _ in range(leaving.AT_ONCE)
        ]
        while made._under_way < leaving.AT_ONCE:
            await asyncio.sleep(0)
        with pytest.raises(Exception, match="Try again in a moment"):
            await made.make((saved.id, 1), 0, "png", "", {})
        with as_asked_by(replace(LOCAL_USER, id="another")):
            others = asyncio.ensure_future(made.make((saved.id, 1), 0, "png", "", {}))
        await asyncio.sleep(0)
        gate.set()
        assert (await others).body == b"made"
        return [answers.body for answers in await asyncio.gather(*one)], made._under_way

    with as_asked_by(LOCAL_USER):
        answers = asyncio.run(steps())
    assert answers == ([b"made"] * leaving.AT_ONCE, 0)
    computer.close()


# ------------------------------------------------------------------ comparisons


def test_the_choices_are_the_family_and_what_can_be_left_out(app, saved, option):
    (answer,) = _post(app, (CHOICES, {"json": {"scenario": option.id, "rev": option.revision}}))
    choices = answer.json()
    assert choices["shown"] == f"option:{option.id}"
    named = {choice["key"]: choice["name"] for choice in choices["choices"]}
    assert named[f"option:{saved.id}"] == "Option A"
    assert named[f"option:{option.id}"] == "Option B"
    assert {"bare", "nothing"} <= named.keys()


def test_an_empty_page_can_be_compared_with_nothing_only(app):
    (answer,) = _post(app, (CHOICES, {"json": {}}))
    assert [choice["key"] for choice in answer.json()["choices"]] == ["now", "nothing"]


def test_two_options_are_compared_in_numbers_words_and_pictures(app, saved, option):
    keys = [f"option:{saved.id}", f"option:{option.id}"]
    request = {"json": {"scenario": option.id, "rev": option.revision, "keys": keys}}
    (answer,) = _post(app, (COMPARE, request))
    compared = answer.json()
    assert compared["head"] == ["", "Option A", "Option B"]
    assert compared["counts"] == {"saved": 1, "better": 1, "worse": 0, "lost": 0}
    assert "B saves 48,000 person-hours." in compared["outcome"]
    assert compared["changed"] == ["Water works gets emergency electricity at 4 h"]
    assert [1, 2, "best"] in compared["marks"] and [1, 1, "worst"] in compared["marks"]
    assert len(compared["pictures"]) == 2
    assert compared["acts"][1][0]["text"].startswith("Water works gets emergency")


@pytest.mark.parametrize("keys", [["now", "now"], ["nothing", "option:else"], ["ready:x", "bare"]])
def test_what_is_not_there_to_choose_is_refused(app, saved, keys):
    (answer,) = _post(app, (COMPARE, {"json": {"keys": keys}}))
    assert answer.status_code == 409
    assert "Choose two different futures" in answer.json()["error"]


def test_an_option_of_another_family_cannot_be_had(app, store, saved, tiny_scenario):
    other = store.create("tiny", "Other", tiny_scenario)
    keys = [f"option:{saved.id}", f"option:{other.id}"]
    (answer,) = _post(app, (COMPARE, {"json": {"scenario": saved.id, "rev": 1, "keys": keys}}))
    assert answer.status_code == 409


# ---------------------------------------------------------------------- options


@pytest.fixture
def act(tiny_world, store):
    """Make a change as the page does."""
    computer = Computer(tiny_world, Labels(), workers=0)
    desk = Desk(tiny_world, Labels(), store, computer, lambda *_: None)

    def made(scenario, who=LOCAL_USER, **action):
        with as_asked_by(who):
            return asyncio.run(write.act(take_seat(desk), scenario, action))

    yield made
    computer.close()


def test_an_option_is_started_opened_put_away_and_brought_back(act, store, saved):
    begun = act(saved.id, do="branch", name="Option B", base_rev=1).scenario
    assert begun["id"] != saved.id and begun["plain"] == saved.plain
    back = act(begun["id"], do="open_option", id=saved.id).scenario
    assert back["id"] == saved.id
    gone = act(begun["id"], do="delete_option", id=begun["id"], base_rev=1).scenario
    assert gone["id"] == saved.id
    assert [branch.id for branch in store.branches(saved.id)] == [saved.id]
    again = act(saved.id, do="restore_option", id=begun["id"]).scenario
    assert again["id"] == begun["id"]
    assert len(store.branches(saved.id)) == 2


def test_an_option_starts_from_what_the_page_showed(act, store, saved):
    store.write(saved.id, {**saved.plain, "horizon_h": 24.0}, 1)
    begun = act(saved.id, do="branch", name="As it was", base_rev=1).scenario
    assert begun["plain"]["horizon_h"] == 48


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"do": "delete_option", "id": "SAVED"}, "only option"),
        ({"do": "open_option", "id": "OTHER"}, "no option of this scenario"),
        ({"do": "restore_option", "id": "OTHER"}, "no option of this scenario"),
        ({"do": "delete_option", "id": "OTHER"}, "no option of this scenario"),
        ({"do": "open_option", "id": "nobody"}, "No scenario"),
        ({"do": "open_option", "id": "../../etc"}, "cannot be made"),
        ({"do": "branch", "name": "x" * 81}, "cannot be made"),
        ({"do": "branch", "name": ""}, "cannot be made"),
    ],
)
def test_what_cannot_be_done_with_an_option_is_said(
    act, store, saved, tiny_scenario, action, message
):
    ids = {"SAVED": saved.id, "OTHER": store.create("tiny", "Other", tiny_scenario).id}
    action = {name: ids.get(value, value) for name, value in action.items()}
    answer = act(saved.id, **action, base_rev=1)
    assert message in answer.text
    assert json.dumps(store.get(saved.id).plain) == json.dumps(saved.plain)


def test_an_option_needs_a_scenario(act):
    assert "Change something first" in act(None, do="branch", name="B").text


# ------------------------------------------------------------------ who may


OBSERVER = Who("o", "Otto", "observer", frozenset(), "RED")


@pytest.mark.parametrize("what", ["branch", "delete_option", "restore_option"])
def test_options_belong_to_all_so_only_who_leads_changes_them(act, store, saved, what):
    how = {"name": "B"} if what == "branch" else {"id": saved.id}
    assert "You are an observer" in act(saved.id, OBSERVER, do=what, base_rev=1, **how).text
    works_in = replace(OBSERVER, role="participant", sectors=None)
    text = act(saved.id, works_in, do=what, base_rev=1, **how).text
    assert "Only the facilitator can change this" in text
    assert len(store.branches(saved.id)) == 1


def test_who_looks_on_may_open_another_option(act, store, saved):
    other = store.branch(saved.id, "Option B")
    assert act(saved.id, OBSERVER, do="open_option", id=other.id).scenario["id"] == other.id


def _labelled(world, label):
    assets = {**world.assets, "grid": replace(world.assets["grid"], tlp=label)}
    return replace(world, assets=assets)


def _by(who, work):
    with as_asked_by(who):
        return asyncio.run(work)


def test_what_is_made_of_everything_is_not_for_who_may_not_see_everything(tiny_world, store, saved):
    computer = Computer(_labelled(tiny_world, "AMBER"), Labels(), workers=0)
    desk = Desk(_labelled(tiny_world, "AMBER"), Labels(), store, computer, lambda *_: None)
    shown, little = (saved.id, 1), replace(OBSERVER, clearance="GREEN")
    with pytest.raises(NotAllowedError, match="things that you may not see"):
        _by(little, leaving.Leaving(desk).make(shown, 0, "mail", "", {}))
    with pytest.raises(NotAllowedError, match="things that you may not see"):
        _by(little, Comparing(desk).compare(shown, [f"option:{saved.id}", "nothing"]))
    computer.close()


def test_a_briefing_is_no_more_open_than_what_is_in_it():
    assert leaving.at_least("", ()) == ""
    assert leaving.at_least("TLP:GREEN", ()) == "TLP:GREEN"
    assert leaving.at_least("", ("GREEN", "AMBER")) == "TLP:AMBER"
    assert leaving.at_least("TLP:GREEN", ("GREEN", "AMBER")) == "TLP:AMBER"
    assert leaving.at_least("TLP:RED", ("GREEN", "AMBER")) == "TLP:RED"

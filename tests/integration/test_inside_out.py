"""The walk from the inside out: six people who may see less, and every byte that they are sent.

A town is drawn by lot, with all labels. Somebody who sees all of it leads a session whose every
text names hidden things: its name, a scenario, its log, options, files taken, a running exercise,
a public map. Then each of the six asks everything there is, and errors are provoked.
"""

import asyncio

import pytest

from data.worlds.reader import read_world
from models.access import LABELS
from models.rights.views import view
from tests.integration.people import House, token
from tests.integration.test_need_to_know import every_route, walk
from tests.integration.test_words import watched
from tests.labelled import digests, leaks, write_generated

PEOPLE = (
    ("facilitator", "CLEAR"),
    ("facilitator", "AMBER"),
    ("participant", "CLEAR"),
    ("participant", "AMBER+STRICT"),
    ("observer", "CLEAR"),
    ("observer", "GREEN"),
)
SEEDS = (1, 2)


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    """Let everybody ask as fast as a test does."""
    monkeypatch.setattr("api.limits.Buckets.wait_s", lambda *_: 0.0)


@pytest.fixture(params=SEEDS)
def house(request, tmp_path):
    world = read_world(write_generated(tmp_path / "town", request.param))
    house = House(world, f"sqlite:///{tmp_path / 'house.db'}", story(world))
    yield house
    house.close()


def named(world):
    """Return the names of all that has a label, in one text."""
    return " ".join(asset.name for asset in world.assets.values() if asset.tlp != "CLEAR")[:110]


def story(world):
    """Return a scenario about everything there is."""
    listed = list(world.assets)
    return {
        "world": "town", "title": named(world), "note": named(world), "horizon_h": 48,
        "events": [{"at_h": n, "do": "fail", "asset": a, "note": world.assets[a].name}
                   for n, a in enumerate(listed)],
        "measures": [],
    }  # fmt: skip


def shared(house):
    """Lead a session in which everything names something; return the leader and what there is."""
    world = house.app_world
    leader = house.leader(session=f"About {named(world)}"[:100])
    scenario = leader.act(leader.open()["scenario"], do="open_ready", name="night")["scenario"]
    hidden = [a for a, asset in world.assets.items() if asset.tlp == "RED"]
    scenario = leader.act(scenario, do="settings", title=named(world))["scenario"]
    scenario = leader.act(scenario, do="remove_event", index=0)["scenario"]
    scenario = leader.act(scenario, do="fail", assets=hidden, at_h=20)["scenario"]
    option = leader.act(scenario, do="branch", name=f"Without {named(world)}"[:80])["scenario"]
    order = {"scenario": scenario["id"], "rev": scenario["rev"], "at_ms": 0}
    assert leader.post("/api/files", **order, kind="csv").status_code == 200
    leader.post("/api/session/public", scenario=scenario["id"])
    injects = [
        {"id": a[:40], "at_min": n, "kind": "message", "title": world.assets[a].name, "text": a}
        for n, a in enumerate(hidden)
    ]
    injects += [
        {"id": f"hit-{hidden[0]}", "at_min": 8, "kind": "knock_out", "title": "Hit", "at_h": 0,
         "assets": list(world.assets)[:2]},
        {"id": f"ask-{hidden[0]}", "at_min": 9, "kind": "question", "title": named(world),
         "bands_h": [4.0], "at_h": 0},
    ]  # fmt: skip
    plan = leader.post("/api/exercises", plan={"title": named(world), "injects": injects}).json()
    run = leader.post(f"/api/exercises/{plan['id']}/runs").json()["id"]
    leader.post(f"/api/runs/{run}", do="start")
    for inject in injects:
        done = leader.post(f"/api/runs/{run}", do="release", inject=inject["id"])
        assert done.status_code == 200, done.text
    leader.post(f"/api/runs/{run}", do="note", text=named(world))
    leader.post(f"/api/runs/{run}", do="decide", text=named(world), reason=named(world))
    leader.post(f"/api/runs/{run}", do="reveal", id=injects[-1]["id"])
    played = leader.get(f"/api/runs/{run}").json()["scenario"]
    return leader, scenario, option, played, (plan["id"], run)


def errors(person, leader, scenario, hour, *, may_change):
    """Provoke errors: collisions, stale and missing revisions, near and wrong ids."""
    world = person.town
    red = next(a for a, asset in world.assets.items() if asset.tlp == "RED")
    clear = next(a for a, asset in world.assets.items() if asset.tlp == "CLEAR")
    now = person.open(f"?s={scenario['id']}")["scenario"]
    made = person.act(now, do="fail", assets=[clear], at_h=hour)
    assert ("scenario" in made) == may_change, made
    mine = made.get("scenario", now)
    leader.act(leader.open(f"?s={scenario['id']}")["scenario"], do="fail", assets=[red], at_h=hour)
    for action in (
        {"do": "undo"}, {"do": "redo"}, {"do": "undo", "base_rev": 1},
        {"do": "fail", "assets": [clear], "at_h": hour, "base_rev": 1},
        {"do": "fail", "assets": [red[:-1]], "at_h": 1, "base_rev": 1},
        {"do": "remove_event", "index": 0, "base_rev": 2},
        {"do": "open_ready", "name": "nigh"}, {"do": "settings", "horizon_h": 1},
        {"do": "open_option", "id": "nowhere"}, {"do": "x"}, {},
    ):  # fmt: skip
        person.call("action.data", action, mine)


async def streams(person, ids):
    for item_id in ids:
        async with person.watch({"id": item_id, "rev": 0}, "walkwalkwalk") as watch:
            await watch.until(lambda stream: b"event: change" in stream.told or stream.over)
            person.bodies.append((f"stream of {item_id}", watch.told))


def digested(house, scenarios):
    """Return hashes of all that is kept whole: the world, and each revision of each scenario."""
    store = house.store.within(scenarios[0])
    kept = [store.get(scenario, rev).plain for scenario in scenarios[1:]
            for rev in range(1, store.get(scenario).revision + 1)]  # fmt: skip
    world = house.app_world
    return {world.sha256[:12]: "the world", **digests(kept)}


def test_nobody_is_sent_a_byte_of_what_is_hidden_from_them(house):
    leader, scenario, option, played, (plan, run) = shared(house)
    ids = [scenario["id"], option["id"], played]
    world = house.app_world
    found = []
    for number, (role, clearance) in enumerate(PEOPLE):
        link = token(leader, role, None, clearance)
        stranger = watched(house.person())
        stranger.post("/api/join/look", token=link)
        person = watched(house.person())
        person.town = world
        assert person.post("/api/join", token=link, name=f"P{number}").status_code == 200
        walk(person, scenario)
        screened_as_can(person, scenario)
        for item_id in ids:
            person.get(f"/api/scenarios/{item_id}/log")
            person.get(f"/api/scenarios/{item_id}/news?rev=0&v=walkwalk")
            person.get(f"/public/{item_id}/map.json")
        of_run = (f"runs/{run}", f"runs/{run}?room=true", f"runs/{run}/debrief.json")
        rest = ("exercises", "audit.csv", "audit.json", "session", "me")
        for path in (f"exercises/{plan}", *of_run, *rest):
            person.get(f"/api/{path}")
        for do, key in (("answer", "inject"), ("predict", "id"), ("release", "inject")):
            person.post(f"/api/runs/{run}", do=do, **{key: "nothin"}, answer="x")
        asyncio.run(streams(person, ids))
        errors(person, leader, scenario, 30 + number, may_change=role != "observer")
        but = ("/api/sign-out", "/api/session", "/api/members", "/api/invitations")
        assert every_route(person, scenario, but=but) > 40
        parts = [*stranger.bodies, *person.bodies]
        found += [f"{role} {clearance}: {leak}" for leak in leaks(parts, world, clearance)]
        hashes = digested(house, [leader.me["session"]["id"], *ids])
        found += [f"{role} {clearance}: {where}: {what}" for where, body in parts
                  for digest, what in hashes.items() if digest.encode() in body]  # fmt: skip
        assert len(parts) > 300
    assert found == []


def screened_as_can(person, scenario):
    """Screen, where a person's view has what is screened."""
    ask = {"scenario": scenario["id"], "rev": scenario["rev"], "at_ms": 0}
    for kind in ("single", "pairs"):
        begun = person.post("/api/screenings", **ask, kind=kind).json()
        person.get(f"/api/screenings/{begun.get('id')}")
    for asset in person.town.assets:
        person.post("/api/what-if", **ask, asset=asset)


def test_the_search_finds_what_a_whole_view_is_sent(house):
    leader, scenario, _option, _played, (_, run) = shared(house)
    watched(leader)
    leader.town = house.app_world
    leader.open(f"?s={scenario['id']}")
    leader.get(f"/api/runs/{run}")
    leader.get("/healthz")
    for clearance in LABELS[:-1]:
        assert view(house.app_world, clearance).hidden
        assert leaks(leader.bodies, house.app_world, clearance)
    digest = house.app_world.sha256[:12].encode()
    assert any(digest in body for _, body in leader.bodies)

"""What tests of shared sessions do again and again."""

from sqlalchemy import text

FAIL_GRID = {"do": "fail", "assets": ["grid"], "at_h": 0}


def shared_scenario(leader):
    return leader.open()["scenario"]


def set_column(house, statement, **values):
    with house.database.writing() as db:
        db.execute(text(statement), values)


def revision(leader):
    return shared_scenario(leader)["rev"]


def leader_with(house, cookies):
    person = house.person()
    person.cookies.update(cookies)
    return person


def refused(house, secret):
    person = house.person()
    looked = person.post("/api/join/look", token=secret)
    joined = person.post("/api/join", token=secret, name="Eve")
    assert looked.status_code == joined.status_code == 409
    assert not dict(person.cookies)
    return joined.json()["error"]


def guess(person, name="Mara"):
    return person.post("/api/sign-in", name=name, password="wrong password")  # noqa: S106


def member(leader, name):
    (member,) = [m for m in leader.get("/api/session").json()["members"] if m["name"] == name]
    return member

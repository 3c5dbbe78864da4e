"""Rights end with their root, and the audit log tells."""

import csv
import io

import pytest

from tests.integration.people import PASSWORD, token
from tests.integration.sharing.helpers import member, set_column

# ------------------------------------------------------------------ rights end with their root


@pytest.fixture
def line_of_guests(house, leader):
    """Mara let in Gil, who leads too; Gil let in Ina; she leads too, and let in Jo."""
    gil = house.guest(leader, "facilitator", None, "Gil", clearance="AMBER")
    ina = house.guest(gil, "facilitator", None, "Ina", clearance="AMBER")
    return gil, ina, house.guest(ina, name="Jo")


def test_the_overview_tells_who_let_in_whom(leader, line_of_guests):
    members = leader.get("/api/session").json()["members"]
    names = {member["id"]: member["name"] for member in members}
    hosts = {member["name"]: names.get(member["host"]) for member in members}
    assert hosts == {"Mara": None, "Gil": "Mara", "Ina": "Gil", "Jo": "Ina"}
    invitations = leader.get("/api/session").json()["invitations"]
    assert sorted(invitation["host"] for invitation in invitations) == ["Gil", "Ina", "Mara"]


@pytest.mark.parametrize("by_link", [False, True])
def test_who_goes_takes_along_every_link_and_place_that_came_from_them(
    house, leader, line_of_guests, by_link
):
    gil, ina, jo = line_of_guests
    open_link = token(ina)
    stays = house.guest(leader, name="Ida")
    (link,) = [
        invitation["id"]
        for invitation in leader.get("/api/session").json()["invitations"]
        if invitation["host"] == "Mara" and invitation["role"] == "facilitator"
    ]
    where = f"/api/invitations/{link}" if by_link else f"/api/members/{member(leader, 'Gil')['id']}"
    assert leader.delete(where).status_code == 200
    for person in (gil, ina, jo):
        assert person.get("/api/me").status_code == 401
    assert stays.me["name"] == "Ida"
    late = house.person().post("/api/join", token=open_link, name="Late")
    assert late.status_code == 409
    left = [
        invitation
        for invitation in leader.get("/api/session").json()["invitations"]
        if invitation["open"]
    ]
    assert {item["host"] for item in left} == {"Mara"}


def test_nobody_puts_out_who_started_the_session_or_let_them_in(house, leader, line_of_guests):
    gil, ina, _ = line_of_guests
    mara, above = member(leader, "Mara")["id"], member(leader, "Gil")["id"]
    other = house.guest(leader, "facilitator", None, "Eva", clearance="AMBER")
    for person, name in ((gil, mara), (ina, mara), (other, mara), (ina, above)):
        assert person.delete(f"/api/members/{name}").status_code == 403
    assert leader.me["role"] == gil.me["role"] == "facilitator"
    assert other.delete(f"/api/members/{above}").status_code == 200


def test_a_link_that_was_being_made_by_who_was_put_out_lets_nobody_in(house, leader):
    gil = house.guest(leader, "facilitator", None, "Gil", clearance="AMBER")
    late = token(gil)
    leader.delete(f"/api/members/{member(leader, 'Gil')['id']}")
    set_column(house, "UPDATE invitation SET revoked = NULL")  # as if it had come a moment later
    assert house.person().post("/api/join", token=late, name="Late").status_code == 409


def test_a_changed_password_and_a_disabled_account_end_older_cookies(house, leader):
    again = house.leader()
    house.accounts.set_password("Mara", PASSWORD + " anew", by="test")
    assert [item.get("/api/me").status_code for item in (leader, again)] == [401, 401]
    new = house.person()
    answer = new.post("/api/sign-in", name="Mara", password=PASSWORD + " anew")
    assert answer.status_code == 200
    house.accounts.disable("Mara", by="test")
    house.accounts.disable("Mara", by="test", again=True)
    assert new.get("/api/me").status_code == 401


# ------------------------------------------------------------------ audit log


def test_the_audit_log_tells_who_did_what_and_keeps_no_secret(house, leader):
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]
    guest.act(scenario, do="fail", assets=["works"])
    (member,) = [m for m in leader.get("/api/session").json()["members"] if m["name"] == "Jonas"]
    request = {"scenario": scenario["id"], "rev": scenario["rev"], "at_ms": 0, "kind": "csv"}
    assert leader.post("/api/files", **request, label="TLP:RED").status_code == 200
    leader.delete(f"/api/members/{member['id']}")
    lines = leader.get("/api/audit.json").json()["audit"]
    acts = [(line["who"].split(" (")[0], line["what"]) for line in lines]
    for act in (("Mara", "started the session"), ("Mara", "made an invitation"),
                ("Jonas", "joined"), ("Jonas", "scenario changed"), ("Mara", "took a file"),
                ("Mara", "put out")):  # fmt: skip
        assert act in acts
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert sorted(line["made_at"] for line in lines) == [line["made_at"] for line in lines]
    table = list(csv.DictReader(io.StringIO(leader.get("/api/audit.csv").text)))
    assert [row["what"] for row in table][: len(lines)] == [line["what"] for line in lines]
    assert table[-1]["what"] == "took the audit log"  # that the first was taken is in the second


def test_a_name_is_no_formula_in_the_exported_table(house, leader):
    house.guest(leader, name="=HYPERLINK(1)")
    cells = [row["who"] for row in csv.DictReader(io.StringIO(leader.get("/api/audit.csv").text))]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)


def test_refused_passwords_are_in_the_log_but_not_what_was_typed(house):
    house.accounts.add("Mara", PASSWORD, by="test")
    for name in ("Mara", "typed my password here"):
        house.person().post("/api/sign-in", name=name, password="secret password 1")  # noqa: S106
    lines = [line for line in house.sessions.audit() if line.what == "was not let in"]
    assert [line.who for line in lines] == ["Mara", "somebody"]
    assert "typed" not in str(lines)
    assert "secret" not in str(lines)


def test_participants_who_fill_the_session_stop_themselves_but_nobody_who_leads(
    house, leader, monkeypatch
):
    monkeypatch.setattr("data.store.quota.BYTES_OF_SESSION", 1_000)
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]
    for hour in range(40):
        told = guest.act(scenario, do="fail", assets=["works"], at_h=hour)
        if "message" in told:
            break
        scenario = told["scenario"]
    assert "within a day" in told["message"]["text"]
    now = leader.open()["scenario"]
    assert leader.act(now, do="fail", assets=["grid"])["scenario"]["rev"] == now["rev"] + 1

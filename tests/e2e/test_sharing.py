"""Share a picture: start a session, invite by link and code, join, change one's own, be put out."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    SUBSTATION,
    events,
    notice,
    open_ready,
    select,
    wait_for_events,
    wait_for_state,
    wait_until_usable,
)
from tests.e2e.running import ROOT, running_app

PASSWORD = "correct horse battery"  # noqa: S105  of tests alone
#: what a story is told by the server is told by the browser on its console as well
REFUSED = r"HTTP 401|status of 401|HTTP 403|status of 403"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The application as an organisation runs it, with one account."""
    folder = tmp_path_factory.mktemp("shared")
    url = f"sqlite:///{folder / 'knockon.db'}"
    subprocess.run(
        [sys.executable, "cli.py", "account", "add", "Mara"],
        cwd=ROOT,
        env={**os.environ, "KNOCKON_DATABASE_URL": url},
        input=PASSWORD,
        text=True,
        check=True,
        capture_output=True,
    )
    with running_app(folder, KNOCKON_SIGN_IN="on") as started:
        yield started


@pytest.fixture
def leader(visit):
    """Mara, signed in, in a session that began with a ready scenario; the dialog is open."""
    mara = visit()
    mara.expect_problem(REFUSED)
    page = mara.page
    page.goto("/")
    form = page.locator("#sign-in")
    form.get_by_label("Name").fill("Mara")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    wait_until_usable(page)
    open_ready(page)
    page.get_by_role("button", name="Share this picture with others").click()
    share = page.locator("#share-dialog")
    share.get_by_label("Name of the session").fill("Storm exercise")
    share.get_by_role("button", name="Start the session").click()
    expect(share.get_by_role("heading", name="Share: Storm exercise")).to_be_visible()
    wait_until_usable(page)
    return page


def invite(leader, *sectors, role="participant"):
    """Make an invitation in the open dialog and return its link."""
    share = leader.locator("#share-dialog")
    form = share.locator(".share-invite")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    form.get_by_label("Invite as").select_option(role)
    for sector in sectors:
        form.get_by_label(sector, exact=True).check()
    form.get_by_role("button", name="Make a link").click()
    expect(share.get_by_alt_text("QR code of the invitation link")).to_be_visible()
    return share.get_by_label("Invitation link").input_value()


def join(visit, link, name):
    visitor = visit()
    visitor.expect_problem(REFUSED)
    page = visitor.page
    page.goto(link)
    expect(page.locator("#invited")).to_contain_text("You are invited to Storm exercise")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/")
    wait_until_usable(page)
    return page


def test_a_guest_joins_by_link_changes_their_own_sector_and_is_put_out(leader, visit):
    link = invite(leader, "Health", "Water")
    guest = join(visit, link, "Jonas")
    # the secret is in no address any more, nor on the page, nor in what was asked for
    secret = link.split("#")[1]
    assert secret not in guest.url
    assert secret not in guest.content()
    guest.goto("/join")
    expect(guest.locator("#problem")).to_contain_text("lacks your invitation")
    guest.go_back()
    wait_until_usable(guest)

    expect(guest.locator("#me-button")).to_contain_text("Jonas")
    expect(guest.locator("#share-button")).to_be_hidden()
    expect(guest.locator("details.ready")).to_be_hidden()
    assert len(events(guest)) == 1

    select(guest, HOSPITAL)
    guest.locator(".card").get_by_role("button", name="Knock out").click()
    wait_for_events(guest, 2)
    wait_for_state(guest, HOSPITAL, HIT)

    select(guest, SUBSTATION)
    expect(guest.locator(".card")).to_contain_text("Energy is not yours to change")
    expect(guest.locator(".card").get_by_role("button", name="Repair")).to_be_disabled()
    guest.keyboard.press("r")
    expect(notice(guest)).to_contain_text("Energy is not yours to change")
    # who goes round the page is refused by the server
    guest.evaluate(
        """asset => dash_clientside.set_props('action', { data: {
            do: 'repair', assets: [asset], at_h: 5, nonce: 'x',
            base_rev: knockon.scenario.rev } })""",
        SUBSTATION,
    )
    expect(notice(guest).filter(has_text="This belongs to another one")).to_be_visible()
    assert len(events(guest)) == 2

    leader.keyboard.press("Escape")
    leader.locator("#share-button").click()
    out = leader.get_by_role("button", name="Put out Jonas")
    out.click()
    expect(out).to_have_text("Put out now?")
    out.click()
    expect(leader.locator(".share-list .is-out")).to_contain_text("Jonas")
    select(guest, HOSPITAL)
    guest.wait_for_url("**/sign-in*")
    expect(guest.locator("#problem")).to_contain_text("You are signed out")
    guest.goto("/")
    guest.wait_for_url("**/sign-in")


def test_an_observer_sees_all_and_has_no_control_that_changes(leader, visit):
    guest = join(visit, invite(leader, role="observer"), "Ola")
    select(guest, HOSPITAL)
    expect(guest.locator(".card")).to_contain_text("You look on here")
    expect(guest.locator(".card").get_by_role("button", name="Knock out")).to_be_disabled()
    for control in (
        "#add-button",
        ".undo-redo",
        "#happenings-list details.menu",
        "details.settings",
    ):
        expect(guest.locator(control)).to_be_hidden()
    guest.locator("#me-button").click()
    expect(guest.locator("#me-dialog")).to_contain_text("You look on here and change nothing")
    guest.locator("#me-dialog").get_by_role("button", name="Sign out").click()
    guest.wait_for_url("**/sign-in")


def test_the_end_of_a_session_puts_everybody_out(leader, visit):
    guest = join(visit, invite(leader, "Water"), "Jonas")
    end = leader.get_by_role("button", name="End for everybody")
    end.click()
    leader.get_by_role("button", name="End it now?").click()
    expect(leader.locator("#me-button")).to_contain_text("looks on")
    select(guest, HOSPITAL)
    guest.wait_for_url("**/sign-in*")


def test_a_used_up_link_says_so(leader, visit):
    share = leader.locator("#share-dialog")
    share.locator("[name=uses]").select_option("1")
    link = invite(leader, "Water")
    join(visit, link, "First")
    second = visit()
    second.expect_problem(r"409")
    second.page.goto(link)
    expect(second.page.locator("#problem")).to_contain_text("cannot be used")
    expect(second.page.locator("#join")).to_be_hidden()

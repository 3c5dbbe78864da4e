"""Share a picture: start a session, invite by link and code, join, edit, be removed."""

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.e2e.board import (
    EXCHANGE,
    HOSPITAL,
    SUBSTATION,
    events,
    notice,
    open_ready,
    picture,
    select,
    show,
    wait_for_events,
    wait_for_selection,
    wait_until,
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
    """Open a page for a user who joins by a link."""
    visitor = visit()
    visitor.expect_problem(REFUSED)
    page = visitor.page
    page.goto(link)
    expect(page.locator("#invited")).to_contain_text("You are invited to Storm exercise")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/")
    wait_until_usable(page)
    return visitor


def test_three_share_one_picture(leader, visit):
    """Join by link, follow, two edit at once, one loses the network and returns, one is removed."""
    link = invite(leader, "Health", "Water", "Telecom")
    jonas, away = join(visit, link, "Jonas").page, join(visit, link, "Ida")
    ida = away.page
    leader.keyboard.press("Escape")
    wait_until(leader, "knockon.others() === 2")
    _joined_as_a_guest(jonas, link)
    _follow(leader, jonas, ida)
    _edit_at_once(leader, jonas, ida)
    _only_ones_own_sectors(jonas)
    _lose_the_network_and_return(leader, away, jonas)
    _put_out(leader, jonas, ida)


def _joined_as_a_guest(guest, link):
    # the secret is in no address any more, nor on the page, nor in what was asked for
    secret = link.split("#")[1]
    assert secret not in guest.url
    assert secret not in guest.content()
    expect(guest.locator("#me-button")).to_contain_text("Jonas")
    for control in ("#share-button", "details.ready"):
        expect(guest.locator(control)).to_be_hidden()
    assert len(events(guest)) == 1


def _follow(leader, jonas, ida):
    leader.locator("#together summary").click()
    expect(leader.locator("#together li")).to_have_count(3)
    leader.get_by_role("button", name="Lead: all see what I see").click()
    for page in (jonas, ida):
        expect(page.locator("#lead-bar")).to_contain_text("You follow Mara.")
    select(leader, HOSPITAL)
    show(leader, "Both")
    leader.evaluate("knockon.clock.set(7 * 3600000)")
    for page in (jonas, ida):
        wait_until(page, "knockon.clock.t === 7 * 3600000")
        wait_for_selection(page, HOSPITAL)
        expect(page.locator("#centre")).to_have_attribute("data-view", "both")

    # to another scenario: one goes along, the other stays until they follow again
    ida.get_by_role("button", name="Stop following").click()
    before = ida.evaluate("knockon.scenario.id")
    open_ready(leader, 2)
    opened = leader.evaluate("knockon.scenario.id")
    wait_until(jonas, "id => knockon.scenario.id === id", opened)
    expect(ida.locator("#lead-bar")).to_contain_text(
        "Mara opened another scenario; you stayed here."
    )
    assert ida.evaluate("knockon.scenario.id") == before
    ida.get_by_role("button", name="Follow Mara").click()
    wait_until(ida, "id => knockon.scenario.id === id", opened)
    leader.evaluate("knockon.clock.set(9 * 3600000)")
    for page in (jonas, ida):
        expect(page.locator("#lead-bar")).to_contain_text("You follow Mara.")
        wait_until(page, "knockon.clock.t === 9 * 3600000")
    leader.locator("#lead-bar").get_by_role("button", name="Stop leading").click()
    for page in (leader, jonas, ida):
        expect(page.locator("#lead-bar")).to_be_hidden()


def _edit_at_once(leader, jonas, ida):
    begun = len(events(leader))
    select(jonas, HOSPITAL)
    select(ida, EXCHANGE)
    jonas.evaluate("knockon.failSelection()")
    ida.evaluate("knockon.failSelection()")
    for page in (leader, jonas, ida):
        wait_for_events(page, begun + 2)
        assert {HOSPITAL, EXCHANGE} <= {event.get("asset") for event in events(page)}
    assert picture(jonas) == picture(ida) == picture(leader)


def _only_ones_own_sectors(guest):
    before = events(guest)
    select(guest, SUBSTATION)
    expect(guest.locator(".card")).to_contain_text("You cannot change Energy")
    expect(guest.locator(".card").get_by_role("button", name="Repair")).to_be_disabled()
    guest.keyboard.press("r")
    expect(notice(guest).filter(has_text="You cannot change Energy")).to_be_visible()
    # who goes round the page is refused by the server
    guest.evaluate(
        """asset => dash_clientside.set_props('action', { data: {
            do: 'repair', assets: [asset], at_h: 5, nonce: 'x',
            base_rev: knockon.scenario.rev } })""",
        SUBSTATION,
    )
    expect(notice(guest).filter(has_text="This belongs to another sector")).to_be_visible()
    assert events(guest) == before


def _lose_the_network_and_return(leader, away, jonas):
    away.expect_problem("ERR_INTERNET_DISCONNECTED|the server did not respond")
    ida, begun = away.page, len(events(leader))
    away.context.set_offline(True)
    expect(ida.locator("#connection")).to_contain_text(re.compile(r"Offline since \d\d:\d\d\."))
    select(ida, HOSPITAL)
    ida.keyboard.press("r")
    expect(ida.locator("#connection")).to_contain_text("1 change is queued")
    select(leader, SUBSTATION)
    leader.evaluate("knockon.clock.set(11 * 3600000)")
    leader.keyboard.press("r")
    wait_for_events(leader, begun + 1)
    assert len(events(ida)) == begun

    away.context.set_offline(False)
    for page in (leader, jonas, ida):
        wait_for_events(page, begun + 2)
    expect(ida.locator("#connection")).to_have_text("Live")
    expect(notice(leader).filter(has_text="Ida: ").first).to_be_visible()
    assert picture(jonas) == picture(ida) == picture(leader)


def _put_out(leader, jonas, ida):
    leader.locator("#share-button").click()
    out = leader.get_by_role("button", name="Remove Jonas")
    out.click()
    expect(out).to_have_text("Remove now?")
    out.click()
    expect(leader.locator(".share-list .is-out")).to_contain_text("Jonas")
    # at once, without doing anything
    jonas.wait_for_url("**/sign-in*")
    expect(jonas.locator("#problem")).to_contain_text("You are signed out")
    jonas.goto("/")
    jonas.wait_for_url("**/sign-in")
    jonas.goto("/join")
    expect(jonas.locator("#problem")).to_contain_text("contains no invitation")

    leader.keyboard.press("Escape")
    there = len(events(leader))
    leader.keyboard.press("Control+z")
    for page in (leader, ida):
        wait_for_events(page, there - 1)


def test_an_observer_sees_all_and_has_no_control_that_changes(leader, visit):
    guest = join(visit, invite(leader, role="observer"), "Ola").page
    select(guest, HOSPITAL)
    expect(guest.locator(".card")).to_contain_text("You are an observer")
    expect(guest.locator(".card").get_by_role("button", name="Knock out")).to_be_disabled()
    for control in (
        "#add-button",
        ".undo-redo",
        "#happenings-list details.menu",
        "details.settings",
    ):
        expect(guest.locator(control)).to_be_hidden()
    guest.locator("#me-button").click()
    expect(guest.locator("#me-dialog")).to_contain_text(
        "You are an observer and cannot change anything"
    )
    guest.locator("#me-dialog").get_by_role("button", name="Sign out").click()
    guest.wait_for_url("**/sign-in")


def test_the_end_of_a_session_puts_everybody_out(leader, visit):
    guest = join(visit, invite(leader, "Water"), "Jonas").page
    end = leader.get_by_role("button", name="End for everybody")
    end.click()
    leader.get_by_role("button", name="End it now?").click()
    expect(leader.locator("#me-button")).to_contain_text("observer")
    guest.wait_for_url("**/sign-in*")


def test_a_used_up_link_says_so(leader, visit):
    share = leader.locator("#share-dialog")
    share.locator("[name=uses]").select_option("1")
    link = invite(leader, "Water")
    join(visit, link, "First")
    second = visit()
    second.expect_problem(r"409")
    second.page.goto(link)
    expect(second.page.locator("#problem")).to_contain_text("is not valid")
    expect(second.page.locator("#join")).to_be_hidden()

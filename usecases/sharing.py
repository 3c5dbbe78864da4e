"""Signing in, joining and leading a session: each request is authorised, then carried out.

Used by ``api/sharing.py`` and, to identify the user of a request, by ``api/door.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from layouts.feed.payloads.sharing import (
    Invited,
    Me,
    NewInvitation,
    Overview,
    Session,
    Started,
    User,
)
from layouts.paper.qr import qr_address
from models.access import LABELS, NOBODY, NotAllowedError, Tlp, Who, asking
from models.errors import BadInputError
from models.rights.need_to_know import WHOLE, closest
from models.rights.permission import require_leads
from models.rights.sharing import (
    AuditLine,
    Entered,
    Grant,
    Shared,
    Trying,
    let_in_by,
    require_may_put_out,
)
from models.wording import N_, _
from usecases import reading
from usecases.desk import Desk
from usecases.live.hub import Hub
from usecases.ports import Shown
from usecases.redaction import shown_audit
from usecases.seat import take_seat
from usecases.sharing_ports import AccountStore, SessionStore
from usecases.threads import Checks, writing

NO_ACCOUNT = N_("This requires an account.")
NO_SESSION = N_("Start a session first, then you can invite others.")
WRONG = N_("Wrong name or password.")

#: how long a request waits until it is noted that its sign-in is used
NOTED_WITHIN_S = 0.25


class Sharing:
    """Requests about sessions. ``address`` is the server's public address."""

    def __init__(
        self,
        desk: Desk,
        hub: Hub,
        sessions: SessionStore,
        accounts: AccountStore,
        address: str,
        cookie: str,
    ) -> None:
        self._desk, self._hub = desk, hub
        self._sessions, self._accounts = sessions, accounts
        self._address, self._cookie = address, cookie
        self._checks = Checks()

    # --- who is there

    async def identify(self, cookies: Mapping[str, str]) -> Who:
        """Return the user whom a request's cookies belong to; NOBODY if unauthenticated."""
        entered = await self._entered(cookies.get(self._cookie, ""))
        who = (entered.who if entered else None) or NOBODY
        if not who.sectors or not who.may_look:
            return who
        # a sector that only hidden things are in is not named to them, though it was granted
        return replace(who, sectors=who.sectors & self._desk.sectors(who.clearance))

    async def me(self, cookie: str) -> Me:
        """Return the user of the request, as the page shows them."""
        entered, who = await self._entered(cookie), asking()
        shared = entered.session if entered and who.session else None
        return {
            **about(who),
            "sign_in": True,
            "account": entered is not None and entered.account is not None,
            "session": await self._session(shared, who.clearance) if shared else None,
        }

    async def trying(self, login: str, device: str) -> Trying:
        """Return the account of a sign-in attempt, and whether the browser is known for it."""
        return await asyncio.to_thread(self._accounts.trying, login, device)

    async def device(self, login: str) -> str:
        """Return a token by which a browser is known for an account."""
        return await asyncio.to_thread(self._accounts.device, login)

    async def sign_in(self, login: str, password: str, whose: str) -> str:
        """Check a password and return the cookie of a signed-in browser.

        Parameters
        ----------
        login, password
            Name and password as typed.
        whose
            Where they are: checks are made in rotation of addresses or devices.
        """
        check = partial(self._accounts.check, login, password)
        account = await self._checks.run(whose, check)
        if account is None:
            raise NotAllowedError(_(WRONG))
        return await writing(self._sessions.sign_in, account=account.id)

    async def vouched_for(self, issuer: str, subject: str, name: str) -> str:
        """Sign in a user whom the organisation's issuer permits to lead.

        Parameters
        ----------
        issuer
            Address of the organisation's issuer.
        subject
            The user's id at the issuer.
        name
            The user's name at the issuer.
        """
        account = await writing(self._accounts.from_issuer, issuer, subject, name)
        if account is None:
            raise NotAllowedError(_("This account is disabled."))
        cookie = await writing(self._sessions.sign_in, account=account.id, alone=True)
        await self._hub.look_again()
        return cookie

    async def vouched_for_no_longer(self, issuer: str, subject: str) -> None:
        """Sign out a user whom the organisation's issuer does not permit to lead."""
        await writing(self._accounts.lost_claim, issuer, subject)
        await self._hub.look_again()

    async def sign_out(self, cookie: str) -> None:
        """End this browser's sign-in."""
        await writing(self._sessions.sign_out, cookie, asking().id or "somebody")
        await self._hub.look_again()

    async def invited(self, token: str) -> Invited:
        """Return the session of an invitation, as far as its holder may know it."""
        shared, invitation = await asyncio.to_thread(self._sessions.invited, token)
        grant = invitation.grant
        return {
            "session": await self._name(shared, grant.clearance),
            "role": grant.role,
            "sectors": self._sectors(grant, grant.clearance),
        }

    async def join(self, token: str, name: str) -> str:
        """Join by an invitation; return the cookie of a signed-in browser."""
        _, cookie = await writing(self._sessions.join, token, name)
        return cookie

    # --- leading

    async def overview(self, cookie: str) -> Overview:
        """Return a facilitator's view of their session and of their other sessions."""
        who = self._lead()
        entered = await self._entered(cookie)
        account = entered.account if entered else None
        others = await asyncio.to_thread(self._sessions.led_by, account.id) if account else ()
        payload: Overview = {
            "session": None,
            "account": account is not None,
            "sessions": [
                {**await self._session(other, who.clearance), "here": other.id == who.session}
                for other in others
            ],
            "clearances": [label for label in LABELS if who.may_see(label)],
            "sectors": [
                {"id": sector, "label": self._desk.labels.sector(sector)}
                for sector in sorted(self._desk.sectors(who.clearance))
            ],
            "members": [],
            "invitations": [],
        }
        if who.session is None:
            return payload
        shared = await asyncio.to_thread(self._sessions.get, who.session)
        members = await asyncio.to_thread(self._sessions.members, who.session)
        invitations = await asyncio.to_thread(self._sessions.invitations, who.session)
        now = datetime.now(UTC).isoformat()
        if shared:
            link = f"{self._address}/public/{shared.id}" if shared.public else ""
            about_it = await self._session(shared, who.clearance)
            payload["session"] = {**about_it, "public": shared.public, "public_link": link}
        hosts = let_in_by(members, invitations)
        payload["members"] = [
            {
                "role": member.grant.role,
                "sectors": self._sectors(member.grant, who.clearance),
                "clearance": member.grant.clearance,
                "id": member.id,
                "name": member.name,
                "you": member.author == who.id,
                "since": member.created,
                "out": member.revoked is not None,
                "host": hosts.get(member.id),
            }
            for member in members
        ]
        names = {member.author: member.name for member in members}
        payload["invitations"] = [
            {
                "role": invitation.grant.role,
                "sectors": self._sectors(invitation.grant, who.clearance),
                "clearance": invitation.grant.clearance,
                "id": invitation.id,
                "expires": invitation.expires,
                "uses": invitation.uses,
                "max_uses": invitation.max_uses,
                "host": names.get(invitation.created_by, ""),
                "open": not invitation.revoked
                and invitation.expires > now
                and invitation.uses < invitation.max_uses,
            }
            for invitation in invitations
        ]
        return payload

    async def start(self, cookie: str, name: str, shown: Shown) -> Started:
        """Start a session with a copy of the shown scenario, and enter it.

        The original stays outside: its history is not for the members.

        Parameters
        ----------
        cookie
            Of the browser.
        name
            Name of the session.
        shown
            Scenario and revision that the page shows; None before the first change.
        """
        who, seat = self._lead(), take_seat(self._desk)
        entered = await self._entered(cookie)
        if entered is None or entered.account is None:
            raise NotAllowedError(_(NO_ACCOUNT))
        plain = (await reading.shown(seat, shown)).plain
        world_id = self._desk.world.world_id
        shared = await writing(self._sessions.start, name, world_id, entered.account, who.id)
        await writing(self._sessions.sit_down, cookie, shared.id, who.id)
        author = (await self._entered(cookie) or entered).who or who
        made = await writing(
            self._desk.store.within(shared.id).create,
            world_id,
            str(plain.get("title", "")),
            plain,
            author=author.id,
            reason="the session was started with it",
        )
        return {"session": await self._session(shared, who.clearance), "scenario": made.id}

    async def go_to(self, cookie: str, session: str | None) -> None:
        """Enter one of the sessions that this account leads, or leave all."""
        entered = await self._entered(cookie)
        if entered is None or entered.account is None:
            raise NotAllowedError(_(NO_ACCOUNT))
        await writing(self._sessions.sit_down, cookie, session, asking().id)

    async def end(self) -> None:
        """End the session for all members."""
        who, session = self._in_session()
        await writing(self._sessions.end, session, who.id)
        await self._hub.look_again()

    async def publish(self, scenario: str | None) -> None:
        """Publish the safe public map of a scenario of this session; None withdraws it."""
        who, session = self._in_session()
        if scenario is not None:
            await reading.current(take_seat(self._desk), scenario)
        await writing(self._sessions.publish, session, scenario, who.id)

    async def published(self, session: str) -> str | None:
        """Return the scenario whose public map is published."""
        # ids of sessions have one length: other input needs no database query
        if not 20 <= len(session) <= 24:
            return None
        return await asyncio.to_thread(self._sessions.published, session)

    async def invite(self, grant: Grant, hours: float, max_uses: int) -> NewInvitation:
        """Create an invitation; its link and QR code are only returned here.

        Parameters
        ----------
        grant
            Role, sectors and clearance that it gives.
        hours
            So long it can be used.
        max_uses
            So many may join by it.
        """
        who, session = self._in_session()
        grant.require_within(who)
        if grant.sectors is not None and not grant.sectors <= self._desk.sectors(who.clearance):
            raise BadInputError([_("Choose sectors from the list.")])
        if grant.sectors is not None and not grant.sectors <= self._desk.sectors(grant.clearance):
            text = _("With this label they see nothing of one of these sectors. Choose others.")
            raise BadInputError([text])
        made, token = await writing(self._sessions.invite, session, grant, hours, max_uses, who.id)
        # behind the #: no server or proxy receives it or writes it to a log
        link = f"{self._address}/join#{token}"
        return {"id": made.id, "link": link, "qr": qr_address(link), "expires": made.expires}

    async def revoke_invitation(self, invitation: str) -> None:
        """Revoke a link, and remove all who joined by it or by their links."""
        who, session = self._in_session()
        await writing(self._sessions.revoke_invitation, session, invitation, who.id)
        await self._hub.look_again()

    async def revoke_member(self, member: str) -> None:
        """Remove a member, and all whom they invited."""
        who, session = self._in_session()
        members = await asyncio.to_thread(self._sessions.members, session)
        invitations = await asyncio.to_thread(self._sessions.invitations, session)
        require_may_put_out(who.id, member, members, invitations)
        await writing(self._sessions.revoke_member, session, member, who.id)
        await self._hub.look_again()

    async def audit(self) -> Sequence[AuditLine]:
        """Return the audit log of the session."""
        who, session = self._in_session()
        entries = await asyncio.to_thread(self._sessions.audit, session)
        await writing(self._sessions.note, who.id, "took the audit log", session)
        return shown_audit(take_seat(self._desk), entries)

    # --- shared

    async def _entered(self, cookie: str) -> Entered | None:
        # our ids have one length: other input needs no database query
        if not 40 <= len(cookie) <= 64:
            return None
        entered = await asyncio.to_thread(self._sessions.enter, cookie, note_use=False)
        if entered is not None and entered.is_due:
            # no request waits for this if the database is locked
            noting = asyncio.ensure_future(writing(self._sessions.note_use, cookie))
            noting.add_done_callback(_ignored)
            await asyncio.wait([noting], timeout=NOTED_WITHIN_S)
        return entered

    def _lead(self) -> Who:
        who = take_seat(self._desk).who
        require_leads(who)
        return who

    def _in_session(self) -> tuple[Who, str]:
        who = self._lead()
        if who.session is None:
            raise BadInputError([_(NO_SESSION)])
        return who, who.session

    def _sectors(self, grant: Grant, clearance: Tlp) -> list[str] | None:
        """Return what a grant lets change, as a user with this clearance may know it."""
        if grant.sectors is None:
            return None
        known = grant.sectors & self._desk.sectors(clearance)
        return [self._desk.labels.sector(sector) for sector in sorted(known)]

    async def _name(self, shared: Shared, clearance: Tlp) -> str:
        """Return what a session is called, as a user with this clearance may read it."""
        seen = self._desk.seen(clearance)
        if seen.is_whole:
            return shared.name
        members = await asyncio.to_thread(self._sessions.members, shared.id)
        started = closest(
            *(member.grant.clearance for member in members if member.invitation_id is None)
        )
        return seen.read(shared.name, self._desk.seen(started or WHOLE).signature)

    async def _session(self, shared: Shared, clearance: Tlp) -> Session:
        name = await self._name(shared, clearance)
        return {"id": shared.id, "name": name, "ended": shared.ended}


def _ignored(noting: asyncio.Future[None]) -> None:
    """Take up what a note failed with: so much waits already, and the next use notes it."""
    if not noting.cancelled():
        noting.exception()


def about(who: Who) -> User:
    """Return a user's name and permissions, for the page's controls."""
    return {
        "name": who.name,
        "role": who.role,
        "leads": who.leads,
        "may_change": who.may_change,
        "sectors": None if who.sectors is None else sorted(who.sectors),
        "clearance": who.clearance,
    }

"""Invitations, and the members who came by them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.store.access_rows import (
    MAX_NAME,
    add_login,
    add_member,
    invitation_of,
    member_of,
    secret_hash,
    sectors_text,
    shared_of,
)
from data.store.access_tables import InvitationRow, MemberRow
from data.store.audit import note
from data.store.database import Database, SessionRow, moment, now, one_line
from data.store.logins import NO_SUCH
from models.errors import BadInputError
from models.rights.sharing import Grant, Invitation, Member, Shared
from models.wording import N_, _

_BAD_LINK = N_(
    "This invitation is not valid: it was mistyped, used up, revoked or has expired. "
    "Ask the facilitator for a new one."
)


class NoEntryError(BadInputError):
    """An invalid invitation; the error has no reason, which would help to guess links."""

    def __init__(self) -> None:
        super().__init__([_(_BAD_LINK)])


class Invitations:
    """Invitations and members in the database. Calls may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def invite(
        self, session: str, grant: Grant, hours: float, max_uses: int, by: str
    ) -> tuple[Invitation, str]:
        """Make an invitation; its token is returned this once and never again.

        Parameters
        ----------
        session
            Its id.
        grant
            Role, sectors and clearance of who accepts.
        hours
            How long the link can be used.
        max_uses
            How often it can be used.
        by
            Who invites, for the audit log.
        """
        token = secrets.token_urlsafe(32)
        with self._database.writing() as db:
            row = InvitationRow(
                id=secrets.token_urlsafe(9),
                session_id=session,
                token_hash=secret_hash(token),
                role=grant.role,
                sectors=sectors_text(grant),
                clearance=grant.clearance,
                created=now(),
                created_by=by,
                expires=_in(timedelta(hours=hours)),
                max_uses=max_uses,
                uses=0,
            )
            db.add(row)
            note(db, by, "made an invitation", session, f"{row.id}: {_told(grant)}")
            return invitation_of(row), token

    def invited(self, token: str) -> tuple[Shared, Invitation]:
        """Return the session and the rights of an invitation's link.

        Raises
        ------
        NoEntryError
            If the invitation is invalid, for any reason.
        """
        with self._database.reading() as db:
            row, session = _usable(db, token)
            return shared_of(session), invitation_of(row)

    def join(self, token: str, name: str) -> tuple[Member, str]:
        """Admit a participant under a name; return them and their browser's cookie."""
        name = one_line(name, MAX_NAME)
        if not name:
            raise BadInputError([_("Enter the name that others will see.")])
        with self._database.writing() as db:
            row, session = _usable(db, token, lock=True)
            row.uses += 1
            invited = invitation_of(row)
            member = add_member(db, session.id, name, invited.grant, invitation=row.id)
            note(db, member.author, "joined", session.id, f"by {row.id}: {_told(invited.grant)}")
            return member, add_login(db, None, member.id)

    def invitations(self, session: str) -> list[Invitation]:
        """Return the invitations of a session, newest first."""
        own = select(InvitationRow).filter_by(session_id=session)
        with self._database.reading() as db:
            return [
                invitation_of(row) for row in db.scalars(own.order_by(InvitationRow.created.desc()))
            ]

    def members(self, session: str) -> list[Member]:
        """Return who is or was in a session, in the order in which they came."""
        own = select(MemberRow).filter_by(session_id=session).order_by(MemberRow.created)
        with self._database.reading() as db:
            return [member_of(row) for row in db.scalars(own)]

    def revoke_invitation(self, session: str, invitation: str, by: str) -> None:
        """Take a link back, with all that came of it, for a link may have leaked.

        Who came in by it is out, and so are their links and who came by those.

        Parameters
        ----------
        session, invitation
            Their ids.
        by
            Who does it, for the audit log.

        Raises
        ------
        BadInputError
            If the session has no such invitation.
        """
        with self._database.writing() as db:
            row = db.get(InvitationRow, invitation, with_for_update=True)
            if row is None or row.session_id != session:
                raise BadInputError([_(NO_SUCH)])
            row.revoked = row.revoked or now()
            count = _take_back_all(db, session, links=[invitation])
            note(db, by, "took an invitation back", session, f"{invitation}: {count} put out")

    def revoke_member(self, session: str, member: str, by: str) -> None:
        """Put somebody out from their next request on, with all whom they let in.

        Parameters
        ----------
        session, member
            Their ids.
        by
            Who does it, for the audit log.

        Raises
        ------
        BadInputError
            If the session has no such member.
        """
        with self._database.writing() as db:
            row = db.get(MemberRow, member, with_for_update=True)
            if row is None or row.session_id != session:
                raise BadInputError([_(NO_SUCH)])
            row.revoked = row.revoked or now()
            author = member_of(row).author
            count = _take_back_all(db, session, makers=[author])
            note(db, by, "put out", session, f"{author}, and {count} whom they let in")


def _take_back_all(
    db: Session, session: str, *, links: Sequence[str] = (), makers: Sequence[str] = ()
) -> int:
    """Take back what came of links, or of what some members made; return how many are out.

    Links go first: whoever is just joining by one has then come, and is found.
    """
    at, count = now(), 0
    while links or makers:
        if makers:
            made = InvitationRow.created_by.in_(makers), InvitationRow.session_id == session
            db.execute(
                update(InvitationRow)
                .where(*made, InvitationRow.revoked.is_(None))
                .values(revoked=at)
            )
            links = [*links, *db.scalars(select(InvitationRow.id).where(*made))]
        came = select(MemberRow).where(
            MemberRow.invitation_id.in_(links), MemberRow.revoked.is_(None)
        )
        makers = []
        for row in db.scalars(came):
            row.revoked = at
            makers.append(member_of(row).author)
        count, links = count + len(makers), []
        db.flush()
    return count


def _usable(db: Session, token: str, *, lock: bool = False) -> tuple[InvitationRow, SessionRow]:
    wanted = select(InvitationRow).filter_by(token_hash=secret_hash(token))
    row = db.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None or row.revoked or row.expires <= now() or row.uses >= row.max_uses:
        raise NoEntryError
    session = db.get_one(SessionRow, row.session_id)
    if session.ended or _is_of_who_is_out(db, row):
        raise NoEntryError
    return row, session


def _is_of_who_is_out(db: Session, row: InvitationRow) -> bool:
    """Say whether a link was made by a member who was put out while they made it."""
    gone = select(MemberRow).where(
        MemberRow.session_id == row.session_id, MemberRow.revoked.is_not(None)
    )
    return any(member_of(invitation).author == row.created_by for invitation in db.scalars(gone))


def _told(grant: Grant) -> str:
    """Return a grant in the words of the audit log."""
    sectors = "all sectors" if grant.sectors is None else ", ".join(sorted(grant.sectors))
    return f"{grant.role}, {sectors or 'no sector'}, up to {grant.clearance}"


def _in(span: timedelta) -> str:
    return (moment() + span).isoformat(timespec="microseconds")

"""Shared sessions: invitations, members and sign-ins, with an audit log of every such action.

A link or a cookie is a random text of which only the hash is stored. Each action about access and
its line of the audit log are written in one transaction.
"""

from __future__ import annotations

import secrets

from sqlalchemy import select

from data.store.access_rows import add_member, shared_of
from data.store.access_tables import MemberRow
from data.store.audit import Audit, note
from data.store.database import SessionRow, now, one_line
from data.store.invitations import Invitations
from data.store.logins import Logins
from models.errors import BadInputError
from models.rights.sharing import Account, Grant, Shared
from models.wording import _

MAX_SESSION_NAME = 120


class Sessions(Logins, Invitations, Audit):
    """Sessions, members, invitations and sign-ins in the database. Calls may block."""

    def start(self, name: str, world_id: str, account: Account, by: str) -> Shared:
        """Begin a session that an account leads.

        Parameters
        ----------
        name
            What the session is called.
        world_id
            The world that it is about.
        account
            Its facilitator.
        by
            The account's name, for the audit log.

        Raises
        ------
        BadInputError
            If the name is empty.
        """
        name = one_line(name, MAX_SESSION_NAME)
        if not name:
            raise BadInputError([_("Give the session a name, such as 'Storm exercise, Tuesday'.")])
        with self._database.writing() as db:
            row = SessionRow(
                id=secrets.token_urlsafe(16),
                name=name,
                world_id=world_id,
                created=now(),
                public=None,
            )
            db.add(row)
            db.flush()
            grant = Grant("facilitator", None, account.clearance)
            add_member(db, row.id, account.name, grant, account=account.id)
            note(db, by, "started the session", row.id, name)
            return shared_of(row)

    def end(self, session: str, by: str) -> None:
        """End the session: revoke all access; its scenarios are kept and can be read."""
        with self._database.writing() as db:
            row = db.get(SessionRow, session, with_for_update=True)
            if row is not None and not row.ended:
                row.ended = now()
                note(db, by, "ended the session", session)

    def publish(self, session: str, scenario: str | None, by: str) -> None:
        """Publish the safe public map of a scenario; None withdraws it.

        Parameters
        ----------
        session
            Its id.
        scenario
            The id of the published scenario; None: none.
        by
            The user, for the audit log.
        """
        with self._database.writing() as db:
            row = db.get(SessionRow, session, with_for_update=True)
            if row is not None and not row.ended and row.public != scenario:
                row.public = scenario
                what = "published the public map" if scenario else "took the public map back"
                note(db, by, what, session, scenario or "")

    def published(self, session: str) -> str | None:
        """Return the scenario whose public map is published; None once the session has ended."""
        shared = self.get(session)
        return shared.public if shared is not None and not shared.ended else None

    def get(self, session: str) -> Shared | None:
        """Return a session."""
        with self._database.reading() as db:
            row = db.get(SessionRow, session)
            return shared_of(row) if row else None

    def all(self) -> list[Shared]:
        """Return all sessions, newest first."""
        with self._database.reading() as db:
            rows = db.scalars(select(SessionRow).order_by(SessionRow.created.desc()))
            return [shared_of(row) for row in rows]

    def led_by(self, account: str) -> list[Shared]:
        """Return the sessions that an account leads, newest first."""
        theirs = (
            select(SessionRow)
            .join(MemberRow, MemberRow.session_id == SessionRow.id)
            .where(MemberRow.account_id == account, MemberRow.revoked.is_(None))
            .where(MemberRow.role == "facilitator")
            .order_by(SessionRow.created.desc())
        )
        with self._database.reading() as db:
            return [shared_of(row) for row in db.scalars(theirs).unique()]

"""Who is signed in, and in which session they are."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.store.access_rows import (
    account_of,
    add_login,
    login_expires,
    member_of,
    secret_hash,
    shared_of,
)
from data.store.access_tables import AccountRow, LoginRow, MemberRow
from data.store.audit import note
from data.store.database import Database, SessionRow, StoreError, moment, now
from models.errors import BadInputError
from models.rights.sharing import Entered
from models.wording import N_, _

#: last use is noted no more often than this
_NOTED_EVERY = timedelta(minutes=5)
NO_SUCH = N_("This does not exist in this session, or no longer does.")


class Logins:
    """Sign-ins of browsers in the database. Calls may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, cookie: str, *, note_use: bool = True) -> Entered | None:
        """Return who a cookie belongs to, and keep them signed in while they are here.

        Without ``note_use`` nothing is written: call :meth:`note_use` where the answer says so.
        """
        with self._database.reading() as db:
            row = db.get(LoginRow, secret_hash(cookie))
            if row is None or row.revoked or row.expires <= now():
                return None
            found = _entered(db, row, is_due=_since(row.last_seen) > _NOTED_EVERY)
        if found.is_due and note_use:
            self.note_use(cookie)
        return found

    def note_use(self, cookie: str) -> None:
        """Keep a browser signed in that is used now.

        Where nothing can be written, they are let in still, for as long as was noted before.
        """
        with suppress(StoreError), self._database.writing() as db:
            row = db.get_one(LoginRow, secret_hash(cookie))
            row.last_seen = now()
            row.expires = login_expires(row.created)

    def sign_in(
        self, *, account: str | None = None, member: str | None = None, alone: bool = False
    ) -> str:
        """Note a browser as signed in and return its cookie.

        Parameters
        ----------
        account, member
            Who it is.
        alone
            Whether all other browsers of the account are signed out.
        """
        with self._database.writing() as db:
            if alone and account is not None:
                end_logins(db, account)
            return add_login(db, account, member)

    def sign_out(self, cookie: str, by: str) -> None:
        """End one browser's sign-in."""
        with self._database.writing() as db:
            row = db.get(LoginRow, secret_hash(cookie))
            if row is not None and not row.revoked:
                row.revoked = now()
                note(db, by, "signed out")

    def sit_down(self, cookie: str, session: str | None, by: str) -> None:
        """Take an account's browser into one of the sessions that it leads; None for outside.

        Parameters
        ----------
        cookie
            The browser's secret.
        session
            The id of the session; None for outside.
        by
            The account's name, for the audit log.

        Raises
        ------
        BadInputError
            If they do not lead it.
        """
        with self._database.writing() as db:
            login = db.get(LoginRow, secret_hash(cookie))
            if login is None or login.account_id is None:
                raise BadInputError([_(NO_SUCH)])
            member = None
            if session is not None:
                query = select(MemberRow).filter_by(
                    session_id=session, account_id=login.account_id, revoked=None
                )
                member = db.scalars(query.limit(1)).one_or_none()
                if member is None:
                    raise BadInputError([_(NO_SUCH)])
            login.member_id = member.id if member else None
            if member is not None:
                note(db, by, "opened the session", session)


def end_logins(db: Session, account: str) -> None:
    """Sign out all browsers of an account within a transaction."""
    open_ones = update(LoginRow).filter_by(account_id=account, revoked=None)
    db.execute(open_ones.values(revoked=now()))


def _entered(db: Session, row: LoginRow, *, is_due: bool) -> Entered:
    account = db.get(AccountRow, row.account_id) if row.account_id else None
    member = db.get(MemberRow, row.member_id) if row.member_id else None
    session = db.get(SessionRow, member.session_id) if member else None
    return Entered(
        account_of(account) if account else None,
        member_of(member) if member else None,
        shared_of(session) if session else None,
        is_due,
    )


def _since(text: str) -> timedelta:
    return moment() - datetime.fromisoformat(text)

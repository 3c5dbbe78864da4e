"""Shared sessions: invitations, members and sign-ins, with an audit log of every such action.

A link or a cookie is a random text of which only the hash is stored. Each action about access and
its line of the audit log are written in one transaction.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from data.store.access_tables import AccountRow, AuditRow, InvitationRow, LoginRow, MemberRow
from data.store.database import (
    ChangeRow,
    Database,
    ScenarioRow,
    SessionRow,
    StoreError,
    moment,
    now,
    one_line,
)
from data.store.sequence import next_number
from models.errors import BadInputError
from models.rights.sharing import (
    Account,
    AuditLine,
    Entered,
    Grant,
    Invitation,
    Member,
    Shared,
)
from models.wording import N_, _

MAX_NAME, MAX_SESSION_NAME, MAX_DETAIL = 60, 120, 500
#: how long an idle browser stays signed in, and how long any browser does
IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
#: last use is noted no more often than this
_NOTED_EVERY = timedelta(minutes=5)
_BAD_LINK = N_(
    "This invitation is not valid: it was mistyped, used up, revoked or has expired. "
    "Ask the facilitator for a new one."
)
_NO_SUCH = N_("This does not exist in this session, or no longer does.")


class NoEntryError(BadInputError):
    """An invalid invitation; the error has no reason, which would help to guess links."""

    def __init__(self) -> None:
        super().__init__([_(_BAD_LINK)])


class Sessions:
    """Sessions, members, invitations and sign-ins in the database. Calls may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- who is signed in

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
            row.expires = _expires(row.created)

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
            return _add_login(db, account, member)

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
                raise BadInputError([_(_NO_SUCH)])
            member = None
            if session is not None:
                query = select(MemberRow).filter_by(
                    session_id=session, account_id=login.account_id, revoked=None
                )
                member = db.scalars(query.limit(1)).one_or_none()
                if member is None:
                    raise BadInputError([_(_NO_SUCH)])
            login.member_id = member.id if member else None
            if member is not None:
                note(db, by, "opened the session", session)

    # --- sessions

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
            _add_member(db, row.id, account.name, grant, account=account.id)
            note(db, by, "started the session", row.id, name)
            return _shared(row)

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
            return _shared(row) if row else None

    def all(self) -> list[Shared]:
        """Return all sessions, newest first."""
        with self._database.reading() as db:
            rows = db.scalars(select(SessionRow).order_by(SessionRow.created.desc()))
            return [_shared(row) for row in rows]

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
            return [_shared(row) for row in db.scalars(theirs).unique()]

    # --- invitations

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
                sectors=_sectors_text(grant),
                clearance=grant.clearance,
                created=now(),
                created_by=by,
                expires=_in(timedelta(hours=hours)),
                max_uses=max_uses,
                uses=0,
            )
            db.add(row)
            note(db, by, "made an invitation", session, f"{row.id}: {_told(grant)}")
            return _invitation(row), token

    def invited(self, token: str) -> tuple[Shared, Invitation]:
        """Return the session and the rights of an invitation's link.

        Raises
        ------
        NoEntryError
            If the invitation is invalid, for any reason.
        """
        with self._database.reading() as db:
            row, session = _usable(db, token)
            return _shared(session), _invitation(row)

    def join(self, token: str, name: str) -> tuple[Member, str]:
        """Admit a participant under a name; return them and their browser's cookie."""
        name = one_line(name, MAX_NAME)
        if not name:
            raise BadInputError([_("Enter the name that others will see.")])
        with self._database.writing() as db:
            row, session = _usable(db, token, lock=True)
            row.uses += 1
            invited = _invitation(row)
            member = _add_member(db, session.id, name, invited.grant, invitation=row.id)
            note(db, member.author, "joined", session.id, f"by {row.id}: {_told(invited.grant)}")
            return member, _add_login(db, None, member.id)

    def invitations(self, session: str) -> list[Invitation]:
        """Return the invitations of a session, newest first."""
        own = select(InvitationRow).filter_by(session_id=session)
        with self._database.reading() as db:
            return [
                _invitation(row) for row in db.scalars(own.order_by(InvitationRow.created.desc()))
            ]

    def members(self, session: str) -> list[Member]:
        """Return who is or was in a session, in the order in which they came."""
        own = select(MemberRow).filter_by(session_id=session).order_by(MemberRow.created)
        with self._database.reading() as db:
            return [_member(row) for row in db.scalars(own)]

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
                raise BadInputError([_(_NO_SUCH)])
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
                raise BadInputError([_(_NO_SUCH)])
            row.revoked = row.revoked or now()
            author = _member(row).author
            count = _take_back_all(db, session, makers=[author])
            note(db, by, "put out", session, f"{author}, and {count} whom they let in")

    # --- the audit log

    def note(self, who: str, what: str, session: str | None = None, detail: str = "") -> None:
        """Add a line to the audit log.

        Parameters
        ----------
        who, what
            One line each, at most 80 characters.
        session
            The session that it belongs to, if any.
        detail
            One line more; no secret.
        """
        with self._database.writing() as db:
            note(db, who, what, session, detail)

    def audit(self, session: str | None = None) -> list[AuditLine]:
        """Return what happened about access, and every change of a scenario, oldest first.

        Of one session, or with None of the whole installation. The order is that in which they
        were written, whatever clocks said.
        """
        acts = select(AuditRow)
        changes = select(*_OF_CHANGE, ScenarioRow.session_id).join(
            ScenarioRow, ScenarioRow.id == ChangeRow.scenario_id
        )
        if session is not None:
            acts = acts.where(AuditRow.session_id == session)
            changes = changes.where(ScenarioRow.session_id == session)
        with self._database.reading() as db:
            lines = {row.sequence: _audit_line(row) for row in db.scalars(acts)}
            lines |= {row.sequence: _change_line(row) for row in db.execute(changes)}
        return [replace(lines[place], number=n) for n, place in enumerate(sorted(lines), 1)]


# --- secrets, times ---------------------------------------------------------------------------


def secret_hash(secret: str) -> str:
    """Return what is kept of a random secret: that cannot be turned back or guessed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _in(span: timedelta) -> str:
    return (moment() + span).isoformat(timespec="microseconds")


def _since(text: str) -> timedelta:
    return moment() - datetime.fromisoformat(text)


def _expires(created: str) -> str:
    """Return when a browser that is used now is signed out."""
    longest = datetime.fromisoformat(created) + LONGEST
    return min(moment() + IDLE, longest).isoformat(timespec="microseconds")


# --- rows -------------------------------------------------------------------------------------


def note(db: Session, who: str, what: str, session: str | None = None, detail: str = "") -> None:
    """Add a line to the audit log within a transaction; no secret may be in it.

    Parameters
    ----------
    db
        The open transaction.
    who, what
        One line each, at most 80 characters.
    session
        The session that it belongs to, if any.
    detail
        One line more.
    """
    db.add(
        AuditRow(
            made_at=now(),
            who=one_line(who, 80),
            what=one_line(what, 80),
            session_id=session,
            detail=one_line(detail, MAX_DETAIL),
            sequence=next_number(db),
        )
    )


def account_of(row: AccountRow) -> Account:
    """Return an account without its password's hash."""
    return Account(**_same(row, Account))


def _same(row: object, form: type[Any], but: str = "") -> dict[str, Any]:
    """Return the fields of a row that a dataclass has too."""
    return {field.name: getattr(row, field.name) for field in fields(form) if field.name != but}


def _add_login(db: Session, account: str | None, member: str | None) -> str:
    cookie, made = secrets.token_urlsafe(32), now()
    db.add(
        LoginRow(
            token_hash=secret_hash(cookie),
            account_id=account,
            member_id=member,
            created=made,
            last_seen=made,
            expires=_expires(made),
        )
    )
    return cookie


def _add_member(
    db: Session,
    session: str,
    name: str,
    grant: Grant,
    *,
    account: str | None = None,
    invitation: str | None = None,
) -> Member:
    row = MemberRow(
        id=secrets.token_urlsafe(9),
        session_id=session,
        invitation_id=invitation,
        account_id=account,
        name=one_line(name, MAX_NAME),
        role=grant.role,
        sectors=_sectors_text(grant),
        clearance=grant.clearance,
        created=now(),
    )
    db.add(row)
    db.flush()
    return _member(row)


def end_logins(db: Session, account: str) -> None:
    """Sign out all browsers of an account within a transaction."""
    open_ones = update(LoginRow).filter_by(account_id=account, revoked=None)
    db.execute(open_ones.values(revoked=now()))


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
            makers.append(_member(row).author)
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
    return any(_member(one).author == row.created_by for one in db.scalars(gone))


def _entered(db: Session, row: LoginRow, *, is_due: bool) -> Entered:
    account = db.get(AccountRow, row.account_id) if row.account_id else None
    member = db.get(MemberRow, row.member_id) if row.member_id else None
    session = db.get(SessionRow, member.session_id) if member else None
    return Entered(
        account_of(account) if account else None,
        _member(member) if member else None,
        _shared(session) if session else None,
        is_due,
    )


def _shared(row: SessionRow) -> Shared:
    return Shared(**_same(row, Shared))


def _grant(row: MemberRow | InvitationRow) -> Grant:
    sectors: Sequence[str] | None = json.loads(row.sectors)
    known = None if sectors is None else frozenset(sectors)
    return Grant(row.role, known, row.clearance)  # type: ignore[arg-type]  # we wrote them


def _member(row: MemberRow) -> Member:
    return Member(
        row.id,
        row.session_id,
        row.name,
        _grant(row),
        row.account_id,
        row.created,
        row.revoked,
        row.invitation_id,
    )


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(grant=_grant(row), **_same(row, Invitation, but="grant"))


def _sectors_text(grant: Grant) -> str:
    return json.dumps(None if grant.sectors is None else sorted(grant.sectors))


def _told(grant: Grant) -> str:
    """Return a grant in the words of the audit log."""
    sectors = "all sectors" if grant.sectors is None else ", ".join(sorted(grant.sectors))
    return f"{grant.role}, {sectors or 'no sector'}, up to {grant.clearance}"


def _audit_line(row: AuditRow) -> AuditLine:
    return AuditLine(row.number, row.made_at, row.who, row.what, row.session_id, row.detail)


#: all that the audit log tells of a change; its content is large and not among that
_OF_CHANGE = (
    ChangeRow.sequence,
    ChangeRow.scenario_id,
    ChangeRow.revision,
    ChangeRow.kind,
    ChangeRow.author,
    ChangeRow.made_at,
    ChangeRow.reason,
)


def _change_line(row: Row[*tuple[Any, ...]]) -> AuditLine:
    what = f"scenario {row.kind}"
    detail = f"{row.scenario_id} at revision {row.revision}: {row.reason}"
    return AuditLine(0, row.made_at, row.author, what, row.session_id, detail)

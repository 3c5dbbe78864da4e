"""Rows about access as values, and new ones; of a secret only the hash is kept."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from data.store.access_tables import AccountRow, InvitationRow, LoginRow, MemberRow
from data.store.database import SessionRow, moment, now, one_line
from models.rights.sharing import Account, Grant, Invitation, Member, Shared

MAX_NAME = 60
#: how long an idle browser stays signed in, and how long any browser does
IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)


def secret_hash(secret: str) -> str:
    """Return what is kept of a random secret: that cannot be turned back or guessed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def shared_of(row: SessionRow) -> Shared:
    """Return a session."""
    return Shared(**_same(row, Shared))


def account_of(row: AccountRow) -> Account:
    """Return an account without its password's hash."""
    return Account(**_same(row, Account))


def member_of(row: MemberRow) -> Member:
    """Return who is or was in a session."""
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


def invitation_of(row: InvitationRow) -> Invitation:
    """Return an invitation, without its secret."""
    return Invitation(grant=_grant(row), **_same(row, Invitation, but="grant"))


def _grant(row: MemberRow | InvitationRow) -> Grant:
    sectors: Sequence[str] | None = json.loads(row.sectors)
    known = None if sectors is None else frozenset(sectors)
    return Grant(row.role, known, row.clearance)  # type: ignore[arg-type]  # we wrote them


def sectors_text(grant: Grant) -> str:
    """Return the sectors of a grant as their column has them."""
    return json.dumps(None if grant.sectors is None else sorted(grant.sectors))


def _same(row: object, form: type[Any], but: str = "") -> dict[str, Any]:
    """Return the fields of a row that a dataclass has too."""
    return {field.name: getattr(row, field.name) for field in fields(form) if field.name != but}


def add_member(
    db: Session,
    session: str,
    name: str,
    grant: Grant,
    *,
    account: str | None = None,
    invitation: str | None = None,
) -> Member:
    """Add a member to a session within a transaction.

    Parameters
    ----------
    db
        The open transaction.
    session
        Id of the session.
    name
        The name that others see.
    grant
        Role, sectors and clearance.
    account, invitation
        Id of the account or of the invitation that they came by.
    """
    row = MemberRow(
        id=secrets.token_urlsafe(9),
        session_id=session,
        invitation_id=invitation,
        account_id=account,
        name=one_line(name, MAX_NAME),
        role=grant.role,
        sectors=sectors_text(grant),
        clearance=grant.clearance,
        created=now(),
    )
    db.add(row)
    db.flush()
    return member_of(row)


def add_login(db: Session, account: str | None, member: str | None) -> str:
    """Note a browser as signed in within a transaction, and return its cookie.

    Parameters
    ----------
    db
        The open transaction.
    account, member
        Ids of who it is.
    """
    cookie, made = secrets.token_urlsafe(32), now()
    db.add(
        LoginRow(
            token_hash=secret_hash(cookie),
            account_id=account,
            member_id=member,
            created=made,
            last_seen=made,
            expires=login_expires(made),
        )
    )
    return cookie


def login_expires(created: str) -> str:
    """Return when a browser that is used now is signed out."""
    longest = datetime.fromisoformat(created) + LONGEST
    return min(moment() + IDLE, longest).isoformat(timespec="microseconds")

"""Accounts: the users who may start sessions, by a password or through their organisation."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from hmac import compare_digest
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store.access_rows import account_of
from data.store.access_tables import AccountRow
from data.store.audit import note
from data.store.database import Database, now, one_line
from data.store.logins import end_logins
from models.access import LABELS, Tlp
from models.errors import BadInputError
from models.rights.sharing import Account, Trying

MIN_PASSWORD, MAX_PASSWORD = 12, 256
#: computing a hash needs 64 MiB: at most this many at once
_AT_ONCE = BoundedSemaphore(2)
#: argon2id with the parameters of RFC 9106 for little memory
_HASHER = PasswordHasher()


class Accounts:
    """Accounts in the database. Calls may block; a password check takes a good part of a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: the hash for unknown names: checking it takes as long as for existing ones
        self._nobodys = _hash(secrets.token_urlsafe(16))

    def add(self, login: str, password: str, clearance: Tlp = "RED", *, by: str) -> Account:
        """Add an account with a password.

        Parameters
        ----------
        login
            Its name, at most 60 characters.
        password
            In the clear; only a salted hash is stored.
        clearance
            The highest label that the account may see.
        by
            Who adds it, for the audit log.

        Raises
        ------
        BadInputError
            If there is one of this name, or the password is easily guessed.
        """
        login = one_line(login, 60)
        if not login:
            raise BadInputError(["An account needs a name."])
        if clearance not in LABELS:
            raise BadInputError(
                [f"'{clearance[:20]}' is no label. It is one of {', '.join(LABELS)}."]
            )
        check_password(password, login)
        hashed = _hash(password)
        with self._database.writing() as db:
            if _named(db, login) is not None:
                raise BadInputError([f"There is an account '{login}' already."])
            row = _row(login, login, clearance)
            row.password_hash = hashed
            db.add(row)
            note(db, by, "added an account", None, login)
            return account_of(row)

    def set_password(self, login: str, password: str, *, by: str) -> None:
        """Give an account another password, and sign out all its browsers.

        Parameters
        ----------
        login
            Name of the account.
        password
            The new one, in the clear; only a salted hash is stored.
        by
            Who changes it, for the audit log.

        Raises
        ------
        BadInputError
            If there is no such account, or the password is easily guessed.
        """
        check_password(password, login)
        hashed = _hash(password)
        with self._database.writing() as db:
            row = self._known(db, login)
            row.password_hash = hashed
            end_logins(db, row.id)
            note(db, by, "changed a password", None, login)

    def disable(self, login: str, *, by: str, again: bool = False) -> None:
        """Disable an account from its next request on, or enable it (``again``).

        Parameters
        ----------
        login
            Which account.
        by
            Who does it, for the audit log.
        again
            Whether to enable it instead.

        Raises
        ------
        BadInputError
            If there is no such account.
        """
        with self._database.writing() as db:
            row = self._known(db, login)
            row.disabled = None if again else row.disabled or now()
            end_logins(db, row.id)
            note(db, by, "enabled an account" if again else "disabled an account", None, login)

    def all(self) -> list[Account]:
        """Return all accounts by name."""
        with self._database.reading() as db:
            return [
                account_of(row) for row in db.scalars(select(AccountRow).order_by(AccountRow.login))
            ]

    def trying(self, login: str, device: str) -> Trying:
        """Return the account that a typed name means, and whether the browser is known for it.

        Parameters
        ----------
        login
            Name as typed.
        device
            Token of the browser (:meth:`device`); it may be any text.
        """
        login = one_line(login, 60)
        with self._database.reading() as db:
            row = _named(db, login)
        if row is None:
            return Trying(f"nobody's {login}")
        nonce, _, _ = device[:200].partition(".")
        is_known = compare_digest(_device(row, nonce).encode(), device.encode())
        return Trying(row.id, f"device {nonce}" if is_known else "")

    def device(self, login: str) -> str:
        """Return a token by which a browser is known for an account until its password changes."""
        with self._database.reading() as db:
            return _device(self._known(db, login), secrets.token_urlsafe(16))

    def check(self, login: str, password: str) -> Account | None:
        """Return the account if the password is correct; every refusal takes equally long."""
        with self._database.reading() as db:
            row = _named(db, one_line(login, 60))
        held = row.password_hash if row is not None else None
        fits = _fits(held or self._nobodys, password[: MAX_PASSWORD + 1])
        if row is None or held is None or not fits or row.disabled:
            with self._database.writing() as db:
                # an unknown name may be a password that was typed into the wrong field
                note(db, row.login if row else "somebody", "was not let in", None, "password")
            return None
        if _HASHER.check_needs_rehash(held):
            renewed = _hash(password)
            with self._database.writing() as db:
                db.get_one(AccountRow, row.id).password_hash = renewed
        self._signed_in(row, "by password")
        return account_of(row)

    def from_issuer(self, issuer: str, subject: str, name: str) -> Account | None:
        """Return the account of a user whom an issuer has authenticated; create it if it is new.

        Parameters
        ----------
        issuer
            The address of the OpenID Connect provider.
        subject
            The provider's permanent id of the account.
        name
            The provider's display name of the account.

        Returns
        -------
        The account; None if it is disabled.
        """
        with self._database.writing() as db:
            query = select(AccountRow).filter_by(issuer=issuer, subject=subject)
            row = db.scalars(query).one_or_none()
            if row is None:
                shown = one_line(name, 60) or "somebody"
                row = _row(f"{shown} ({secrets.token_urlsafe(6)})", shown, "RED")
                row.issuer, row.subject = issuer, subject
                db.add(row)
                note(db, row.login, "added an account", None, "by OpenID Connect")
        if row.disabled:
            return None
        self._signed_in(row, "by OpenID Connect")
        return account_of(row)

    def lost_claim(self, issuer: str, subject: str) -> None:
        """Sign out a user whom the issuer no longer permits to lead.

        Parameters
        ----------
        issuer, subject
            As in :meth:`from_issuer`.
        """
        with self._database.writing() as db:
            query = select(AccountRow).filter_by(issuer=issuer, subject=subject)
            row = db.scalars(query).one_or_none()
            if row is not None:
                end_logins(db, row.id)
                note(db, row.login, "was not let in", None, "lost the claim of who leads")

    def _signed_in(self, row: AccountRow, how: str) -> None:
        with self._database.writing() as db:
            note(db, account_of(row).who.id, "signed in", None, how)

    @staticmethod
    def _known(db: Session, login: str) -> AccountRow:
        row = _named(db, login)
        if row is None:
            raise BadInputError([f"No account '{one_line(login, 60)}'. See 'account list'."])
        return row


def check_password(password: str, login: str) -> None:
    """Refuse a password that is too short, too long or little more than the name."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise BadInputError(
            [f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; several words are good."]
        )
    if (
        len(set(password)) < 6
        or len(password.lower().replace(login.lower(), "")) < MIN_PASSWORD // 2
    ):
        raise BadInputError(["This password is easily guessed. Take several unrelated words."])


def _named(db: Session, login: str) -> AccountRow | None:
    return db.scalars(select(AccountRow).filter_by(login=login)).one_or_none()


def _row(login: str, name: str, clearance: str) -> AccountRow:
    return AccountRow(
        id=secrets.token_urlsafe(9), login=login, name=name, clearance=clearance, created=now()
    )


def _device(row: AccountRow, nonce: str) -> str:
    """Return a nonce signed with a secret key of the account."""
    key = (row.password_hash or secrets.token_hex()).encode()
    signed = hmac.new(key, f"device {row.id} {nonce}".encode(), hashlib.sha256).hexdigest()
    return f"{nonce}.{signed}"


def _hash(password: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(password)


def _fits(hashed: str, password: str) -> bool:
    try:
        with _AT_ONCE:
            return _HASHER.verify(hashed, password)
    except VerificationError:
        return False

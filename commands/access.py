"""Commands about access: accounts, sessions, the audit log."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from getpass import getpass

from data.exchange.replacing import replacing
from data.store.accounts import Accounts
from data.store.database import Database
from data.store.sessions import Sessions
from models.errors import BadInputError
from settings import from_environment

#: name of the terminal's user in the audit log
BY = "terminal"


def add_account(arguments: argparse.Namespace) -> None:
    """Add an account with a password."""
    password = _password()
    with _database() as database:
        made = Accounts(database).add(arguments.name, password, arguments.clearance, by=BY)
    print(f"Added {made.login}: may start and lead sessions, sees up to {made.clearance}.")


def password_account(arguments: argparse.Namespace) -> None:
    """Give an account another password."""
    password = _password()
    with _database() as database:
        Accounts(database).set_password(arguments.name, password, by=BY)
    print(f"Changed the password of {arguments.name}.")


def disable_account(arguments: argparse.Namespace) -> None:
    """Disable an account."""
    with _database() as database:
        Accounts(database).disable(arguments.name, by=BY)
    print(f"Disabled {arguments.name}: their next request is refused.")


def enable_account(arguments: argparse.Namespace) -> None:
    """Enable an account."""
    with _database() as database:
        Accounts(database).disable(arguments.name, by=BY, again=True)
    print(f"Enabled {arguments.name}.")


def list_accounts(arguments: argparse.Namespace) -> None:
    """List the accounts."""
    with _database() as database:
        accounts = Accounts(database).all()
    for account in accounts:
        how = f"by {account.issuer}" if account.issuer else "by password"
        state = f"disabled {account.disabled[:10]}" if account.disabled else "may sign in"
        print(
            f"{account.login}  {how}  up to {account.clearance}  "
            f"since {account.created[:10]}  {state}"
        )
    if not accounts:
        print("No accounts. Add one with 'python cli.py account add NAME'.")


def list_sessions(arguments: argparse.Namespace) -> None:
    """List the shared sessions, newest first."""
    with _database() as database:
        sessions = Sessions(database).all()
    for session in sessions:
        state = f"ended {session.ended[:16]}" if session.ended else "open"
        print(f"{session.id}  {session.created[:16]}  {state}  {session.name}")
    if not sessions:
        print("No sessions.")


def end_session(arguments: argparse.Namespace) -> None:
    """End a session for all members."""
    with _database() as database:
        sessions = Sessions(database)
        _require(sessions, arguments.session)
        sessions.end(arguments.session, BY)
    print("Ended: everybody in it is out.")


def write_audit(arguments: argparse.Namespace) -> None:
    """Write the audit log, one JSON object a line."""
    with _database() as database:
        sessions = Sessions(database)
        if arguments.session is not None:
            _require(sessions, arguments.session)
        lines = sessions.audit(arguments.session)
        sessions.note(BY, "took the audit log", arguments.session)
    with replacing(arguments.out) as made:
        made.touch(mode=0o600)
        text = "".join(json.dumps(dict(line.plain()), ensure_ascii=False) + "\n" for line in lines)
        made.write_text(text, encoding="utf-8")
    print(f"Written to {arguments.out}: {len(lines):,} lines")


def _require(sessions: Sessions, session: str) -> None:
    if sessions.get(session) is None:
        raise BadInputError([f"No session '{session}'. See 'session list'."])


@contextmanager
def _database() -> Iterator[Database]:
    with closing(Database(from_environment().database_url)) as database:
        yield database


def _password() -> str:
    """Ask for a password twice; without a terminal, read the first line of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password (12 characters or more): ")
    if getpass("Once more: ") != password:
        raise BadInputError(["The two are not the same. Nothing was changed."])
    return password

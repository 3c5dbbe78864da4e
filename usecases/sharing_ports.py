"""What sharing needs from the composition root, as types: stores of sessions and accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from models.rights.sharing import (
    Account,
    AuditLine,
    Entered,
    Grant,
    Invitation,
    Member,
    Shared,
    Trying,
)


class SessionStore(Protocol):
    """Sessions, invitations, members and sign-ins. Calls may block: use a thread.

    Every call may raise a ``KnockOnError``; each act is noted in the audit log as done by ``by``.
    """

    def enter(self, cookie: str, *, note_use: bool = True) -> Entered | None:
        """Return who a cookie belongs to; ``note_use``: and keep them signed in."""

    def note_use(self, cookie: str) -> None:
        """Keep a browser signed in that is used now."""

    def sign_in(
        self, *, account: str | None = None, member: str | None = None, alone: bool = False
    ) -> str:
        """Note a browser as signed in (``alone``: and no other), and return its cookie.

        Parameters
        ----------
        account
            The account; None for a member.
        member
            The member; None for an account.
        alone
            Whether all other browsers of theirs are signed out.
        """

    def sign_out(self, cookie: str, by: str) -> None:
        """End one browser's sign-in."""

    def sit_down(self, cookie: str, session: str | None, by: str) -> None:
        """Take an account's browser into a session that it leads; None for outside.

        Parameters
        ----------
        cookie
            Of the browser.
        session
            Id of the session; None for outside.
        by
            Who does it, for the audit log.
        """

    def start(self, name: str, world_id: str, account: Account, by: str) -> Shared:
        """Begin a session that an account leads.

        Parameters
        ----------
        name
            Name of the session.
        world_id
            Id of the world.
        account
            The account that leads it.
        by
            Who does it, for the audit log.
        """

    def end(self, session: str, by: str) -> None:
        """End the session: revoke the access of all its members."""

    def publish(self, session: str, scenario: str | None, by: str) -> None:
        """Publish the safe public map of a scenario; None withdraws it.

        Parameters
        ----------
        session
            Id of the session.
        scenario
            Id of the scenario; None for none.
        by
            Who does it, for the audit log.
        """

    def published(self, session: str) -> str | None:
        """Return the scenario whose public map is published."""

    def get(self, session: str) -> Shared | None:
        """Return a session."""

    def led_by(self, account: str) -> Sequence[Shared]:
        """Return the sessions that an account leads."""

    def invite(
        self, session: str, grant: Grant, hours: float, max_uses: int, by: str
    ) -> tuple[Invitation, str]:
        """Make an invitation; return it with its token, this once.

        Parameters
        ----------
        session
            Id of the session.
        grant
            Role, sectors and clearance that it gives.
        hours
            So long it can be used.
        max_uses
            So many may join by it.
        by
            Who does it, for the audit log.
        """

    def invited(self, token: str) -> tuple[Shared, Invitation]:
        """Return what a link lets into."""

    def join(self, token: str, name: str) -> tuple[Member, str]:
        """Admit a participant; return them with their browser's cookie."""

    def invitations(self, session: str) -> Sequence[Invitation]:
        """Return the invitations of a session."""

    def members(self, session: str) -> Sequence[Member]:
        """Return who is or was in a session."""

    def revoke_invitation(self, session: str, invitation: str, by: str) -> None:
        """Revoke a link and the access of those who joined by it.

        Parameters
        ----------
        session
            Id of the session.
        invitation
            Id of the invitation.
        by
            Who does it, for the audit log.
        """

    def revoke_member(self, session: str, member: str, by: str) -> None:
        """Revoke a member's access.

        Parameters
        ----------
        session
            Id of the session.
        member
            The member; None for an account.
        by
            Who does it, for the audit log.
        """

    def note(self, who: str, what: str, session: str | None = None, detail: str = "") -> None:
        """Add a line to the audit log.

        Parameters
        ----------
        who
            The user.
        what
            The act, as the audit log has it.
        session
            Id of the session; None outside any.
        detail
            What it was about.
        """

    def audit(self, session: str | None = None) -> Sequence[AuditLine]:
        """Return the audit log of a session, or of all."""


class AccountStore(Protocol):
    """Who may start sessions. Calls may block: use a thread."""

    def trying(self, login: str, device: str) -> Trying:
        """Return whose password is tried under a name as typed, and from which known browser."""

    def device(self, login: str) -> str:
        """Return what a browser shows to be known for an account."""

    def check(self, login: str, password: str) -> Account | None:
        """Return the account if the password is its own."""

    def from_issuer(self, issuer: str, subject: str, name: str) -> Account | None:
        """Return the account of a user whom an issuer vouches for.

        Parameters
        ----------
        issuer
            Address of the organisation's issuer.
        subject
            The user's id at the issuer.
        name
            The user's name at the issuer.
        """

    def lost_claim(self, issuer: str, subject: str) -> None:
        """Sign out whoever an issuer vouches for no longer."""

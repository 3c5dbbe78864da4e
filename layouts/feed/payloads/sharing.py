"""Sharing a session: who one is, what an invitation lets into, what a facilitator oversees."""

from __future__ import annotations

from typing_extensions import TypedDict


class User(TypedDict):
    """A user and their permissions; ``sectors`` is null for all."""

    name: str
    role: str
    leads: bool
    may_change: bool
    sectors: list[str] | None
    clearance: str


class Session(TypedDict):
    """A shared session; ``ended`` is when."""

    id: str
    name: str
    ended: str | None


class Me(User):
    """The user of a request; without sign-in there are no accounts and no sessions."""

    sign_in: bool
    account: bool
    session: Session | None


class Invited(TypedDict):
    """What an invitation lets into."""

    session: str
    role: str
    sectors: list[str] | None


class OwnSession(Session):
    """A session that an account leads; ``here`` is the one it is in."""

    here: bool


class LedSession(Session):
    """The session that the user leads; ``public`` is the scenario whose map is published."""

    public: str | None
    public_link: str


class Sector(TypedDict):
    """A sector that can be granted."""

    id: str
    label: str


class _Granted(TypedDict):
    role: str
    sectors: list[str] | None
    clearance: str


class Member(_Granted):
    """Somebody in a session; ``out`` if their access was revoked.

    ``host`` is the id of the member who invited them, null for who started the session.
    """

    id: str
    name: str
    you: bool
    since: str
    out: bool
    host: str | None


class Invitation(_Granted):
    """An invitation; ``open`` while somebody can come by it, ``host`` is who made it."""

    id: str
    expires: str
    uses: int
    max_uses: int
    open: bool
    host: str


class Overview(TypedDict):
    """What a facilitator sees of their session and of their others."""

    session: LedSession | None
    account: bool
    sessions: list[OwnSession]
    clearances: list[str]
    sectors: list[Sector]
    members: list[Member]
    invitations: list[Invitation]


class Started(TypedDict):
    """A session that has begun, and the scenario in it."""

    session: Session
    scenario: str


class NewInvitation(TypedDict):
    """An invitation with its link and QR code, which are shown this once."""

    id: str
    link: str
    qr: str
    expires: str

"""A shared session: who is in it, by which invitation, with which rights.

Pure values; ``data/store/sessions.py`` keeps them. Times are UTC, ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.access import LABELS, NotAllowedError, Role, Tlp, Who
from models.errors import BadInputError
from models.wording import _

#: the roles of an invitation, from the most to the least rights
INVITED_AS = ("facilitator", "participant", "observer")
MAX_HOURS, MAX_USES = 24 * 31, 1_000


@dataclass(frozen=True, slots=True)
class Grant:
    """What an invitation gives: a role, the sectors to change (None for all), a clearance."""

    role: Role
    sectors: frozenset[str] | None
    clearance: Tlp

    def require_within(self, who: Who) -> None:
        """Refuse to give more than one has.

        Raises
        ------
        BadInputError
            If it is no usable grant, or shows more than who gives it may see.
        """
        if self.role not in INVITED_AS or self.clearance not in LABELS:
            raise BadInputError([_("Choose a role and a label from the lists.")])
        if self.role == "participant" and self.sectors is not None and not self.sectors:
            raise BadInputError([_("Choose at least one sector that they may change.")])
        if not who.may_see(self.clearance):
            raise BadInputError(
                [_("You cannot grant a label above your own: {label}.").format(label=who.clearance)]
            )


@dataclass(frozen=True, slots=True)
class Shared:
    """A session: one picture that several people look at and change."""

    id: str
    name: str
    world_id: str
    created: str
    ended: str | None = None
    #: the scenario whose safe public map is published; None for none
    public: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a session; ``author`` is their name in the log."""

    id: str
    session_id: str
    name: str
    grant: Grant
    account_id: str | None
    created: str
    revoked: str | None = None
    #: the link that they came by; None for who started the session
    invitation_id: str | None = None

    @property
    def author(self) -> str:
        """Return the name with a part of the id: two may have one name."""
        return f"{self.name} ({self.id[:6]})"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link to join a session; only the facilitator who made it knows the link itself."""

    id: str
    session_id: str
    grant: Grant
    created: str
    created_by: str
    expires: str
    max_uses: int
    uses: int = 0
    revoked: str | None = None


def let_in_by(members: Iterable[Member], invitations: Iterable[Invitation]) -> dict[str, str]:
    """Return who let in whom: member → the member who made the link that they came by."""
    ids = {member.author: member.id for member in members}
    makers = {invitation.id: ids.get(invitation.created_by, "") for invitation in invitations}
    found = {member.id: makers.get(member.invitation_id or "", "") for member in members}
    return {guest: host for guest, host in found.items() if host}


def require_may_put_out(
    author: str, member_id: str, members: Sequence[Member], invitations: Sequence[Invitation]
) -> None:
    """Refuse to put out who started the session, or who let one in.

    Parameters
    ----------
    author
        Who wants to, as the log names them.
    member_id
        Who is to go.
    members, invitations
        All of the session.

    Raises
    ------
    NotAllowedError
        If they hold their own place from that person.
    """
    hosts = let_in_by(members, invitations)
    own = next((member.id for member in members if member.author == author), "")
    line, at = set[str](), hosts.get(own, "")
    while at and at not in line:
        line.add(at)
        at = hosts.get(at, "")
    starters = {member.id for member in members if member.invitation_id is None}
    if member_id in line or (member_id in starters and member_id != own):
        text = _("You cannot remove the person who started this session or who invited you.")
        raise NotAllowedError(text)


@dataclass(frozen=True, slots=True)
class Account:
    """A user who may start and lead sessions here."""

    id: str
    login: str
    name: str
    clearance: Tlp
    created: str
    disabled: str | None = None
    issuer: str | None = None

    @property
    def who(self) -> Who:
        """Return them outside of any session."""
        return Who(f"{self.name} ({self.id[:6]})", self.name, "facilitator", None, self.clearance)


@dataclass(frozen=True, slots=True)
class Trying:
    """Whose password is tried: an account, or no one's name; and from which known browser."""

    account: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log."""

    number: int
    made_at: str
    who: str
    what: str
    session: str | None
    detail: str

    def plain(self) -> Mapping[str, Any]:
        """Return it as JSON and CSV have it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Entered:
    """Who a sign-in's cookie belongs to: an account, a member of a session, or both."""

    account: Account | None = None
    member: Member | None = None
    session: Shared | None = None
    #: whether it is to be noted that the cookie was used
    is_due: bool = False

    @property
    def who(self) -> Who | None:
        """Return who this is now, None where they are no longer let in.

        Who led a session that has ended, and has an account, may still look at it.
        """
        if self.account is not None and self.account.disabled:
            return None
        outside = self.account.who if self.account else None
        if self.member is None or self.session is None or self.member.revoked:
            return outside
        if not self.session.ended:
            return self._as_member(self.member.grant.role)
        looks_back = self.account is not None and self.member.grant.role == "facilitator"
        return self._as_member("observer") if looks_back else outside

    def _as_member(self, role: Role) -> Who:
        assert self.member is not None  # noqa: S101  said to the type checker; asked above
        grant = self.member.grant
        sectors = {"facilitator": None, "participant": grant.sectors}.get(role, frozenset[str]())
        return Who(
            self.member.author,
            self.member.name,
            role,
            sectors,
            grant.clearance,
            self.member.session_id,
        )

"""The tables of access: members, invitations, accounts, sign-ins, the audit log.

Secrets are kept as hashes only: of links and cookies by SHA-256 (they are random and long), of
passwords by argon2.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.database import Base


class AccountRow(Base):
    """A user who may start sessions: with a password here, or through an OpenID issuer."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="uq_account_issuer_subject"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    clearance: Mapped[str]
    created: Mapped[str]
    disabled: Mapped[str | None]


class InvitationRow(Base):
    """A link that lets people into a session."""

    __tablename__ = "invitation"
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    sectors: Mapped[str]  # JSON: a list, or null for all
    clearance: Mapped[str]
    created: Mapped[str]
    created_by: Mapped[str]
    expires: Mapped[str]
    max_uses: Mapped[int]
    uses: Mapped[int]
    revoked: Mapped[str | None]


class MemberRow(Base):
    """A member of a session."""

    __tablename__ = "member"
    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id"), index=True)
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitation.id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str]
    role: Mapped[str]
    sectors: Mapped[str]  # JSON: a list, or null for all
    clearance: Mapped[str]
    created: Mapped[str]
    revoked: Mapped[str | None]


class LoginRow(Base):
    """One browser that is signed in."""

    __tablename__ = "login"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    created: Mapped[str]
    last_seen: Mapped[str]
    expires: Mapped[str]
    revoked: Mapped[str | None]


class AuditRow(Base):
    """An action about access; rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_session_id", "session_id", "number"),
        Index("ix_audit_sequence", "sequence", unique=True),
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[str]
    who: Mapped[str]
    what: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(ForeignKey("session.id"))
    detail: Mapped[str]
    sequence: Mapped[int] = mapped_column(BigInteger)  # data/store/sequence.py

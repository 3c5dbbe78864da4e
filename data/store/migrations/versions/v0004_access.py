"""Shared sessions, their members and invitations; accounts, sign-ins, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables, and let a scenario belong to a session."""
    op.create_table(
        "session",
        sa.Column("id", sa.String, primary_key=True),
        *_texts("name", "world_id", "created"),
        sa.Column("ended", sa.String),
        sa.Column("public", sa.String),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("login", sa.String, nullable=False, unique=True),
        *_texts("name"),
        *(sa.Column(name, sa.String) for name in ("password_hash", "issuer", "subject")),
        *_texts("clearance", "created"),
        sa.Column("disabled", sa.String),
        sa.UniqueConstraint("issuer", "subject", name="uq_account_issuer_subject"),
    )
    _create_invitations_and_members()
    op.create_table(
        "login",
        sa.Column("token_hash", sa.String, primary_key=True),
        sa.Column("account_id", sa.String, sa.ForeignKey("account.id")),
        sa.Column("member_id", sa.String, sa.ForeignKey("member.id")),
        *_texts("created", "last_seen", "expires"),
        sa.Column("revoked", sa.String),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True),
        *_texts("made_at", "who", "what"),
        sa.Column("session_id", sa.String, sa.ForeignKey("session.id")),
        *_texts("detail"),
    )
    op.create_index("ix_audit_session_id", "audit", ["session_id", "number"])
    # in words of SQL, which both databases have, because Alembic adds no reference on SQLite
    op.execute("ALTER TABLE scenario ADD COLUMN session_id VARCHAR REFERENCES session (id)")
    op.create_index("ix_scenario_session_id", "scenario", ["session_id"])


def _create_invitations_and_members() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("session_id", sa.String, sa.ForeignKey("session.id"), nullable=False),
        sa.Column("token_hash", sa.String, nullable=False, unique=True),
        *_texts("role", "sectors", "clearance", "created", "created_by", "expires"),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("max_uses", "uses")),
        sa.Column("revoked", sa.String),
    )
    op.create_index("ix_invitation_session_id", "invitation", ["session_id"])
    op.create_table(
        "member",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("session_id", sa.String, sa.ForeignKey("session.id"), nullable=False),
        sa.Column("invitation_id", sa.String, sa.ForeignKey("invitation.id")),
        sa.Column("account_id", sa.String, sa.ForeignKey("account.id")),
        *_texts("name", "role", "sectors", "clearance", "created"),
        sa.Column("revoked", sa.String),
    )
    op.create_index("ix_member_session_id", "member", ["session_id"])
    op.create_index("ix_member_account_id", "member", ["account_id"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]

"""The library of worlds: a head for each entry, and an append-only log of lines."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the two tables; nothing that was there is touched."""
    op.create_table(
        "world",
        sa.Column("id", sa.String, primary_key=True),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("base", "origin", "owner", "session", "created")
        ),
        sa.Column("assets", sa.BigInteger, nullable=False),
        sa.Column("people", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "world_line",
        sa.Column(
            "world_id",
            sa.String,
            sa.ForeignKey("world.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("did", "author", "made_at", "reason", "data")
        ),
    )
    op.create_index("ix_world_session", "world", ["session", "owner"])

"""Scenarios with numbered contents, and undo as a pointer into them (before Alembic came)."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables as they were first released."""
    op.create_table(
        "scenario",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("world_id", "title")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("revision", "at", "tip")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("created", "updated")),
    )
    op.create_index("ix_scenario_updated", "scenario", ["updated"])
    op.create_table(
        "revision",
        sa.Column("scenario_id", sa.String, sa.ForeignKey("scenario.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("parent", sa.Integer),
        *(sa.Column(name, sa.String, nullable=False) for name in ("plain", "made_at", "note")),
    )
    op.create_table(
        "step",
        sa.Column("scenario_id", sa.String, sa.ForeignKey("scenario.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("at", "tip")),
    )

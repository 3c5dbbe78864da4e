"""Plans and runs of exercises: a head each, and an append-only log of lines."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the two tables; nothing that was there is touched."""
    op.create_table(
        "exercise",
        sa.Column("id", sa.String, primary_key=True),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("kind", "world_id", "title", "session", "created")
        ),
    )
    op.create_table(
        "exercise_line",
        sa.Column(
            "exercise_id",
            sa.String,
            sa.ForeignKey("exercise.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("kind", "author", "name", "data", "scenario_id")
        ),
    )
    op.create_index("ix_exercise_created", "exercise", ["world_id", "created"])
    op.create_index("ix_exercise_line_scenario", "exercise_line", ["scenario_id"])

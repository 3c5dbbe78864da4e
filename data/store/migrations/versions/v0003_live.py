"""What web processes tell each other while they run: who looks at a scenario, and who leads."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the one table of notes."""
    op.create_table(
        "live_note",
        *(
            sa.Column(name, sa.String, primary_key=True)
            for name in ("scenario_id", "kind", "source")
        ),
        *(sa.Column(name, sa.String, nullable=False) for name in ("mark", "at", "body")),
    )

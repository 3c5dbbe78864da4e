"""One sequence over the audit log and all changes."""

import sqlalchemy as sa
from alembic import op

from data.store.sequence import number_by_time

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Give every line its place; lines that are there are ordered by time, each log by itself."""
    op.create_table(
        "sequence",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("newest", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO sequence (id, newest) VALUES (1, 0)")
    for table in ("audit", "change"):
        column = sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0")
        op.add_column(table, column)
    number_by_time(op.get_bind())
    for table in ("audit", "change"):
        op.create_index(f"ix_{table}_sequence", table, ["sequence"], unique=True)

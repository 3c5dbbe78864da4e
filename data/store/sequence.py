"""One sequence over the audit log and all changes of scenarios, whatever clocks say.

A line draws its number as the last act before it is written, under the lock of one row, which is
kept until the transaction ends: numbers follow each other as the transactions did, without a gap.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data.store.database import Base


class SequenceRow(Base):
    """The number that was given last; there is one such row."""

    __tablename__ = "sequence"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[int] = mapped_column(BigInteger)


def next_number(db: Session, count: int = 1) -> int:
    """Return the next number within a transaction; ``count``: the last of so many.

    Lock whatever else has to be locked before: who holds this lock holds up every writer.
    """
    drawn = update(SequenceRow).values(newest=SequenceRow.newest + count)
    return db.execute(drawn.returning(SequenceRow.newest)).scalar_one()


#: what has no number yet, merged by time; each log keeps its own order, regardless of clocks
_MERGED = """
CREATE TEMPORARY TABLE merged AS
SELECT log, line, row_number() OVER (ORDER BY not_before, log, line) AS place FROM (
  SELECT '' AS log, number AS line, max(made_at) OVER (ORDER BY number) AS not_before
  FROM audit WHERE sequence <= 0
  UNION ALL
  SELECT scenario_id, revision, max(made_at) OVER (PARTITION BY scenario_id ORDER BY revision)
  FROM change WHERE sequence <= 0) AS lines
"""
_NUMBERED = """
UPDATE {table} SET sequence =
  (SELECT newest FROM sequence) + (SELECT place FROM merged WHERE log = {log} AND line = {line})
WHERE sequence <= 0
"""


def number_by_time(connection: Connection) -> None:
    """Number the lines that were written before there was a sequence: theirs is 0 or less."""
    for statement in (
        _MERGED,
        "CREATE INDEX merged_line ON merged (log, line)",
        _NUMBERED.format(table="audit", log="''", line="number"),
        _NUMBERED.format(table="change", log="scenario_id", line="revision"),
        "UPDATE sequence SET newest = newest + (SELECT count(*) FROM merged)",
        "DROP TABLE merged",
    ):
        connection.execute(text(statement))

"""The audit log: every action about access, and every change of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store.access_tables import AuditRow
from data.store.database import ChangeRow, Database, ScenarioRow, now, one_line
from models.rights.sharing import AuditLine

MAX_DETAIL = 500


class Audit:
    """The audit log in the database. Calls may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, who: str, what: str, session: str | None = None, detail: str = "") -> None:
        """Add a line to the audit log.

        Parameters
        ----------
        who, what
            One line each, at most 80 characters.
        session
            The session that it belongs to, if any.
        detail
            One line more; no secret.
        """
        with self._database.writing() as db:
            note(db, who, what, session, detail)

    def audit(self, session: str | None = None) -> list[AuditLine]:
        """Return what happened about access, and every change of a scenario, oldest first.

        Of one session, or with None of the whole installation. Each of the logs keeps the order
        in which its lines were written, also where the clock was put back in between.
        """
        acts = select(AuditRow).order_by(AuditRow.number)
        changes = (
            select(ChangeRow, ScenarioRow.session_id)
            .join(ScenarioRow, ScenarioRow.id == ChangeRow.scenario_id)
            .order_by(ChangeRow.scenario_id, ChangeRow.revision)
        )
        if session is not None:
            acts = acts.where(AuditRow.session_id == session)
            changes = changes.where(ScenarioRow.session_id == session)
        with self._database.reading() as db:
            logs: dict[str, list[AuditLine]] = {"": [_audit_line(row) for row in db.scalars(acts)]}
            for row, within in db.execute(changes):
                logs.setdefault(row.scenario_id, []).append(_change_line(row, within))
        return [replace(one, number=n) for n, one in enumerate(_in_sequence(logs.values()), 1)]


def note(db: Session, who: str, what: str, session: str | None = None, detail: str = "") -> None:
    """Add a line to the audit log within a transaction; no secret may be in it.

    Parameters
    ----------
    db
        The open transaction.
    who, what
        One line each, at most 80 characters.
    session
        The session that it belongs to, if any.
    detail
        One line more.
    """
    db.add(
        AuditRow(
            made_at=now(),
            who=one_line(who, 80),
            what=one_line(what, 80),
            session_id=session,
            detail=one_line(detail, MAX_DETAIL),
        )
    )


def _in_sequence(logs: Iterable[Sequence[AuditLine]]) -> list[AuditLine]:
    """Merge the lines of several logs; each log keeps its own order, regardless of clocks."""
    dated = []
    for log in logs:
        not_before = ""
        for line in log:
            not_before = max(not_before, line.made_at)
            dated.append((not_before, line))
    dated.sort(key=lambda one: one[0])  # stable: equal times keep the order of their log
    return [line for _, line in dated]


def _audit_line(row: AuditRow) -> AuditLine:
    return AuditLine(row.number, row.made_at, row.who, row.what, row.session_id, row.detail)


def _change_line(row: ChangeRow, session: str | None) -> AuditLine:
    what = f"scenario {row.kind}"
    detail = f"{row.scenario_id} at revision {row.revision}: {row.reason}"
    return AuditLine(0, row.made_at, row.author, what, session, detail)

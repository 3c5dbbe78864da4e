"""The audit log: every action about access, and every change of a scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from data.store.access_tables import AuditRow
from data.store.database import ChangeRow, Database, ScenarioRow, now, one_line
from data.store.sequence import next_number
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

        Of one session, or with None of the whole installation. The order is that in which they
        were written, whatever clocks said.
        """
        acts = select(AuditRow)
        changes = select(*_OF_CHANGE, ScenarioRow.session_id).join(
            ScenarioRow, ScenarioRow.id == ChangeRow.scenario_id
        )
        if session is not None:
            acts = acts.where(AuditRow.session_id == session)
            changes = changes.where(ScenarioRow.session_id == session)
        with self._database.reading() as db:
            lines = {row.sequence: _audit_line(row) for row in db.scalars(acts)}
            lines |= {row.sequence: _change_line(row) for row in db.execute(changes)}
        return [replace(lines[place], number=n) for n, place in enumerate(sorted(lines), 1)]


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
            sequence=next_number(db),
        )
    )


#: all that the audit log tells of a change; its content is large and not among that
_OF_CHANGE = (
    ChangeRow.sequence,
    ChangeRow.scenario_id,
    ChangeRow.revision,
    ChangeRow.kind,
    ChangeRow.author,
    ChangeRow.made_at,
    ChangeRow.reason,
)


def _audit_line(row: AuditRow) -> AuditLine:
    return AuditLine(row.number, row.made_at, row.who, row.what, row.session_id, row.detail)


def _change_line(row: Row[*tuple[Any, ...]]) -> AuditLine:
    what = f"scenario {row.kind}"
    detail = f"{row.scenario_id} at revision {row.revision}: {row.reason}"
    return AuditLine(0, row.made_at, row.author, what, row.session_id, detail)

"""Scenarios in a database: an append-only log for each, undo and redo per author, branches.

A scenario is a plain dict under an unguessable id. Every change adds a line to its log and nothing
is ever overwritten; the newest line is the current state. The rules are in
``docs/reference/store.md``.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from data.store.database import ChangeRow, Database, ScenarioRow
from data.store.database import now as _now
from data.store.database import one_line as _line
from data.store.revisions import (
    LOG,
    MAX_TITLE,
    WITHIN,
    Stored,
    at_revision,
    author_name,
    begin,
    find,
    lines_after,
    read_revision,
    signed,
    stored,
    title_of,
)
from models.access import LOCAL
from models.errors import BadInputError
from models.revisions import (
    DecideRevision,
    Draft,
    LogLine,
    Revisions,
    changed,
    marked,
    name_taken,
    on,
    redone,
    require_there,
    undone,
)
from models.wording import _


class Store:
    """Scenarios under ``database_url`` (SQLAlchemy's form). Safe to call from several threads.

    The database is an SQLite file or PostgreSQL; several processes may use it at once. A call that
    returns has been written durably.
    """

    def __init__(self, database: str | Database, within: str | None = None) -> None:
        """Open the database; create or migrate its tables if necessary.

        Parameters
        ----------
        database
            Its URL, or one that is open already.
        within
            The shared session whose scenarios are accessible; None for those outside any. Others
            are inaccessible, even by id.

        Raises
        ------
        StoreError
            If it cannot be used.
        """
        self._database = Database(database) if isinstance(database, str) else database
        self._within = within

    def within(self, session: str | None) -> Store:
        """Return the scenarios of a shared session, or with None those outside any."""
        return Store(self._database, session)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._database.reading() as session:
            session.info[WITHIN] = self._within
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._database.writing() as session:
            session.info[WITHIN] = self._within
            yield session

    @property
    def database(self) -> Database:
        """Return the open database, for other stores in it."""
        return self._database

    # --- reading

    def get(self, scenario_id: str, revision: int | None = None, author: str = LOCAL) -> Stored:
        """Return the current revision of a scenario, or an earlier one.

        Parameters
        ----------
        scenario_id, revision
            The scenario, and the revision; None for the newest.
        author
            The user for whom the answer says what can be undone.

        Raises
        ------
        UnknownScenarioError, DeletedScenarioError
            If the id is unknown, or the scenario was deleted.
        UnknownRevisionError
            If its content at this revision was not recorded.
        """
        with self._reading() as session:
            row, shown = at_revision(session, scenario_id, revision)
            return stored(session, row, shown, author)

    def recent(self, limit: int = 20, author: str = LOCAL) -> list[Stored]:
        """Return the most recently changed scenarios, newest first."""
        later = aliased(ChangeRow)
        newest = select(func.max(later.revision)).where(later.scenario_id == ChangeRow.scenario_id)
        newest_of_each = (
            select(ScenarioRow, ChangeRow)
            .join(ChangeRow, ChangeRow.scenario_id == ScenarioRow.id)
            .where(ChangeRow.revision == newest.scalar_subquery(), ChangeRow.kind != "deleted")
            .where(ScenarioRow.session_id == self._within)
            .order_by(ChangeRow.made_at.desc(), ScenarioRow.id)
            .limit(limit)
        )
        with self._reading() as session:
            rows = session.execute(newest_of_each).all()
            return [stored(session, row, read_revision(line), author) for row, line in rows]

    def history(self, scenario_id: str, after: int = 0, limit: int = 1_000) -> list[LogLine]:
        """Return who changed what after a revision, oldest first; of a deleted scenario too.

        Parameters
        ----------
        scenario_id, after
            The scenario, and the revision after which lines are returned.
        limit
            How many lines at most.
        """
        with self._reading() as session:
            return lines_after(session, find(session, scenario_id).id, after, limit)

    def revisions(self, scenario_ids: Collection[str]) -> dict[str, int]:
        """Return the newest revision of each scenario; unknown ones are left out.

        One cheap query for all scenarios that a web process shows, to detect changes.
        """
        printable = [scenario_id for scenario_id in scenario_ids if scenario_id.isprintable()]
        newest = (
            select(ChangeRow.scenario_id, func.max(ChangeRow.revision).label("newest"))
            .where(ChangeRow.scenario_id.in_(printable))
            .group_by(ChangeRow.scenario_id)
        )
        with self._reading() as session:
            rows = session.execute(newest)
            return {row.scenario_id: row.newest for row in rows}

    def branches(self, scenario_id: str, author: str = LOCAL) -> list[Stored]:
        """Return all options of the same origin, this one included, without deleted ones."""
        with self._reading() as session:
            root = find(session, scenario_id).root_id
            family = select(ScenarioRow).filter_by(root_id=root)
            rows = session.scalars(family.order_by(ScenarioRow.created, ScenarioRow.id)).all()
            options = [(row, LOG.lines(session, row.id).newest) for row in rows]
            return [
                stored(session, row, newest, author)
                for row, newest in options
                if newest.kind != "deleted"
            ]

    # --- writing

    def create(
        self,
        world_id: str,
        title: str,
        plain: Mapping[str, Any],
        *,
        author: str = LOCAL,
        reason: str = "",
        then: DecideRevision | None = None,
    ) -> Stored:
        """Store a new scenario and return it with its id.

        Parameters
        ----------
        world_id, title, plain
            Its world, its title, and its plain form.
        author, reason
            Author and reason of the first line.
        then
            Decides the first change; if it raises, no scenario is created.

        Raises
        ------
        BadInputError
            If ``plain`` is too large or no JSON.
        """
        name = secrets.token_urlsafe(16)
        row = ScenarioRow(
            id=name,
            root_id=name,
            name="",
            world_id=_line(world_id, MAX_TITLE),
            title=_line(title, MAX_TITLE),
            created=_now(),
        )
        with self._writing() as session:
            return begin(session, row, Draft("created", author, plain, reason), then)

    def append(self, scenario_id: str, decide: DecideRevision, *, author: str = LOCAL) -> Stored:
        """Add the line that ``decide`` returns, if any, under the lock of the scenario.

        Parameters
        ----------
        scenario_id
            The scenario.
        decide
            Reads the log and returns the line to add, or None. If it raises, the scenario stays
            as it is.
        author
            The user for whom the answer says what can be undone.

        Returns
        -------
        The current revision of the scenario.

        Raises
        ------
        UnknownScenarioError, DeletedScenarioError
            If there is none of this id, or none any more.
        BadInputError
            If the new content is too large or no JSON.
        """

        def if_there(history: Revisions) -> Draft | None:
            require_there(history.newest)
            return decide(history)

        return self._append(scenario_id, if_there, author)

    def _append(self, scenario_id: str, decide: DecideRevision, author: str) -> Stored:
        with self._writing() as session:
            row = find(session, scenario_id, lock=True)
            return stored(session, row, LOG.append(session, row.id, decide), author)

    def write(
        self,
        scenario_id: str,
        plain: Mapping[str, Any],
        base_revision: int,
        reason: str = "",
        *,
        author: str = LOCAL,
    ) -> Stored:
        """Store a change of the scenario made on ``base_revision``, without rebase.

        This clears the author's list of changes to redo.

        Parameters
        ----------
        scenario_id, base_revision
            The scenario, and the revision on which the change was made.
        plain, reason
            The plain scenario after it, and what was done, in the page's words.
        author
            The user who makes it.

        Raises
        ------
        StaleRevisionError
            If the scenario is at another revision by now; nothing is written.
        BadInputError
            If ``plain`` is too large or no JSON.
        """
        author = author_name(author)

        def decide(history: Revisions) -> Draft:
            return changed(history, author, plain, reason)

        return self.append(scenario_id, on(base_revision, decide), author=author)

    def undo(self, scenario_id: str, base_revision: int, *, author: str = LOCAL) -> Stored:
        """Undo the author's last change; without one, nothing changes.

        Changes that others made since stay.

        Parameters
        ----------
        scenario_id, base_revision
            The scenario, and the revision that the author saw.
        author
            The user whose change it is.

        Raises
        ------
        StaleRevisionError
            If the scenario is at another revision by now.
        CannotTakeBackError
            If others have changed the same thing since.
        """
        author = author_name(author)
        return self.append(scenario_id, on(base_revision, undone(author)), author=author)

    def redo(self, scenario_id: str, base_revision: int, *, author: str = LOCAL) -> Stored:
        """Redo the author's last undone change; without one, nothing changes.

        Parameters
        ----------
        scenario_id, base_revision, author
            As for :meth:`undo`.

        Raises
        ------
        StaleRevisionError, CannotTakeBackError
            As for :meth:`undo`.
        """
        author = author_name(author)
        return self.append(scenario_id, on(base_revision, redone(author)), author=author)

    def branch(
        self,
        scenario_id: str,
        name: str,
        revision: int | None = None,
        *,
        author: str = LOCAL,
        signature: str = "",
    ) -> Stored:
        """Start an option with a name from a scenario's current revision, or an earlier one.

        It has its own id and log; later changes of either do not affect the other.

        Parameters
        ----------
        scenario_id, revision
            The scenario to start from, and the revision; None for the newest.
        name
            What the option is called.
        author, signature
            The user who starts it, and their view (``Seen.signature``): it stays with the name.

        Raises
        ------
        BadInputError
            If the name is empty, or another option of the same origin and view has it.
        """
        name = _line(name, MAX_TITLE)
        if not name:
            raise BadInputError([_("Give the option a name, such as 'Option B'.")])
        with self._writing() as session:
            origin, shown = at_revision(session, scenario_id, revision)
            root_id = origin.root_id
            find(session, root_id, lock=True)  # who else gives out a name here waits
            kept = signed(name, signature)
            taken = select(ScenarioRow.id).filter_by(root_id=root_id, name=kept)
            if session.scalar(taken) is not None:
                raise name_taken(name)
            row = ScenarioRow(
                id=secrets.token_urlsafe(16),
                root_id=root_id,
                branch_of=origin.id,
                branch_revision=shown.revision,
                name=kept,
                world_id=origin.world_id,
                title=title_of(origin, shown),
                created=_now(),
            )
            reason = _("option '{name}'").format(name=name)
            return begin(session, row, Draft("created", author, shown.plain, reason))

    def delete(
        self, scenario_id: str, base_revision: int, reason: str = "", *, author: str = LOCAL
    ) -> None:
        """Hide a scenario; its log is kept, and :meth:`restore` makes it visible again.

        Parameters
        ----------
        scenario_id, base_revision
            The scenario, and the revision that the author saw.
        reason
            Why, in the page's words.
        author
            The user who hides it.
        """
        self.append(
            scenario_id, on(base_revision, marked("deleted", author, reason)), author=author
        )

    def restore(self, scenario_id: str, reason: str = "", *, author: str = LOCAL) -> Stored:
        """Restore a deleted scenario; if it is not deleted, nothing changes.

        Parameters
        ----------
        scenario_id
            The scenario.
        reason
            Why, in the page's words.
        author
            The user who brings it back.
        """

        def decide(history: Revisions) -> Draft | None:
            is_deleted = history.newest.kind == "deleted"
            return marked("restored", author, reason)(history) if is_deleted else None

        return self._append(scenario_id, decide, author)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

"""Scenarios in a database: an append-only log for each, undo and redo per author, branches.

A scenario is a plain dict under an unguessable id. Every change adds a line to its log and nothing
is ever overwritten; what stands now is what the newest line says. The rules are in
``docs/reference/store.md``.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from data.store.database import ChangeRow, Database, ScenarioRow
from data.store.database import now as _now
from data.store.database import one_line as _line
from models.change import taken_back
from models.errors import BadInputError, KnockOnError
from models.rights.sharing import done
from models.wording import N_, _

MAX_PLAIN_BYTES = 256_000
MAX_TITLE = 200
MAX_AUTHOR = 80
MAX_REASON = 500
#: who works on a scenario where nobody signed in
LOCAL = "local"
#: how many changes of others a refused one tells of
TOLD_CHANGES = 3

Kind = Literal["created", "changed", "undone", "redone", "deleted", "restored"]
KINDS: tuple[str, ...] = get_args(Kind)
#: what a transaction knows its session under
_WITHIN = "within"
_DID: Mapping[str, str] = {
    "undone": N_("took back: {what}"),
    "redone": N_("made again: {what}"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a scenario's log, without the content.

    ``reason`` says what was done, in the page's words; that of an undo or redo is the reason of
    the change it took back or made again. ``made_at`` is UTC, ISO 8601; the order is that of
    ``revision``, whatever the clock said.
    """

    revision: int
    kind: str
    author: str
    made_at: str
    reason: str

    def __str__(self) -> str:
        return self.saying(self.reason)

    def saying(self, reason: str) -> str:
        """Return the line with another reason."""
        what = reason or done(self.kind)
        if self.kind in _DID:
            what = _(_DID[self.kind]).format(what=what)
        who = _("a user") if self.author == LOCAL else self.author
        text = _("{who} at {at} UTC: {what}")
        return text.format(who=who, at=self.made_at[11:16], what=what)


@dataclass(frozen=True, slots=True)
class Stored:
    """A scenario as it stands, or as it stood at an earlier revision.

    ``title`` is that of the plain form where it has one, so an undo takes a new name back too.
    ``revision`` grows with every change, undo and redo included: it says whether a viewer is up
    to date. ``can_undo`` and ``can_redo`` are those of the author who asks. ``created`` and
    ``updated`` are UTC, ISO 8601. A branch has a ``name``, and left ``branch_of`` at
    ``branch_revision``.
    """

    id: str
    world_id: str
    title: str
    revision: int
    plain: dict[str, Any]
    can_undo: bool
    can_redo: bool
    created: str
    updated: str
    name: str = ""
    branch_of: str | None = None
    branch_revision: int | None = None


class StaleRevisionError(KnockOnError):
    """Somebody else changed the scenario in the meantime; ``since`` are the newest such changes."""

    def __init__(self, yours: int, current: int, since: Sequence[Change] = ()) -> None:
        self.yours, self.current, self.since = yours, current, tuple(since)
        told = "; ".join(str(one) for one in since[-TOLD_CHANGES:])
        text = _(
            "This scenario has changed in the meantime (you have revision {yours}, it is at "
            "{now}). Reload it and make your change again."
        )
        if told:
            text = _(
                "This scenario has changed in the meantime (you have revision {yours}, it is at "
                "{now}). Changed since: {changes}. Reload it and make your change again."
            )
        super().__init__(text.format(yours=yours, now=current, changes=told))


class UnknownScenarioError(KnockOnError):
    """No scenario has this id."""

    def __init__(self, scenario_id: str) -> None:
        shown = _line(scenario_id, 40)
        text = _("No scenario '{id}'. It may be from another installation.")
        super().__init__(text.format(id=shown))


class DeletedScenarioError(KnockOnError):
    """The scenario was deleted; it can be restored."""

    def __init__(self, change: Change) -> None:
        super().__init__(
            _("This scenario was deleted ({change}). It can be restored.").format(change=change)
        )


class UnknownRevisionError(KnockOnError):
    """A scenario never was at this revision, or nobody noted what it was then."""

    def __init__(self, revision: int, current: int) -> None:
        super().__init__(
            _(
                "Revision {revision} of this scenario is no longer available "
                "(current: {now}). Reload the page."
            ).format(revision=revision, now=current)
        )


class CannotTakeBackError(KnockOnError):
    """An author's last change cannot be undone, or redone, because of what others did since."""

    def __init__(self, mine: Change, others: Change) -> None:
        super().__init__(
            _(
                "Your change '{mine}' cannot be undone or redone: the same thing was "
                "changed since ({others}). Edit it by hand, or ask its author to "
                "undo that first."
            ).format(mine=mine.reason or done(mine.kind), others=others)
        )


class Store:
    """Scenarios under ``database_url`` (SQLAlchemy's form). Safe to call from several threads.

    The database is an SQLite file or PostgreSQL; several processes may use it at once. Whatever
    returns has been written durably.
    """

    def __init__(self, database: str | Database, within: str | None = None) -> None:
        """Open the database, creating or migrating its tables where that is needed.

        Parameters
        ----------
        database
            Its URL, or one that is open already.
        within
            The shared session whose scenarios are here; None for those outside any. No other
            can be reached, whatever is known of it.

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
            session.info[_WITHIN] = self._within
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._database.writing() as session:
            session.info[_WITHIN] = self._within
            yield session

    @property
    def database(self) -> Database:
        """Return the open database, for what else is kept in it."""
        return self._database

    # --- reading

    def get(self, scenario_id: str, revision: int | None = None, author: str = LOCAL) -> Stored:
        """Return a scenario as it stands, or as it stood at a revision.

        Raises
        ------
        UnknownScenarioError, DeletedScenarioError
            If there is none of this id, or none any more.
        UnknownRevisionError
            If it is not known what it was at this revision.
        """
        with self._reading() as session:
            row, newest = _open(session, scenario_id)
            if revision is None or revision == newest.revision:
                return _stored(session, row, newest, author)
            known = 0 < revision < newest.revision  # a database may not take any whole number
            shown = session.get(ChangeRow, (row.id, revision)) if known else None
            if shown is None:
                raise UnknownRevisionError(revision, newest.revision)
            return _stored(session, row, shown, author)

    def recent(self, limit: int = 20, author: str = LOCAL) -> list[Stored]:
        """Return the scenarios changed last, newest first."""
        later = aliased(ChangeRow)
        newest = select(func.max(later.revision)).where(later.scenario_id == ChangeRow.scenario_id)
        changed = (
            select(ScenarioRow, ChangeRow)
            .join(ChangeRow, ChangeRow.scenario_id == ScenarioRow.id)
            .where(ChangeRow.revision == newest.scalar_subquery(), ChangeRow.kind != "deleted")
            .where(ScenarioRow.session_id == self._within)
            .order_by(ChangeRow.made_at.desc(), ScenarioRow.id)
            .limit(limit)
        )
        with self._reading() as session:
            found = session.execute(changed).all()
            return [_stored(session, row, change, author) for row, change in found]

    def history(self, scenario_id: str, after: int = 0, limit: int = 1_000) -> list[Change]:
        """Return who changed what after a revision, oldest first; of a deleted scenario too."""
        with self._reading() as session:
            return _since(session, _row(session, scenario_id).id, after, limit)

    def revisions(self, scenario_ids: Collection[str]) -> dict[str, int]:
        """Return the newest revision of each; what is not there is left out.

        One cheap question for all that a web process shows: those that moved have news.
        """
        asked = [one for one in scenario_ids if one.isprintable()]
        newest = (
            select(ChangeRow.scenario_id, func.max(ChangeRow.revision).label("newest"))
            .where(ChangeRow.scenario_id.in_(asked))
            .group_by(ChangeRow.scenario_id)
        )
        with self._reading() as session:
            found = session.execute(newest)
            return {one.scenario_id: one.newest for one in found}

    def branches(self, scenario_id: str, author: str = LOCAL) -> list[Stored]:
        """Return all options of the same origin, it and this one included; no deleted ones."""
        with self._reading() as session:
            root = _row(session, scenario_id).root_id
            family = select(ScenarioRow).filter_by(root_id=root)
            rows = session.scalars(family.order_by(ScenarioRow.created, ScenarioRow.id)).all()
            options = [(row, _newest(session, row.id)) for row in rows]
            return [
                _stored(session, row, newest, author)
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
    ) -> Stored:
        """Store a new scenario and return it with its id."""
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
            return _begin(session, row, plain_text(plain), author, reason)

    def write(
        self,
        scenario_id: str,
        plain: Mapping[str, Any],
        base_revision: int,
        reason: str = "",
        *,
        author: str = LOCAL,
    ) -> Stored:
        """Store a change of the scenario made on ``base_revision``.

        What this author undid before can no longer be redone.

        Raises
        ------
        StaleRevisionError
            If the scenario is at another revision by now; nothing is written.
        BadInputError
            If ``plain`` is too large or no JSON.
        """
        text, author = plain_text(plain), _author(author)
        with self._writing() as session:
            row, newest = _open(session, scenario_id, base_revision)
            mine = _last_of(session, newest, author)
            change = _next_line(newest, "changed", author, reason, text)
            change.next_undo, change.below = change.revision, mine.next_undo if mine else None
            return _add(session, row, change)

    def undo(self, scenario_id: str, base_revision: int, *, author: str = LOCAL) -> Stored:
        """Take back the author's last change; where there is none, nothing changes.

        Changes that others made since stay.

        Raises
        ------
        StaleRevisionError
            If the scenario is at another revision by now.
        CannotTakeBackError
            If others have changed the same thing since.
        """
        return self._step(scenario_id, base_revision, author, "undone")

    def redo(self, scenario_id: str, base_revision: int, *, author: str = LOCAL) -> Stored:
        """Make again what the author undid last; where there is none, nothing changes.

        Raises
        ------
        StaleRevisionError, CannotTakeBackError
            As for :meth:`undo`.
        """
        return self._step(scenario_id, base_revision, author, "redone")

    def _step(self, scenario_id: str, base_revision: int, author: str, kind: Kind) -> Stored:
        """Undo and redo are one thing: to redo is to take one's own undo back."""
        author = _author(author)
        with self._writing() as session:
            row, newest = _open(session, scenario_id, base_revision)
            mine = _last_of(session, newest, author)
            number = _next_of(mine, kind)
            if mine is None or number is None:
                return _stored(session, row, newest, author)
            step = session.get_one(ChangeRow, (row.id, number))
            change = _next_line(newest, kind, author, step.reason, _without(session, step, newest))
            change.takes_back = number
            if kind == "undone":
                change.next_undo, change.next_redo = step.below, change.revision
                change.below = mine.next_redo
            else:
                change.next_undo, change.next_redo = change.revision, step.below
                change.below = mine.next_undo
            return _add(session, row, change)

    def branch(
        self, scenario_id: str, name: str, revision: int | None = None, *, author: str = LOCAL
    ) -> Stored:
        """Start an option with a name from a scenario as it stands, or stood at a revision.

        It has an id and a log of its own; neither sees the other's later changes.

        Raises
        ------
        BadInputError
            If the name is empty, or another option of the same origin has it.
        """
        name, author = _line(name, MAX_TITLE), _author(author)
        if not name:
            raise BadInputError([_("Give the option a name, such as 'Option B'.")])
        origin = self.get(scenario_id, revision)
        with self._writing() as session:
            root_id = _row(session, scenario_id).root_id
            _row(session, root_id, lock=True)  # who else gives out a name here waits
            taken = select(ScenarioRow.id).filter_by(root_id=root_id, name=name)
            if session.scalar(taken) is not None:
                raise BadInputError(
                    [
                        _(
                            "An option named '{name}' exists, or existed and was "
                            "deleted. Choose another name."
                        ).format(name=name)
                    ]
                )
            row = ScenarioRow(
                id=secrets.token_urlsafe(16),
                root_id=root_id,
                branch_of=origin.id,
                branch_revision=origin.revision,
                name=name,
                world_id=origin.world_id,
                title=origin.title,
                created=_now(),
            )
            reason = _("option '{name}'").format(name=name)
            return _begin(session, row, plain_text(origin.plain), author, reason)

    def delete(
        self, scenario_id: str, base_revision: int, reason: str = "", *, author: str = LOCAL
    ) -> None:
        """Hide a scenario; nothing of it is lost, and :meth:`restore` brings it back."""
        with self._writing() as session:
            row, newest = _open(session, scenario_id, base_revision)
            _mark(session, row, newest, "deleted", author, reason)

    def restore(self, scenario_id: str, reason: str = "", *, author: str = LOCAL) -> Stored:
        """Bring a deleted scenario back as it was; one that is not deleted stays as it is."""
        with self._writing() as session:
            row = _row(session, scenario_id, lock=True)
            newest = _newest(session, row.id)
            if newest.kind != "deleted":
                return _stored(session, row, newest, author)
            return _mark(session, row, newest, "restored", author, reason)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


# --- what is given ---------------------------------------------------------------------------


def plain_text(plain: Mapping[str, Any]) -> str:
    """Return a scenario as it is stored; raises BadInputError if it is too large or no JSON."""
    try:
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode("utf-8"))
    except (TypeError, ValueError, RecursionError):
        raise BadInputError([_("The scenario is not plain JSON and was not saved.")]) from None
    if size > MAX_PLAIN_BYTES:
        text = _("The scenario is too large to save: {size} kB; the limit is {limit} kB.")
        raise BadInputError([text.format(size=size // 1000, limit=MAX_PLAIN_BYTES // 1000)])
    return text


def _author(author: str) -> str:
    named = _line(author, MAX_AUTHOR)
    if not named:
        raise BadInputError([_("A change needs an author.")])
    return named


# --- rows ------------------------------------------------------------------------------------


def _row(session: Session, scenario_id: str, *, lock: bool = False) -> ScenarioRow:
    # no database takes every text
    known = scenario_id.isprintable()
    row = session.get(ScenarioRow, scenario_id, with_for_update=lock or None) if known else None
    # one of another session is answered like one that never was: nothing tells them apart
    if row is None or row.session_id != session.info[_WITHIN]:
        raise UnknownScenarioError(scenario_id)
    return row


def _newest(session: Session, scenario_id: str) -> ChangeRow:
    log = select(ChangeRow).filter_by(scenario_id=scenario_id)
    return session.scalars(log.order_by(ChangeRow.revision.desc()).limit(1)).one()


def _open(
    session: Session, scenario_id: str, base_revision: int | None = None
) -> tuple[ScenarioRow, ChangeRow]:
    """Return a scenario and the newest line of its log.

    To change it, name the revision that this builds on: then nobody else can until we are done.
    """
    row = _row(session, scenario_id, lock=base_revision is not None)
    newest = _newest(session, row.id)
    if newest.kind == "deleted":
        raise DeletedScenarioError(_change(newest))
    if base_revision not in (None, newest.revision):
        after = max(base_revision, newest.revision - TOLD_CHANGES, 0)
        since = _since(session, row.id, after, TOLD_CHANGES) if after < newest.revision else []
        raise StaleRevisionError(base_revision, newest.revision, since)
    return row, newest


def _since(session: Session, scenario_id: str, after: int, limit: int) -> list[Change]:
    columns = [getattr(ChangeRow, name) for name in Change.__dataclass_fields__]
    log = select(*columns).where(ChangeRow.scenario_id == scenario_id, ChangeRow.revision > after)
    rows = session.execute(log.order_by(ChangeRow.revision).limit(limit))
    return [Change(*row) for row in rows]


def _change(row: ChangeRow) -> Change:
    return Change(**{name: getattr(row, name) for name in Change.__dataclass_fields__})


def _last_of(session: Session, upto: ChangeRow, author: str) -> ChangeRow | None:
    """Return the author's last line up to another; it says what the author can undo and redo."""
    lines = select(ChangeRow).filter_by(scenario_id=upto.scenario_id, author=author)
    lines = lines.where(ChangeRow.revision <= upto.revision)
    return session.scalars(lines.order_by(ChangeRow.revision.desc()).limit(1)).one_or_none()


def _next_of(mine: ChangeRow | None, kind: Kind) -> int | None:
    if mine is None:
        return None
    return mine.next_undo if kind == "undone" else mine.next_redo


def _without(session: Session, step: ChangeRow, newest: ChangeRow) -> str:
    """Return what stands now without one change, as text."""
    log = select(ChangeRow).filter_by(scenario_id=step.scenario_id)
    earlier = log.where(ChangeRow.revision < step.revision).order_by(ChangeRow.revision.desc())
    before = json.loads(session.scalars(earlier.limit(1)).one().plain)
    after = json.loads(step.plain)
    found = taken_back(before, after, json.loads(newest.plain))
    if found is not None:
        return plain_text(found)
    culprit = newest
    later = log.where(ChangeRow.revision > step.revision).order_by(ChangeRow.revision.desc())
    with session.scalars(later.execution_options(yield_per=20)) as lines:
        for line in lines:
            if taken_back(before, after, json.loads(line.plain)) is not None:
                break
            culprit = line
    raise CannotTakeBackError(_change(step), _change(culprit))


def _next_line(newest: ChangeRow, kind: Kind, author: str, reason: str, plain: str) -> ChangeRow:
    return ChangeRow(
        scenario_id=newest.scenario_id,
        revision=newest.revision + 1,
        kind=kind,
        author=author,
        made_at=_now(),
        reason=_line(reason, MAX_REASON),
        plain=plain,
    )


def _add(session: Session, row: ScenarioRow, change: ChangeRow) -> Stored:
    session.add(change)
    session.flush()
    return _stored(session, row, change, change.author)


def _begin(session: Session, row: ScenarioRow, plain: str, author: str, reason: str) -> Stored:
    """Add a scenario with the first line of its log."""
    row.session_id = session.info[_WITHIN]
    session.add(row)
    session.flush()  # the line refers to it
    first = ChangeRow(
        scenario_id=row.id,
        revision=1,
        kind="created",
        author=_author(author),
        made_at=row.created,
        reason=_line(reason, MAX_REASON),
        plain=plain,
    )
    return _add(session, row, first)


def _mark(
    session: Session, row: ScenarioRow, newest: ChangeRow, kind: Kind, author: str, reason: str
) -> Stored:
    """Add a line that leaves the content, and what its author can undo, as they are."""
    author = _author(author)
    mine = _last_of(session, newest, author)
    change = _next_line(newest, kind, author, reason, newest.plain)
    if mine is not None:
        change.next_undo, change.next_redo = mine.next_undo, mine.next_redo
    return _add(session, row, change)


def _stored(session: Session, row: ScenarioRow, shown: ChangeRow, author: str) -> Stored:
    mine = shown if shown.author == author else _last_of(session, shown, author)
    plain = json.loads(shown.plain)
    return Stored(
        id=row.id,
        world_id=row.world_id,
        title=_line(str(plain.get("title") or row.title), MAX_TITLE),
        revision=shown.revision,
        plain=plain,
        can_undo=mine is not None and mine.next_undo is not None,
        can_redo=mine is not None and mine.next_redo is not None,
        created=row.created,
        updated=shown.made_at,
        name=row.name,
        branch_of=row.branch_of,
        branch_revision=row.branch_revision,
    )

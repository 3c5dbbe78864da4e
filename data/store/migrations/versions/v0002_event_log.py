"""An append-only log per scenario with authors and reasons; branches; soft deletion.

Every content of the older form becomes a line of the log, and so does every undo and redo.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.errors import BadInputError

revision = "0002"
down_revision = "0001"

#: the one person of before
AUTHOR = "local"
OLD = ("step", "revision", "scenario")
Row = Mapping[Any, Any]


def upgrade() -> None:
    """Put the old tables aside, make the new ones, carry everything over, drop the old ones."""
    connection = op.get_bind()
    there = [name for name in OLD if sa.inspect(connection).has_table(name)]
    op.drop_index("ix_scenario_updated", "scenario")
    for name in there:
        op.rename_table(name, f"old_{name}")
    scenario, change = _create()
    for old in connection.execute(sa.text("SELECT * FROM old_scenario")).mappings().all():
        row = {name: old[name] for name in ("id", "world_id", "title", "created")}
        connection.execute(scenario.insert(), row | {"root_id": old["id"], "name": ""})
        connection.execute(change.insert(), list(_log(connection, old, "step" in there)))
    for name in there:
        op.drop_table(f"old_{name}")


def _create() -> tuple[sa.Table, sa.Table]:
    def later(to: str) -> sa.ForeignKey:
        return sa.ForeignKey(to, deferrable=True, initially="DEFERRED")

    scenario = op.create_table(
        "scenario",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("root_id", sa.String, later("scenario.id"), nullable=False),
        sa.Column("branch_of", sa.String, later("scenario.id")),
        sa.Column("branch_revision", sa.Integer),
        *(sa.Column(name, sa.String, nullable=False)
          for name in ("name", "world_id", "title", "created")),
        sa.UniqueConstraint("root_id", "name", name="uq_scenario_root_id_name"),
    )  # fmt: skip
    change = op.create_table(
        "change",
        sa.Column("scenario_id", sa.String, later("scenario.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False)
          for name in ("kind", "author", "made_at", "reason", "plain")),
        *(sa.Column(name, sa.Integer)
          for name in ("takes_back", "next_undo", "next_redo", "below")),
    )  # fmt: skip
    op.create_index("ix_change_author", "change", ["scenario_id", "author", "revision"])
    op.create_index("ix_change_made_at", "change", ["made_at"])
    return scenario, change


def _log(connection: sa.Connection, old: Row, has_steps: bool) -> Iterator[Row]:
    """Yield the log of a scenario: what was done, with the lists that undo and redo follow."""
    asked = {"id": old["id"]}
    contents = {
        row["number"]: row
        for row in connection.execute(
            sa.text("SELECT * FROM old_revision WHERE scenario_id = :id ORDER BY number"), asked
        ).mappings()
    }
    steps = sa.text("SELECT revision, at FROM old_step WHERE scenario_id = :id ORDER BY revision")
    known = [tuple(row) for row in connection.execute(steps, asked)] if has_steps else []
    if contents and [revision for revision, _ in known] != list(range(1, old["revision"] + 1)):
        known = list(_guessed(contents, old))
    if not contents or not {content for _, content in known} <= contents.keys():
        raise BadInputError(
            [f"The scenario database is damaged: scenario '{old['id']}' lacks part of its history. "
             "It was left as it is; the program that wrote it may still open it."]
        )  # fmt: skip
    yield from _lines(old["id"], known, contents)


def _guessed(contents: Mapping[int, Row], old: Row) -> Iterator[tuple[int, int]]:
    """Yield (revision, content) where not every step was noted: no content is left out.

    Where steps are missing that were undos, an early content may get a lower revision than it had;
    the newest revision keeps its number.
    """
    order: list[int] = []
    for number, content in contents.items():
        if order and content["parent"] != order[-1]:
            order.append(content["parent"])  # there was an undo
        order.append(number)
    if order[-1] != old["at"]:
        order.append(old["at"])
    yield from enumerate(order[:-1], 1)
    yield max(old["revision"], len(order)), order[-1]


def _lines(
    scenario_id: str, known: list[tuple[int, int]], contents: Mapping[int, Row]
) -> Iterator[Row]:
    seen: dict[int, Row] = {}
    shown: set[int] = set()
    at, made_at = 0, ""
    next_undo = next_redo = None
    for number, content in known:
        row, below, takes_back = contents[content], None, None
        reason = row["note"]
        if not seen:
            kind, reason = "created", ""
        elif content not in shown:
            kind, below, next_undo, next_redo = "changed", next_undo, number, None
        elif next_undo is not None and contents[at]["parent"] == content:
            kind, takes_back = "undone", next_undo
            reason = seen[takes_back]["reason"]
            below, next_undo, next_redo = next_redo, seen[takes_back]["below"], number
        elif next_redo is not None and row["parent"] == at:
            kind, takes_back = "redone", next_redo
            reason = seen[takes_back]["reason"]
            below, next_redo, next_undo = next_undo, seen[takes_back]["below"], number
        else:  # several undos of which nothing is known
            kind, reason = "changed", "went back to an earlier state"
            below, next_undo, next_redo = next_undo, number, None
        # when an undo was made was not noted; no earlier than what came before it
        made_at = max(made_at, row["made_at"])
        at = content
        shown.add(content)
        seen[number] = {
            "scenario_id": scenario_id,
            "revision": number,
            "kind": kind,
            "author": AUTHOR,
            "made_at": made_at,
            "reason": reason,
            "plain": row["plain"],
            "takes_back": takes_back,
            "next_undo": next_undo,
            "next_redo": next_redo,
            "below": below,
        }
        yield seen[number]

"""Edits of a world's tables as pure data: apply one, and take it back.

A world is a base that never changes and a log of edits. Tables are plain values here: table → id →
column → value, as in the files; the checks of ``data/worlds`` judge what comes of the edits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from models.errors import BadInputError
from models.wording import _

Value = str | int | float | bool | None
Row = Mapping[str, Value]
Tables = Mapping[str, Mapping[str, Row]]
#: the tables whose rows have an id
TableName = Literal["assets", "links", "dependencies", "common_cause"]
#: the column that says what a person decided about an inferred row; None: nothing yet
VERDICT = "verdict"
MAX_CELL = 2_000


def _bounded(value: Value) -> Value:
    if isinstance(value, str) and (len(value) > MAX_CELL or not value.isprintable()):
        raise ValueError("a cell is one printable line")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        raise ValueError("a number this large loses digits")
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise ValueError("a number is finite")
    return value


_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Cell = Annotated[str | int | float | bool | None, AfterValidator(_bounded)]
_Cells = Annotated[dict[_Name, _Cell], Field(max_length=100)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SetValue(_Form):
    """Set one cell of a row; ``is_absent``: the row states nothing in this column."""

    kind: Literal["set"] = "set"
    table: TableName
    id: _Name
    column: _Name
    value: _Cell = None
    is_absent: bool = False


class AddRow(_Form):
    """Add a row."""

    kind: Literal["add"] = "add"
    table: TableName
    id: _Name
    row: _Cells


class RemoveRow(_Form):
    """Remove a row."""

    kind: Literal["remove"] = "remove"
    table: TableName
    id: _Name


class Judge(_Form):
    """Accept or reject an inferred row; None takes the verdict back."""

    kind: Literal["judge"] = "judge"
    table: TableName
    id: _Name
    verdict: Literal["accepted", "rejected"] | None


Edit = SetValue | AddRow | RemoveRow | Judge
_EDIT: TypeAdapter[Edit] = TypeAdapter(Annotated[Edit, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True)
class Done:
    """An edit as a log keeps it: with the edit that takes it back."""

    edit: Edit
    inverse: Edit


def read_edit(payload: object) -> Edit:
    """Return an untrusted payload as an edit; raises BadInputError."""
    try:
        return _EDIT.validate_python(payload)
    except (ValidationError, RecursionError):
        text = _("This edit of the world cannot be read. Reload the page.")
        raise BadInputError([text]) from None


def applied(tables: Tables, edit: Edit) -> Tables:
    """Return the tables after an edit; those before stay as they are.

    Raises
    ------
    BadInputError
        If the row is missing, or is there already.
    """
    table = tables.get(edit.table, {})
    if isinstance(edit, AddRow):
        if edit.id in table:
            raise BadInputError([_("There is already a row '{id}'.").format(id=edit.id[:80])])
        return {**tables, edit.table: {**table, edit.id: edit.row}}
    row = _row(table, edit.id)
    if isinstance(edit, RemoveRow):
        kept = {name: other for name, other in table.items() if name != edit.id}
        return {**tables, edit.table: kept}
    return {**tables, edit.table: {**table, edit.id: _changed(row, edit)}}


def inverse(tables: Tables, edit: Edit) -> Edit:
    """Return the edit that takes ``edit`` back; ``tables`` are those before it.

    Raises
    ------
    BadInputError
        If ``edit`` cannot be applied.
    """
    if isinstance(edit, AddRow):
        applied(tables, edit)
        return RemoveRow(table=edit.table, id=edit.id)
    row = _row(tables.get(edit.table, {}), edit.id)
    if isinstance(edit, RemoveRow):
        return AddRow(table=edit.table, id=edit.id, row=dict(row))
    column = VERDICT if isinstance(edit, Judge) else edit.column
    absent = column not in row
    return SetValue(
        table=edit.table, id=edit.id, column=column, value=row.get(column), is_absent=absent
    )


def done(tables: Tables, edit: Edit) -> tuple[Tables, Done]:
    """Apply an edit; return the tables after it, and what the log keeps."""
    back = inverse(tables, edit)
    return applied(tables, edit), Done(edit, back)


def as_plain(value: Done) -> dict[str, Any]:
    """Return what the log keeps as plain values."""
    return {"edit": value.edit.model_dump(), "inverse": value.inverse.model_dump()}


def from_plain(value: Mapping[str, Any]) -> Done:
    """Return what :func:`as_plain` made; raises BadInputError."""
    return Done(read_edit(value.get("edit")), read_edit(value.get("inverse")))


def _row(table: Mapping[str, Row], row_id: str) -> Row:
    if row_id not in table:
        raise BadInputError(
            [_("There is no row '{id}' any more. Somebody removed it.").format(id=row_id[:80])]
        )
    return table[row_id]


def _changed(row: Row, edit: SetValue | Judge) -> Row:
    if isinstance(edit, Judge):
        return _with(row, VERDICT, edit.verdict, is_absent=edit.verdict is None)
    return _with(row, edit.column, edit.value, is_absent=edit.is_absent)


def _with(row: Row, column: str, value: Value, *, is_absent: bool) -> Row:
    if is_absent:
        return {name: cell for name, cell in row.items() if name != column}
    return {**row, column: value}

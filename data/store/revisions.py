"""A scenario's log in its two tables: how a line is read, checked and written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from data.store.database import ChangeRow, ScenarioRow, now, one_line
from data.store.log import Log
from models.errors import BadInputError, KnockOnError
from models.revisions import Draft, Revision
from models.wording import _

MAX_PLAIN_BYTES = 256_000
MAX_TITLE = 200
MAX_AUTHOR = 80
MAX_REASON = 500


class UnknownScenarioError(KnockOnError):
    """No scenario has this id."""

    def __init__(self, scenario_id: str) -> None:
        shown = one_line(scenario_id, 40)
        text = _("No scenario '{id}'. It may be from another installation.")
        super().__init__(text.format(id=shown))


class UnknownRevisionError(KnockOnError):
    """A scenario never was at this revision, or nobody noted what it was then."""

    def __init__(self, revision: int, current: int) -> None:
        super().__init__(
            _(
                "Revision {revision} of this scenario is no longer available "
                "(current: {now}). Reload the page."
            ).format(revision=revision, now=current)
        )


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


def author_name(author: str) -> str:
    """Return an author's name as it is stored; raises BadInputError for an empty one."""
    named = one_line(author, MAX_AUTHOR)
    if not named:
        raise BadInputError([_("A change needs an author.")])
    return named


def read_revision(row: ChangeRow) -> Revision:
    """Return a row as a line of the log."""
    names = Revision.__dataclass_fields__
    values = {name: getattr(row, name) for name in names if name != "plain"}
    return Revision(plain=json.loads(row.plain), **values)


def _change_row(scenario_id: str, revision: int, draft: Draft) -> ChangeRow:
    return ChangeRow(
        scenario_id=scenario_id,
        revision=revision,
        kind=draft.kind,
        author=author_name(draft.author),
        made_at=now(),
        reason=one_line(draft.reason, MAX_REASON),
        plain=plain_text(draft.plain),
        takes_back=draft.takes_back,
        next_undo=draft.next_undo,
        next_redo=draft.next_redo,
        below=draft.below,
    )


#: a scenario's log in its two tables
LOG: Log[ScenarioRow, ChangeRow, Revision, Draft] = Log(
    heads=ScenarioRow,
    rows=ChangeRow,
    head_id=ChangeRow.scenario_id,
    number=ChangeRow.revision,
    author=ChangeRow.author,
    text=ChangeRow.plain,
    session=ScenarioRow.session_id,
    read=read_revision,
    write=_change_row,
    number_of=lambda line: line.revision,
    unknown=UnknownScenarioError,
    no_line=UnknownRevisionError,
)

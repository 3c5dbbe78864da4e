"""The published cases of cascade models (``data/knowledge/theory_cases.json``), by name."""

from __future__ import annotations

import json
from collections.abc import Sequence

from data.knowledge.reader import FOLDER
from models.errors import BadInputError, did_you_mean
from models.theory.checks import PublishedCase


def theory_cases(names: Sequence[str] = ()) -> tuple[PublishedCase, ...]:
    """Return the named cases, in the table's order; all of them without names.

    A name is a case (``WATTS-0.18``) or a prefix of several (``WATTS``); letter case is ignored.

    Raises
    ------
    BadInputError
        If a name matches no case.
    """
    text = (FOLDER / "theory_cases.json").read_text(encoding="utf-8")
    cases = [PublishedCase(**row) for row in json.loads(text)]
    case_names = [case.case for case in cases]
    groups = list(dict.fromkeys(name.split("-")[0] for name in case_names))
    problems = []
    chosen: set[str] = set() if names else set(case_names)
    for name in (name.upper() for name in names):
        matching = {case_name for case_name in case_names if f"{case_name}-".startswith(f"{name}-")}
        if not matching:
            hint = did_you_mean(name, [*groups, *case_names], f"There are {', '.join(groups)}.")
            problems.append(f"No published case '{name}'. {hint}")
        chosen |= matching
    if problems:
        raise BadInputError(problems)
    return tuple(case for case in cases if case.case in chosen)

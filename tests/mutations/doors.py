"""The list of mutations, ``doors.toml``: each takes one guard away that a promise rests on."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("doors.toml")


@dataclass(frozen=True)
class Mutation:
    """One guard that is taken away, and the test that must fail then.

    ``old`` occurs exactly once in ``file`` and is replaced by ``new``; ``test`` is a node id of
    pytest without parameters.
    """

    name: str
    promise: str
    file: str
    old: str
    new: str
    test: str

    def applied(self, text: str) -> str:
        """Return the text of the file without the guard."""
        assert text.count(self.old) == 1, f"{self.name}: not exactly once in {self.file}"
        return text.replace(self.old, self.new)

    @property
    def has_test(self) -> bool:
        """Return whether the test that must fail exists."""
        path, _, function = self.test.partition("::")
        source = ROOT / path
        pattern = re.compile(rf"^(async )?def {re.escape(function)}\(", re.MULTILINE)
        return source.is_file() and bool(pattern.search(source.read_text(encoding="utf-8")))


def mutations() -> list[Mutation]:
    """Return the list in its order."""
    with LIST.open("rb") as file:
        return [Mutation(**entry) for entry in tomllib.load(file)["mutation"]]

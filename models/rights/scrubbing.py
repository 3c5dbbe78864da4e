"""Taking names and ids out of texts that people wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from models.wording import N_, _

#: the replacement of a name
GONE = N_("(not shown)")
#: Shorter names also match other words: redacting "7" would garble every hour.
SHORTEST = 3


class Scrubber:
    """Redacts ``names`` wherever they occur as whole words, in any case.

    A name that is among ``shown`` too belongs to something visible and stays.
    """

    def __init__(self, names: Iterable[str] = (), shown: Iterable[str] = ()) -> None:
        stay = {name.casefold() for name in shown}
        gone = {n for n in names if len(n.strip()) >= SHORTEST and n.casefold() not in stay}
        either = "|".join(map(re.escape, sorted(gone, key=lambda n: (-len(n), n))))
        self._pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if gone else None
        # texts come back again and again: sources, operators, titles
        self._scrubbed = lru_cache(maxsize=10_000)(self._scrub)

    def __call__(self, text: str) -> str:
        """Return the text without the names; the same text where none is in it."""
        return self._scrubbed(text, _(GONE)) if self._pattern and text else text

    def finds(self, text: str) -> bool:
        """Whether a text has one of the names in it."""
        return bool(self._pattern and self._pattern.search(text))

    def _scrub(self, text: str, gone: str) -> str:
        return self._pattern.sub(lambda _found: gone, text) if self._pattern else text

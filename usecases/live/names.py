"""What a web process remembers of who did what: the page behind a change, the name of an author."""

from __future__ import annotations

from cachetools import LRUCache

from models.access import Who

#: the most changes of which the author's page is remembered
MADE = 64
#: so many people are remembered by name
KNOWN = 1_000
#: a scenario is kept empty, then with its first change
BEGUN = 2


class Names:
    """The pages that made the newest changes, and what authors are called."""

    def __init__(self) -> None:
        self._made: LRUCache[tuple[str, int], str] = LRUCache(MADE)
        self._names: LRUCache[str, str] = LRUCache(KNOWN)

    def made(self, scenario_id: str, revision: int, nonce: object) -> None:
        """Remember which page made a change: its id leads the nonce of the change.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        revision
            The revision of the change.
        nonce
            Sent with the change; it begins with the page's name.
        """
        page = nonce.partition("-")[0] if isinstance(nonce, str) else ""
        self._made[scenario_id, revision] = page[:40]
        if revision == BEGUN:
            self._made[scenario_id, 1] = page[:40]

    def maker(self, scenario_id: str, revision: int) -> str:
        """Return which page made a change, as far as this process knows it."""
        return self._made.get((scenario_id, revision), "")

    def meet(self, who: Who) -> None:
        """Remember what a user who signed in is called, for what they did before they went."""
        if who.name:
            self._names[who.id] = who.name

    def name_of(self, author: str) -> str:
        """Return the name of an author; empty if unknown."""
        return self._names.get(author, "")

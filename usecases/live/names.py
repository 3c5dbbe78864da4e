"""Cache of a web process: the page behind each recent change, and the names of authors."""

from __future__ import annotations

from cachetools import LRUCache

from models.access import Who

#: most changes whose page is remembered
MADE = 64
#: most authors whose names are remembered
KNOWN = 1_000
#: a new scenario has two revisions: empty, then with its first change
BEGUN = 2


class Names:
    """The pages that made the newest changes, and the names of authors."""

    def __init__(self) -> None:
        self._made: LRUCache[tuple[str, int], str] = LRUCache(MADE)
        self._names: LRUCache[str, str] = LRUCache(KNOWN)

    def made(self, scenario_id: str, revision: int, nonce: object) -> None:
        """Remember which page made a change; its id is the prefix of the nonce.

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
        """Return the page that made a change, if this process knows it."""
        return self._made.get((scenario_id, revision), "")

    def meet(self, who: Who) -> None:
        """Remember the name of a signed-in user, to name them after they have left."""
        if who.name:
            self._names[who.id] = who.name

    def name_of(self, author: str) -> str:
        """Return the name of an author; empty if unknown."""
        return self._names.get(author, "")

"""The watcher of a scenario: what the live view needs of a user and of their view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from layouts.feed.payloads.picture import Picture
from layouts.feed.payloads.scenario import ShownScenario
from models.access import Who
from models.revisions import ShownLine
from usecases.ports import Saved


class Watcher(Protocol):
    """A user who watches a scenario, as one of those who see the same of it."""

    @property
    def who(self) -> Who:
        """Return the user."""

    @property
    def sight(self) -> str:
        """Return a key that is equal for all who see the same."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the world is hidden from them."""

    def sees(self, asset_id: str) -> bool:
        """Return whether they may see an asset."""

    async def current(self, scenario_id: str) -> Saved:
        """Return the newest revision of a scenario."""

    def payload(self, saved: Saved) -> ShownScenario:
        """Return what a page's store holds about a revision."""

    async def picture(self, saved: Saved) -> Picture:
        """Return the picture of a revision."""

    async def log(self, scenario_id: str, after: int) -> Sequence[ShownLine]:
        """Return who changed what after a revision, oldest first."""

    async def held_back_h(self, scenario_id: str) -> float | None:
        """Return the last hour that an exercise lets them see; None for all of them."""

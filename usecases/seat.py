"""The desk as one user may use it: identity, permissions and redacted views.

Every callback and every route takes a seat first (:func:`take_seat`). Scenarios are read, computed
and changed only through it: ``reading.py``, ``asking.py``, ``editing/write.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import networkx as nx

from layouts.feed.payloads.scenario import PlainScenario, ShownScenario
from layouts.words import Labels
from models.access import NotAllowedError, Who, asking
from models.errors import KnockOnError
from models.rights.need_to_know import Seen
from models.scenario import Scenario
from models.wording import N_, _
from models.world import World
from usecases.desk import Desk
from usecases.ports import ReadyScenario, Saved, ScenarioStore

PARTLY_HIDDEN = N_("This includes things that you may not see. Ask the facilitator for it.")


@dataclass(frozen=True)
class Seat:
    """The desk as one user may use it, for one request."""

    desk: Desk
    who: Who

    @property
    def store(self) -> ScenarioStore:
        """Return the scenarios of this user's session; others are unreachable through it."""
        return self.desk.store.within(self.who.session)

    @property
    def seen(self) -> Seen:
        """Return this user's view of the world, which also redacts answers."""
        return self.desk.seen(self.who.clearance)

    @property
    def sight(self) -> str:
        """Return a key of everything that determines this user's view of a scenario.

        Viewers with the same key see the same: the live view is computed once per key.
        """
        # an exercise withholds hours from participants, not from facilitators
        return f"{self.seen.clearance}, leads" if self.who.leads else self.seen.clearance

    @property
    def world(self) -> World:
        """Return the world, redacted for this user."""
        return self.seen.world

    @property
    def labels(self) -> Labels:
        """Return the page's words."""
        return self.desk.labels

    @property
    def graph(self) -> nx.DiGraph[str]:
        """Return the dependency graph, redacted for this user; it may take seconds."""
        return self.desk.graph(self.seen)

    @property
    def ready(self) -> dict[str, ReadyScenario]:
        """Return the ready scenarios in which nothing is hidden from this user."""
        hidden = self.seen.names_hidden
        return {
            name: scenario
            for name, scenario in self.desk.ready.items()
            if not hidden(scenario.plain)
        }

    def scenario(self, saved: Saved) -> Scenario:
        """Return a revision's scenario, redacted for this user."""
        return self.seen.scenario(Scenario.from_dict(saved.plain))

    def payload(self, saved: Saved) -> ShownScenario:
        """Return the payload of the page's scenario store, redacted for this user."""
        plain = self.seen.plain(saved.plain)
        return {
            "id": saved.id or None,
            "rev": saved.revision,
            "title": plain.get("title", ""),
            "plain": cast("PlainScenario", plain),
            "can_undo": saved.can_undo,
            "can_redo": saved.can_redo,
        }

    def redacted(self, error: KnockOnError) -> KnockOnError:
        """Return an error about the whole world as this user may read it.

        Only for texts of the server: redacting what a user sent would reveal which of their
        guesses are names of something hidden.
        """
        text = self.seen.scrub(str(error))
        return error if text == str(error) else KnockOnError(text)

    def require_whole(self) -> None:
        """Refuse a request about the whole world if any of it is hidden from this user."""
        if not self.seen.is_whole:
            raise NotAllowedError(_(PARTLY_HIDDEN))


def take_seat(desk: Desk) -> Seat:
    """Return the seat of the user of the current request.

    Raises
    ------
    NotAllowedError
        If the request is unauthenticated, or its user may see no scenario.
    """
    who = asking()
    if not who.may_look:
        raise NotAllowedError(_("Please sign in: open your invitation link again."))
    return Seat(desk, who)

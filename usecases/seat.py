"""One person's place at the desk: who they are and what they may see.

Every callback and every route takes a seat first (:func:`take_seat`); nothing of a scenario is
read, computed or changed but through it: ``reading.py``, ``compute/asking.py``,
``editing/write.py``.
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
    """The desk as one person may use it."""

    desk: Desk
    who: Who

    @property
    def store(self) -> ScenarioStore:
        """Return the scenarios of this person's session; no other can be reached through it."""
        return self.desk.store.within(self.who.session)

    @property
    def seen(self) -> Seen:
        """Return what this person may see, and what makes answers about the whole world theirs."""
        return self.desk.seen(self.who.clearance)

    @property
    def sight(self) -> str:
        """Return a key of all that decides what this person sees of a scenario.

        Viewers with the same key see the same: the live view is worked out once for each.
        """
        # an exercise shows those who lead what it holds back from the others
        return f"{self.seen.clearance}, leads" if self.who.leads else self.seen.clearance

    @property
    def world(self) -> World:
        """Return the world as this person may see it."""
        return self.seen.world

    @property
    def labels(self) -> Labels:
        """Return the page's words."""
        return self.desk.labels

    @property
    def graph(self) -> nx.DiGraph[str]:
        """Return who needs whom, as far as this person may see it; it may take seconds."""
        return self.desk.graph(self.seen)

    @property
    def ready(self) -> dict[str, ReadyScenario]:
        """Return the ready scenarios of which this person may see everything."""
        hidden = self.seen.names_hidden
        return {name: one for name, one in self.desk.ready.items() if not hidden(one.plain)}

    def scenario(self, saved: Saved) -> Scenario:
        """Return a revision's scenario to look at; what may not be seen of it is covered."""
        return self.seen.scenario(Scenario.from_dict(saved.plain))

    def payload(self, saved: Saved) -> ShownScenario:
        """Return what the page's store holds about a revision, as this person may see it."""
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
        """Refuse what is made of everything to those from whom something is hidden."""
        if not self.seen.is_whole:
            raise NotAllowedError(_(PARTLY_HIDDEN))


def take_seat(desk: Desk) -> Seat:
    """Return the place of the user whose request is being answered.

    Raises
    ------
    NotAllowedError
        If the request is unauthenticated, or its user may see no scenario.
    """
    who = asking()
    if not who.may_look:
        raise NotAllowedError(_("Please sign in: open your invitation link again."))
    return Seat(desk, who)

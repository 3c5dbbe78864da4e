"""The user of a request: what they may see and what they may change.

:func:`asking` returns the user of the current request. The door (``api/``) authenticates it and
sets the user with :func:`as_asked_by`; an unauthenticated request runs as NOBODY, who has no
permissions. Labels are those of the Traffic Light Protocol 2.0 (FIRST, 2022), from the most open to
the most restrictive.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, get_args

from models.errors import KnockOnError

Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
#: from public to named recipients only
LABELS: tuple[Tlp, ...] = get_args(Tlp)
Role = Literal["facilitator", "participant", "observer", "public", "nobody"]


class NotAllowedError(KnockOnError):
    """The user may not see or change this; the text repeats no part of it."""


@dataclass(frozen=True, slots=True)
class Who:
    """The user of one request.

    ``id`` is the author in the log and stays the same (at most 80 characters). ``sectors`` are
    those whose assets they may change, None for all. ``clearance`` is the most restrictive label
    they may see. ``session`` is the shared session they are in; None outside any.
    """

    id: str
    name: str = ""
    role: Role = "nobody"
    sectors: frozenset[str] | None = frozenset()
    clearance: Tlp = "CLEAR"
    session: str | None = None

    @property
    def may_look(self) -> bool:
        """Whether they may see anything of a scenario at all."""
        return self.role in ("facilitator", "participant", "observer")

    def may_see(self, label: Tlp) -> bool:
        """Return whether something with this label may be shown to them."""
        return LABELS.index(label) <= LABELS.index(self.clearance)

    def may_edit(self, sector: str) -> bool:
        """Return whether they may change what happens to assets of a sector."""
        if self.role == "facilitator":
            return True
        return self.role == "participant" and (self.sectors is None or sector in self.sectors)

    @property
    def may_change(self) -> bool:
        """Whether they may change anything at all."""
        return self.role in ("facilitator", "participant")

    @property
    def leads(self) -> bool:
        """Whether they may change what belongs to all users: settings, options, the session."""
        return self.role == "facilitator"


NOBODY = Who("")
#: the author of changes on a server without sign-in
LOCAL = "local"
#: the one person of an installation without sign-in
LOCAL_USER = Who(LOCAL, "", "facilitator", None, "RED")

_ASKING: ContextVar[Who] = ContextVar("asking", default=NOBODY)


def asking() -> Who:
    """Return the user of the current request; NOBODY if it is unauthenticated."""
    return _ASKING.get()


@contextmanager
def as_asked_by(who: Who) -> Iterator[None]:
    """Run the body of the ``with`` statement as a request of ``who``."""
    token = _ASKING.set(who)
    try:
        yield
    finally:
        _ASKING.reset(token)

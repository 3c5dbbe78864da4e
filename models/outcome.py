"""The outcome of one cascade: the trace, the course of every asset, and the deadlocks.

Times are whole milliseconds (``_ms``); ``data/documents/outcomes.py`` writes hours. The file form
is in ``docs/reference/format.md``. Items that come in thousands are named tuples: creating a frozen
dataclass takes four times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

State = Literal[
    "working",
    "backup",
    "degraded",
    "failed-direct",
    "failed-cascade",
    "under-repair",
    "restarting",
    "stuck",
    "unknown",
]
RowKind = Literal[
    "initial",
    "direct",
    "common-cause",
    "cascade",
    "autonomy",
    "repair",
    "restart",
    "delivery",
]

#: Beyond this many sets of supplies, the search for the smallest set that breaks a deadlock ends
#: with an irreducible one.
MOST_SETS_TRIED = 20_000
#: Budget for all deadlocks of an outcome together: their lost needs, once each, and sets.
MOST_TRIES = 200_000

#: Order in which states are coded, listed and drawn; the page uses these positions as codes.
STATES: tuple[State, ...] = get_args(State)


class TraceRow(NamedTuple):
    """One change of one thing at one time.

    A row with ``link`` is about a link (levels 1 and 0); one with ``service`` is about what the
    asset delivers of it in its link network; one without is about the asset's own level.
    """

    row: int
    t_ms: int
    asset: str | None
    before: float
    after: float
    kind: RowKind
    group: str | None
    because: tuple[int, ...]
    order: int
    link: str | None = None
    service: str | None = None


class StateChange(NamedTuple):
    """The state of an asset from ``t_ms`` on; ``deadline_ms`` ends it if known.

    ``level`` is its own level, ``delivered`` its lowest delivery of any service.
    For ``backup`` the deadline is the first autonomy end that would lower the level; for
    ``under-repair`` and ``restarting`` the hour it is due back.
    """

    t_ms: int
    state: State
    level: float
    delivered: float
    deadline_ms: int | None = None
    #: the group whose buffer or restart sets the deadline
    group: str | None = None
    #: whether it is itself a member of a restart deadlock, not only waiting behind one
    locked: bool = False


class AssetOutcome(NamedTuple):
    """Course of one asset whose level or delivery was ever below 1."""

    level_end: float
    delivers_end: Mapping[str, float]
    state_end: State
    first_loss_ms: int
    down_ms: int
    order: int


@dataclass(frozen=True, slots=True)
class Supply:
    """One emergency supply: this asset gets this service."""

    asset: str
    service: str


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Assets that wait for each other, and one smallest set of supplies that frees them.

    ``smallest`` is False if the search was cut short: then no supply of the set can be left out,
    but a smaller set may exist. ``searched`` is False if the budget was used up before: then no
    set was searched, and ``breaking`` is empty. ``unseen`` is the most restrictive label of
    members that were redacted.
    """

    assets: tuple[str, ...]
    breaking: tuple[Supply, ...]
    smallest: bool = True
    searched: bool = True
    unseen: str = ""


@dataclass(frozen=True)
class Outcome:
    """The complete result of one run of the cascade engine.

    ``states``: for every asset that was ever in another state than working, its states in order
    of time; before the first it was working. ``delivery``: per (asset, service), deliveries to
    dependents as (t_ms, level) steps, for those ever below 1; ``levels`` likewise per asset.
    ``link_hits``: (t_ms, level) steps of links ever hit.
    """

    horizon_ms: int
    trace: tuple[TraceRow, ...]
    assets: Mapping[str, AssetOutcome]
    states: Mapping[str, tuple[StateChange, ...]]
    levels: Mapping[str, tuple[tuple[int, float], ...]]
    delivery: Mapping[tuple[str, str], tuple[tuple[int, float], ...]]
    link_hits: Mapping[str, tuple[tuple[int, float], ...]]
    deadlocks: tuple[Deadlock, ...] = ()

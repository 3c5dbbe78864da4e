"""Direct damage of one asset or link in a scenario, with some of its hits left out.

Direct damage does not depend on other assets, so the result without some hits is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from models.scenario import HARM, Event, Scenario, parts_of
from models.units import to_ms
from models.world import World

#: With more hits on one thing than this, only single hits and all of them together are followed.
MOST_HITS = 4

#: Later than any moment.
MOST_MS = 2**62

#: (t_ms, own damage in [0, 1]) from that moment on; 1 before the first.
Course = tuple[tuple[int, float], ...]


def is_initiating(event: Event) -> bool:
    """Whether an event begins something: it fails, degrades or hits."""
    return event.do in HARM or event.do == "limit"


@dataclass(frozen=True, slots=True)
class Damage:
    """The courses of damage of one thing, by the hits that happen (positions of events).

    An additional hit never improves it at any moment.
    """

    courses: tuple[tuple[frozenset[int], Course], ...]
    actual: Course

    def at(self, t_ms: int) -> float:
        """Return its level of direct damage at a moment, with all hits."""
        return own_at(self.actual, t_ms)


def own_at(course: Course, t_ms: int) -> float:
    """Return the level of a course at a moment."""
    return next((own for t, own in reversed(course) if t <= t_ms), 1.0)


def damages_of(world: World, scenario: Scenario) -> dict[tuple[str | None, str | None], Damage]:
    """Return the damage of each asset or link that is ever hit, by (asset, link)."""
    events: dict[tuple[str | None, str | None], list[tuple[int, Event]]] = {}
    for number, whole in enumerate(scenario.events):
        for event in parts_of(whole, world.staffed):
            if event.do != "supply":
                events.setdefault((event.asset, event.link), []).append((number, event))
    return {
        key: _damage(world, scenario, key[0], own)
        for key, own in events.items()
        if any(is_initiating(event) for _, event in own)
    }


def _damage(
    world: World, scenario: Scenario, asset: str | None, events: Sequence[tuple[int, Event]]
) -> Damage:
    hits = tuple(dict.fromkeys(number for number, event in events if is_initiating(event)))
    sizes = range(1, len(hits) + 1) if len(hits) <= MOST_HITS else (1, len(hits))
    chosen = (some for n in sizes for some in combinations(hits, n))
    courses = []
    for some in map(frozenset, chosen):
        kept = [(n, e) for n, e in events if n in some or not is_initiating(e)]
        courses.append((some, _course(world, scenario, asset, kept)))
    return Damage(tuple(courses), courses[-1][1])


def _course(
    world: World, scenario: Scenario, asset: str | None, events: Sequence[tuple[int, Event]]
) -> Course:
    if asset is None:
        ordered = sorted(events, key=lambda pair: (to_ms(pair[1].at_h), pair[0]))
        return tuple((to_ms(e.at_h), 0.0 if e.do == "fail" else 1.0) for _, e in ordered)
    subject = world.assets[asset]
    typical = scenario.repairs == "typical"
    repair_ms = to_ms(subject.repair_h) if typical and subject.repair_h is not None else None
    limits = [event for _, event in events if event.do == "limit"]
    hits = [(number, event) for number, event in events if event.do != "limit"]
    return _limited(
        _asset_course(hits, repair_ms, to_ms(subject.restart_h), typical=typical), limits
    )


def _limited(course: Course, limits: Sequence[Event]) -> Course:
    """Return a course with the most that the asset can do while limits hold."""
    if not limits:
        return course
    spans = [
        (to_ms(e.at_h), MOST_MS if e.until_h is None else to_ms(e.until_h), e.to or 0.0)
        for e in limits
    ]
    moments = {t for t, _ in course} | {t for at, end, _ in spans for t in (at, end) if t < MOST_MS}

    def most(t: int) -> float:
        return min((to for at, end, to in spans if at <= t < end), default=1.0)

    return tuple((t, min(own_at(course, t), most(t))) for t in sorted(moments))


def _asset_course(
    events: Sequence[tuple[int, Event]], repair_ms: int | None, restart_ms: int, *, typical: bool
) -> Course:
    """Follow hits, repairs and the restart after them, as the engine does."""
    # one wide event may hit a thing twice at one moment
    left = sorted(((to_ms(e.at_h), number, e) for number, e in events), key=lambda hit: hit[:2])
    repairs = [(t, number) for t, number, event in left if event.do == "repair"]
    own, steps = 1.0, list[tuple[int, float]]()
    repair_at: int | None = None
    restart_at: int | None = None
    while left or repair_at is not None or restart_at is not None:
        now = min(t for t in (left[0][0] if left else None, repair_at, restart_at) if t is not None)
        while left and left[0][0] == now:
            _, number, event = left.pop(0)
            if event.do == "repair":
                repair_at = None
                if own < 1.0 and restart_at is None:
                    restart_at = now + restart_ms
                    if restart_ms == 0:
                        own, restart_at = 1.0, None
                continue
            own = min(own, event.to if event.do == "degrade" and event.to else 0.0)
            repair_at = restart_at = None
            named_later = any(then > (now, number) for then in repairs)
            takes = repair_ms if event.repair_h is None or not typical else to_ms(event.repair_h)
            if takes is not None and own < 1.0 and not named_later:
                repair_at = now + to_ms(event.wait_h) + takes
        if repair_at == now:
            repair_at = None
            restart_at = now + restart_ms if own < 1.0 else None
        if restart_at == now:
            own, restart_at = 1.0, None
        steps.append((now, own))
    return tuple(steps)

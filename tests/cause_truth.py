"""What really caused a loss, from runs of the engine with some initiating events left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from models.explain.causes import Case, Causes, Set, smallest
from models.explain.reruns import TOLERANCE, lowest
from models.explain.telling import teller
from models.explain.why import Explanation, explained
from models.outcome import Outcome, TraceRow

#: The rows of each asset or link, in the order of the trace.
Rows = Mapping[tuple[str | None, str | None], Sequence[TraceRow]]
#: What must not be counted even once.
WRONG = ("bystander", "wrong set", "wrong chain")


class Truth:
    """The engine's rows for each set of events.

    ``every`` is the set of all events; ``rows`` gives the rows if only those of a set happen.
    """

    def __init__(self, every: Set, rows: Callable[[Set], Rows]) -> None:
        self.every, self.rows = every, rows

    def of(self, asset: str, t_ms: int, roots: Sequence[int]) -> Causes:
        """Return the smallest sets that leave an asset as low as it is with all events.

        Parameters
        ----------
        asset
            Its id.
        t_ms
            The moment.
        roots
            Positions of the events until then.
        """
        return self._smallest(asset, t_ms, roots, set())

    def of_fall(self, row: TraceRow, roots: Sequence[int]) -> Causes:
        """Return the smallest sets for a fall; what was as low before is another loss."""
        asset = row.asset or ""
        rows = self.rows(self.every)[asset, None]
        falls = [r.after for r in rows if r.t_ms == row.t_ms and r.after < r.before]
        before = {r.service: r.after for r in rows if r.t_ms < row.t_ms}
        fallen = {service for service, value in before.items() if value <= min(falls)}
        return self._smallest(asset, row.t_ms, roots, fallen)

    def _smallest(
        self, asset: str, t_ms: int, roots: Sequence[int], but: Collection[str | None]
    ) -> Causes:
        def low(chosen: Set) -> float:
            return lowest(self.rows(chosen).get((asset, None), ()), t_ms, but)

        limit = low(self.every) + TOLERANCE
        return smallest(roots, lambda sets: [low(chosen) <= limit for chosen in sets])

    def sentence(self, case: Case, row: TraceRow, roots: Sequence[int]) -> Counter[str]:
        """Judge the sets behind the sentence about a falling row, and its chain.

        Parameters
        ----------
        case
            The scenario and its outcome.
        row
            The fall.
        roots
            Positions of the events until then.
        """
        asset = row.asset or ""
        named = case.causes(row)
        first = teller(case, asset, named).first
        counts = judged(named, self.of_fall(row, roots))
        explanation = explained(case, row, named, at_ms=None)
        counts["sentences"] += 1
        counts["wrong chain"] += first is None or not self._stands(case, first, explanation)
        return +counts

    def _stands(self, case: Case, first: Set, told: Explanation) -> bool:
        """Whether a chain begins with an event of the set, and that set alone makes every step."""
        root, alone = told.chain[0], len(told.chain) == 1
        hit = {(p.asset, p.link) for n in first for p in case.parts(n)}
        if not first and alone:
            return True  # hit at the moment at which it falls without any event
        if root.kind == "direct" and (root.asset, root.link) not in hit:
            return False
        rows = self.rows(first)
        return all(lowest(rows.get((s.asset, s.link), ()), s.t_ms) < 1 for s in told.chain)


def rows_of(outcome: Outcome) -> Rows:
    """Return the rows of an outcome's trace by asset and link."""
    rows: dict[tuple[str | None, str | None], list[TraceRow]] = {}
    for row in outcome.trace:
        rows.setdefault((row.asset, row.link), []).append(row)
    return rows


def judged(named: Causes, truth: Causes) -> Counter[str]:
    """Count what is wrong with named sets; nothing where they are the true ones."""
    events = {number for chosen in named.sets for number in chosen}
    causes = {number for chosen in truth.sets for number in chosen}
    wrong = {
        "bystander": bool(events - causes),
        "wrong set": not set(named.sets) <= set(truth.sets),
        "missed set": not set(truth.sets) <= set(named.sets),
    }
    return Counter({what: 1 for what, is_so in wrong.items() if is_so})

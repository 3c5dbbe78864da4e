"""Rules of thumb about types of assets, and overrides by local knowledge.

Separate from the engine that applies them (``models/knowledge/dependencies.py``), whose imports
(graphs, projections) a reader of the tables does not need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.knowledge.expressions import Expression
from models.world import Asset, Kind

#: A rule with this supplier refers to the consumer itself, e.g. its own auxiliary supply.
SELF = "@self"
#: A rule for any dependent is no supply edge; it becomes a common-cause group elsewhere.
ANY = "*"

Action = Literal[
    "skip", "unknown", "suppliers", "supplier_types", "assignment", "n", "k", "loss",
    "autonomy_h", "recharge_h", "reach_m", "fraction",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """A need of assets of some types: the service, its suppliers, and the autonomy.

    ``suppliers`` are alternative types (a pool); ``condition`` is tested on the consumer's facts;
    ``reach_m`` 0 means no limit; the three hours of ``autonomy_h`` are low, mode and high of the
    buffer, ``recharge_h`` are the hours to refill it.
    """

    rule_id: str
    dependents: tuple[str, ...]
    suppliers: tuple[str, ...]
    service: str
    assignment: str
    kind: Kind = "physical"
    tight: bool = True
    condition: Expression | None = None
    reach_m: float = 0.0
    n: int = 1
    k: int = 1
    min_supply_fraction: float | None = None
    loss: float = 1.0
    buffer: str = ""
    autonomy_h: tuple[float, float, float] = (0.0, 0.0, 0.0)
    recharge_h: float = 0.0
    restart_h: float = 0.0
    confidence: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """Local knowledge about a region that replaces what a rule infers.

    Empty ``rule_id``, ``service`` or ``consumer`` (an id or a type) match everything. The values
    of ``action``: ``skip``; ``unknown`` with ``hides`` or ``shows``; ``suppliers`` with ids
    ``a|b`` (then an assumption, not an inference); any other names the field it replaces.
    """

    action: Action
    value: str = ""
    rule_id: str = ""
    service: str = ""
    consumer: str = ""
    confidence: str = ""
    note: str = ""

    def concerns(self, rule: Rule, asset: Asset) -> bool:
        """Whether it changes what this rule says about this asset."""
        return (
            self.rule_id in ("", rule.rule_id)
            and self.service in ("", rule.service)
            and self.consumer in ("", asset.asset_id, asset.asset_type)
        )

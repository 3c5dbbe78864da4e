"""The yes-or-no engine: worlds where k of n alone decides and nothing comes back.

``in_scope`` decides for which worlds; the timed engine computes the others. Names that are not
listed here are internal. Nothing is compiled or loaded before the first cascade.
"""

from models.cascade.yes_or_no.batch import BATCH, Batch
from models.cascade.yes_or_no.core import (
    Core,
    Tell,
    Timed,
    every_single,
    in_scope,
    untold,
)
from models.cascade.yes_or_no.pairs import (
    PairTable,
    every_cascade,
    hidden_pairs,
    part,
    worst_pairs,
)

__all__ = [
    "BATCH",
    "Batch",
    "Core",
    "PairTable",
    "Tell",
    "Timed",
    "every_cascade",
    "every_single",
    "hidden_pairs",
    "in_scope",
    "part",
    "untold",
    "worst_pairs",
]

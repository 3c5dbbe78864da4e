"""The small expression language of tags and facts: ``power=substation&voltage>=60000|…``.

``|`` separates alternatives, ``&`` joins conditions. A condition is ``key=value``, ``key=*``
(present), ``key!=value``, ``key!=*`` (absent) or a comparison ``< <= > >=``, which takes the
**maximum of a ``;`` list** (voltage ``110000;20000`` counts as 110000). Text compares exactly;
``=`` also holds where one member of a ``;`` list equals the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt

_CONDITION = re.compile(r"^(?P<key>[^=<>!]+)(?P<operator><=|>=|!=|=|<|>)(?P<value>.+)$")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one key."""

    key: str
    operator: str
    value: str

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Whether the tags pass; a missing key only passes ``!=``."""
        value = tags.get(self.key)
        if self.operator in _COMPARE:
            number = largest(value)
            return number is not None and _COMPARE[self.operator](number, float(self.value))
        equal = value is not None and (
            self.value in ("*", value) or self.value in (part.strip() for part in value.split(";"))
        )
        return equal if self.operator == "=" else not equal


@dataclass(frozen=True, slots=True)
class Expression:
    """Alternatives, each a conjunction of conditions; without any alternative it never holds."""

    alternatives: tuple[tuple[Condition, ...], ...]

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Whether one alternative holds in full."""
        return any(all(c.holds(tags) for c in joined) for joined in self.alternatives)


def parse(text: str) -> Expression:
    """Read an expression; an empty text gives one that never holds.

    Raises
    ------
    ValueError
        If a condition cannot be read, or a comparison is not with a number.
    """
    alternatives = (part for part in text.split("|") if part.strip())
    return Expression(tuple(tuple(_condition(c) for c in a.split("&")) for a in alternatives))


def largest(text: str | None) -> float | None:
    """Return the largest number of a ``;`` list, or None if there is none."""
    numbers = [_number(part) for part in (text or "").split(";")]
    return max((n for n in numbers if n is not None), default=None)


def _condition(text: str) -> Condition:
    match = _CONDITION.match(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is no condition; write key=value, key=* or key>=number.")
    condition = Condition(match["key"].strip(), match["operator"], match["value"].strip())
    if condition.operator in _COMPARE and _number(condition.value) is None:
        raise ValueError(f"'{text}' compares with '{condition.value}', which is no number.")
    return condition


def _number(text: str) -> float | None:
    try:
        return float(text.strip())
    except ValueError:
        return None

"""The course of a cascade as a chart in SVG: people without a service, losses, events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor, log10
from typing import Any
from xml.sax.saxutils import escape

from layouts.palette import LIGHT
from layouts.paper.situation_map import FONT
from layouts.words import Labels
from models.papers.briefing import cut
from models.units import MS_PER_HOUR
from models.wording import _, number

WIDTH, HEIGHT = 1000, 300
_LEFT, _RIGHT, _TOP, _PEOPLE, _BASE = 78.0, 22.0, 30.0, 180.0, 262.0
_BARS = 96
_STEPS_H = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 2160, 8760)


def timeline(drawn: Mapping[str, Any], at_ms: int, labels: Labels) -> str:
    """Return the chart of one picture (``layouts/feed/picture.py``) with a line at an hour."""
    horizon = max(1, int(drawn["horizon_ms"]))

    def x(t: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * min(t, horizon) / horizon

    title = escape(_("People without a service and losses over time"))
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="{FONT}" font-size="17" role="img">',
            f"<title>{title}</title>",
            *_people(drawn["people"], horizon, x, labels),
            *_bars(drawn["losses"], horizon, x),
            *_axis(horizon, x),
            *_marks(drawn["marks"], x),
            _now(at_ms, x),
            "</svg>",
        ]
    )


def worst_course(people: Sequence[Mapping[str, Any]], labels: Labels) -> Mapping[str, Any] | None:
    """Return the service that most people are without at its worst moment; None without any."""
    shown = [c for c in people if c["peak"] and labels.in_panel(str(c["service"]))]
    order = list(labels.services)
    place = {service: n for n, service in enumerate(order)}
    return max(
        shown,
        key=lambda c: (c["peak"], c["person_hours"], -place.get(c["service"], 99)),
        default=None,
    )


def _people(
    people: Sequence[Mapping[str, Any]], horizon: int, x: Any, labels: Labels
) -> Iterable[str]:
    course = worst_course(people, labels)
    if course is None:
        return
    top = _round_up(course["peak"])

    def y(n: float) -> float:
        return _PEOPLE - (_PEOPLE - _TOP) * n / top

    ends = [*course["t"][1:], horizon]
    path = "".join(
        f"L{x(t):.1f} {y(n):.1f}L{x(until):.1f} {y(n):.1f}"
        for t, until, n in zip(course["t"], ends, course["n"], strict=True)
    )
    area = f"M{x(0):.1f} {_PEOPLE}{path}L{x(horizon):.1f} {_PEOPLE}z"
    yield f'<path d="{area}" fill="{LIGHT["lost"]}" fill-opacity="0.18"/>'
    yield f'<path d="M{path[1:]}" fill="none" stroke="{LIGHT["lost"]}" stroke-width="1.8"/>'
    for part in (top / 2, top):
        yield (
            f'<path d="M{_LEFT} {y(part):.1f}H{WIDTH - _RIGHT}" stroke="{LIGHT["line"]}"/>'
            f'<text x="{_LEFT - 6}" y="{y(part) + 5:.1f}" text-anchor="end" '
            f'fill="{LIGHT["soft"]}">{number(part)}</text>'
        )
    without = cut(labels.people_label(str(course["service"])), 60)
    what = escape(_("People {without}").format(without=without))
    yield f'<text x="{_LEFT}" y="18" fill="{LIGHT["lost-text"]}">{what}</text>'


def _round_up(number: float) -> float:
    step = 10 ** floor(log10(max(number, 1)))
    return float(next(m * step for m in (1, 2, 3, 4, 5, 6, 8, 10) if m * step >= number))


def _bars(losses: Sequence[Mapping[str, Any]], horizon: int, x: Any) -> Iterable[str]:
    """Yield bars: the number of assets lost in each period, by kind of loss."""
    counts: dict[int, dict[str, int]] = {}
    for loss in losses:
        n = min(_BARS - 1, int(_BARS * loss["t"] / horizon))
        kind = loss["kind"] if loss["kind"] in ("direct", "autonomy") else "cascade"
        here = counts.setdefault(n, {})
        here[kind] = here.get(kind, 0) + 1
    most = max((sum(count.values()) for count in counts.values()), default=1)
    wide, word = (x(horizon) - x(0)) / _BARS, escape(_("losses"))
    for n, kinds in sorted(counts.items()):
        y = _BASE
        for kind, token in (("direct", "hit"), ("cascade", "lost"), ("autonomy", "backup")):
            if kinds.get(kind):
                high = max(2.0, (_BASE - _PEOPLE - 12) * kinds[kind] / most)
                y -= high
                yield (
                    f'<rect x="{x(0) + n * wide + 0.5:.1f}" y="{y:.1f}" width="{wide - 1:.1f}" '
                    f'height="{high:.1f}" fill="{LIGHT[token]}"/>'
                )
    yield (
        f'<text x="{_LEFT - 6}" y="{_BASE - 4}" text-anchor="end" '
        f'fill="{LIGHT["soft"]}">{word}</text>'
    )


def _axis(horizon: int, x: Any) -> Iterable[str]:
    hours = horizon / MS_PER_HOUR
    step = next((s for s in _STEPS_H if hours / s <= 12), _STEPS_H[-1])
    yield f'<path d="M{_LEFT} {_BASE}H{WIDTH - _RIGHT}" stroke="{LIGHT["edge"]}"/>'
    for n in range(ceil(hours / step) + 1):
        if n * step <= hours:
            at = x(n * step * MS_PER_HOUR)
            yield (
                f'<path d="M{at:.1f} {_BASE}v5" stroke="{LIGHT["edge"]}"/><text x="{at:.1f}" '
                f'y="{_BASE + 24}" text-anchor="middle" fill="{LIGHT["soft"]}">{n * step} h</text>'
            )


def _marks(marks: Sequence[Mapping[str, Any]], x: Any) -> Iterable[str]:
    for t in sorted({mark["t"] for mark in marks}):
        yield f'<path d="M{x(t):.1f} {_BASE - 5}l5 5l-5 5l-5 -5z" fill="{LIGHT["ink"]}"/>'


def _now(at_ms: int, x: Any) -> str:
    at, said = x(at_ms), _("this briefing")
    anchor, shift = ("end", -5) if at > WIDTH - max(140, 36 + 8 * len(said)) else ("start", 5)
    return (
        f'<path d="M{at:.1f} {_TOP - 4}V{_BASE}" stroke="{LIGHT["accent"]}" stroke-width="2"/>'
        f'<text x="{at + shift:.1f}" y="{_TOP + 16}" text-anchor="{anchor}" '
        f'fill="{LIGHT["accent"]}">{escape(said)}</text>'
    )

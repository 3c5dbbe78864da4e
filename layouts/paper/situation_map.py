"""The situation at one hour as a map in SVG: drawn on the server, for paper and for other tools.

It has the shapes and colours of the page (``layouts/palette.py``). Of overlapping assets the one in
the worst state is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, pi, radians
from typing import Any
from xml.sax.saxutils import escape

from layouts.palette import LIGHT, STATE_LOOKS
from layouts.paper.people_layer import ShadedCell, drawn_cells, legend_entries
from layouts.words import state_label
from models.outcome import STATES, State
from models.papers.briefing import cut
from models.space.frame import frame, unrolled
from models.wording import _, number
from models.world import World

#: A base map: GeoJSON features by the name of their layer.
Base = Mapping[str, Sequence[Mapping[str, Any]]]
Spot = tuple[float, float]

WIDTH, HEIGHT, LEGEND = 1000, 700, 66
FONT = "Libertinus Serif, Georgia, serif"
#: layers, drawn from the first to the last
#: positions of a name beside its symbol
_BESIDE = ((12, 5, "start"), (-12, 5, "end"), (0, -12, "middle"), (0, 24, "middle"))
_FILLS = (
    ("green", "map-wood"),
    ("wood", "map-wood"),
    ("built", "map-built"),
    ("water", "map-water"),
)
_STROKES = (
    ("waterways", "map-water", 1.2, ""),
    ("roads_minor", "map-road", 0.8, ""),
    ("roads", "map-road", 1.6, ""),
    ("rail", "map-rail", 1.2, "5 3"),
    ("roads_major", "map-road", 2.6, ""),
)
_LINKS = {"electricity": "link-electricity", "heat": "link-heat", "gas": "link-gas"}
#: States by severity: the worst is last and drawn on top.
GRAVITY: tuple[State, ...] = (
    "working", "unknown", "backup", "restarting", "under-repair", "degraded", "failed-cascade",
    "stuck", "failed-direct",
)  # fmt: skip
_RADIUS, _DOT, _MOST_LINKS, _MOST_NAMES, _MANY = 7.5, 2.0, 20_000, 10, 5_000


@dataclass(frozen=True)
class Situation:
    """Assets in other states than working at an hour; ``acts`` are assets with actions."""

    at_ms: int
    states: Mapping[str, State]
    links_hit: frozenset[str] = frozenset()
    links_dark: frozenset[str] = frozenset()
    acts: Mapping[str, str] = field(default_factory=dict)
    named: Sequence[str] = ()
    cells: Sequence[ShadedCell] = ()


def situation_map(world: World, base: Base, situation: Situation, title: str) -> str:
    """Return the map as a whole SVG document."""
    view = _View.of(_extent(world, situation))
    legend, below = _legend(situation)
    height = HEIGHT + max(LEGEND, below)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" font-family="{FONT}" role="img">',
            f"<title>{_text(title)}</title>",
            f'<clipPath id="frame"><rect width="{WIDTH}" height="{HEIGHT}"/></clipPath>',
            '<g clip-path="url(#frame)">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{LIGHT["map-land"]}"/>',
            *_base(base, view),
            *drawn_cells(situation.cells, view.at, view.y_scale),
            *_links(world, situation, view),
            *_assets(world, situation, view),
            *_acts(world, situation, view),
            *_labels(world, base, situation, view),
            _scale(view),
            "</g>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="{LIGHT["line"]}"/>',
            *legend,
            "</svg>",
        ]
    )


# ---------------------------------------------------------------- where


@dataclass(frozen=True)
class _View:
    """Converts degrees to pixels: true to scale in the centre of the map."""

    west: float
    north: float
    x_scale: float
    y_scale: float

    @classmethod
    def of(cls, box: tuple[float, float, float, float]) -> _View:
        west, south, east, north = box
        squeeze = max(0.01, cos(radians((south + north) / 2)))
        wide, high = max((east - west) * squeeze, 0.004), max(north - south, 0.004)
        scale = min(WIDTH / wide, HEIGHT / high)
        x = (west + east) / 2 - WIDTH / 2 / scale / squeeze
        return cls(x, (south + north) / 2 + HEIGHT / 2 / scale, scale * squeeze, scale)

    def at(self, lon: float, lat: float) -> Spot:
        # across the antimeridian longitudes continue, so that neighbours stay neighbours
        turns = round((self.west + WIDTH / 2 / self.x_scale - lon) / 360)
        return (lon + 360 * turns - self.west) * self.x_scale, (self.north - lat) * self.y_scale

    def sees(self, spot: Spot, margin: float = 8.0) -> bool:
        x, y = spot
        return -margin <= x <= WIDTH + margin and -margin <= y <= HEIGHT + margin


def _extent(world: World, situation: Situation) -> tuple[float, float, float, float]:
    """Return the extent of affected assets; without any, the centre of the region."""
    gone = [world.assets[a] for a, state in situation.states.items() if state != "unknown"]
    shown = gone or [world.assets[a] for a in world.listed]
    if not shown:
        return frame(world)
    share = 0.02 if gone else 0.1
    around = frame(world)
    (west, east), (south, north) = (
        _span([unrolled(a.lon, around[0], around[2]) for a in shown], share),
        _span([a.lat for a in shown], share),
    )
    for link_id in situation.links_hit:
        link = world.links[link_id]
        for end in (world.assets[link.from_id], world.assets[link.to_id]):
            lon = unrolled(end.lon, around[0], around[2])
            west, east = min(west, lon), max(east, lon)
            south, north = min(south, end.lat), max(north, end.lat)
    wide, high = max(east - west, 0.01), max(north - south, 0.008)
    return west - 0.07 * wide, south - 0.08 * high, east + 0.07 * wide, north + 0.08 * high


def _span(values: Iterable[float], share: float) -> Spot:
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[int(share * last)], ordered[-1 - int(share * last)]


# ----------------------------------------------------------- base and lines


def _base(base: Base, view: _View) -> Iterable[str]:
    for name, token in _FILLS:
        if path := "".join(_rings(base.get(name, ()), view)):
            yield f'<path d="{path}" fill="{LIGHT[token]}" fill-rule="evenodd"/>'
    for name, token, width, dash in _STROKES:
        if path := "".join(_strokes(base.get(name, ()), view)):
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            yield (
                f'<path d="{path}" fill="none" stroke="{LIGHT[token]}" stroke-width="{width}" '
                f'stroke-linejoin="round"{dashes}/>'
            )


def _rings(features: Iterable[Mapping[str, Any]], view: _View) -> Iterable[str]:
    for feature in features:
        shape = feature.get("geometry") or {}
        parts = shape.get("coordinates", [])
        for polygon in [parts] if shape.get("type") == "Polygon" else parts:
            if shape.get("type") in ("Polygon", "MultiPolygon"):
                yield from (_path(ring, view, "Z") for ring in polygon)


def _strokes(features: Iterable[Mapping[str, Any]], view: _View) -> Iterable[str]:
    for feature in features:
        shape = feature.get("geometry") or {}
        parts = shape.get("coordinates", [])
        if shape.get("type") == "LineString":
            yield _path(parts, view, "")
        elif shape.get("type") == "MultiLineString":
            yield from (_path(line, view, "") for line in parts)


def _path(spots: Iterable[Sequence[float]], view: _View, end: str) -> str:
    """Return a path, without points closer than half a pixel; empty if outside the view."""
    corners: list[Spot] = []
    for lon, lat, *_rest in spots:
        x, y = view.at(lon, lat)
        if not corners or abs(x - corners[-1][0]) + abs(y - corners[-1][1]) > 0.5:
            corners.append((x, y))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    if len(corners) < 2 or max(xs) < 0 or min(xs) > WIDTH or max(ys) < 0 or min(ys) > HEIGHT:
        return ""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + end


def _links(world: World, situation: Situation, view: _View) -> Iterable[str]:
    paths: dict[tuple[str, float], list[str]] = {}
    crosses = []
    for link in list(world.links.values())[:_MOST_LINKS]:
        ends = (world.assets[link.from_id], world.assets[link.to_id])
        straight = [(end.lon, end.lat) for end in ends]
        parts = getattr(link.geometry, "geoms", [link.geometry]) if link.geometry else None
        runs = [list(part.coords) for part in parts] if parts else [straight]
        look = (_LINKS.get(link.service, "link-other"), 1.1)
        if link.link_id in situation.links_hit:
            look = ("hit", 2.6)
            middle = runs[0][len(runs[0]) // 2]
            crosses.append(_cross(*view.at(middle[0], middle[1])))
        elif link.link_id in situation.links_dark:
            look = ("lost", 1.8)
        paths.setdefault(look, []).extend(_path(run, view, "") for run in runs)
    for (token, width), runs_drawn in sorted(paths.items(), key=lambda pair: pair[0][1]):
        if path := "".join(runs_drawn):
            yield f'<path d="{path}" fill="none" stroke="{LIGHT[token]}" stroke-width="{width}"/>'
    yield from crosses


def _cross(x: float, y: float) -> str:
    path = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
    return "".join(
        f'<path d="{path}" stroke="{LIGHT[token]}" stroke-width="{width}" stroke-linecap="round"/>'
        for token, width in (("plate", 7), ("hit", 4))
    )


# ------------------------------------------------------------------- assets


def _assets(world: World, situation: Situation, view: _View) -> Iterable[str]:
    """Yield dots for working assets and symbols for others, the worst state on top."""
    taken: set[tuple[str, int, int]] = set()
    drawn: list[tuple[int, float, float, State]] = []
    # of very many assets, one dot represents all within its grid cell
    dot = 2.5 if len(world.listed) <= _MANY else 9.0
    order = sorted(world.listed, key=lambda a: -GRAVITY.index(situation.states.get(a, "working")))
    for asset_id in order:
        asset = world.assets[asset_id]
        x, y = view.at(asset.lon, asset.lat)
        state = situation.states.get(asset_id, "working")
        size = dot if state == "working" else 6.0
        cell = ("dot" if state == "working" else "symbol", int(x / size), int(y / size))
        if cell not in taken and view.sees((x, y)):
            taken.add(cell)
            drawn.append((GRAVITY.index(state), x, y, state))
    for _order, x, y, state in sorted(drawn):
        yield symbol(state, x, y)


def symbol(state: State, x: float, y: float, r: float = _RADIUS) -> str:
    """Return one asset in the shape and colour of its state."""
    colour, plate = LIGHT[STATE_LOOKS[state].token], LIGHT["plate"]
    at = f'cx="{x:.1f}" cy="{y:.1f}"'
    if state == "working":
        return f'<circle {at} r="{_DOT}" fill="{colour}"/>'
    disc = f'<circle {at} r="{r:.1f}" fill="{plate}" stroke="{colour}" stroke-width="2"'
    if state == "failed-direct":
        side = r * 1.8
        return (
            f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" '
            f'height="{side:.1f}" fill="{colour}" stroke="{plate}" stroke-width="1.2"/>'
        )
    if state == "failed-cascade":
        return f'<circle {at} r="{r:.1f}" fill="{colour}" stroke="{plate}" stroke-width="1.2"/>'
    if state == "degraded":
        half = f"M{x:.1f} {y - r:.1f}a{r} {r} 0 0 0 0 {2 * r}z"
        return f'{disc}/><path d="{half}" fill="{colour}"/>'
    if state == "stuck":
        corners = " ".join(
            f"{x + 1.15 * r * cos(k * pi / 3):.1f},{y + 1.15 * r * cos(k * pi / 3 - pi / 2):.1f}"
            for k in range(6)
        )
        return f'<polygon points="{corners}" fill="{colour}" stroke="{plate}" stroke-width="1"/>'
    if state == "backup":
        return f'{disc}/><circle {at} r="1.6" fill="{colour}"/>'
    if state == "restarting":
        arrow = f"M{x - 2.4:.1f} {y - 3.4:.1f}l6 3.4l-6 3.4z"
        return f'{disc}/><path d="{arrow}" fill="{colour}"/>'
    dashes = "1.5 2" if state == "unknown" else "3.4 2"
    mark = "?" if state == "unknown" else ""
    sign = (
        f'<text x="{x:.1f}" y="{y + 3.6:.1f}" font-size="11" text-anchor="middle" '
        f'fill="{colour}">{mark}</text>'
        if mark
        else ""
    )
    return f'{disc} stroke-dasharray="{dashes}"/>{sign}'


def _acts(world: World, situation: Situation, view: _View) -> Iterable[str]:
    """Yield a green plus in a diamond at each measure, supply or repair."""
    good = LIGHT["good-text"]
    for asset_id in sorted(situation.acts):
        if asset_id not in world.assets:
            continue
        asset = world.assets[asset_id]
        x, y = view.at(asset.lon, asset.lat)
        x, y = x + 9, y - 9
        yield act_sign(x, y, good)


def act_sign(x: float, y: float, colour: str) -> str:
    """Return the sign of an action: a plus in a diamond."""
    return (
        f'<path d="M{x:.1f} {y - 8:.1f}l8 8l-8 8l-8 -8z" fill="{colour}" '
        f'stroke="{LIGHT["plate"]}" stroke-width="1.2"/>'
        f'<path d="M{x - 4:.1f} {y:.1f}h8m-4 -4v8" stroke="{LIGHT["plate"]}" stroke-width="2"/>'
    )


# ------------------------------------------------------------- names, legend


def _labels(world: World, base: Base, situation: Situation, view: _View) -> Iterable[str]:
    taken: list[tuple[float, float, float, float]] = []
    named = [a for a in situation.named if a in world.assets][:_MOST_NAMES]
    for asset_id in named:
        asset = world.assets[asset_id]
        x, y = view.at(asset.lon, asset.lat)
        text, size = cut(world.label(asset_id), 34), 17
        for dx, dy, anchor in _BESIDE:
            box = _box(text, x + dx, y + dy, size, anchor)
            if _free(box, taken):
                taken.append(box)
                yield _label(text, x + dx, y + dy, size, anchor, 700, "ink")
                break
    places = sorted(
        (f for f in base.get("places", ()) if (f.get("geometry") or {}).get("type") == "Point"),
        key=lambda f: (f["properties"].get("rank", 3), str(f["properties"].get("name", ""))),
    )
    for place in places[:200]:
        text = cut(str(place["properties"].get("name") or ""), 40)
        rank = int(place["properties"].get("rank", 3))
        size = {1: 22, 2: 16}.get(rank, 14)
        x, y = view.at(*place["geometry"]["coordinates"][:2])
        box = _box(text, x, y, size, "middle")
        if text and view.sees((x, y), -10) and _free(box, taken):
            taken.append(box)
            yield _label(text, x, y, size, "middle", 400, "map-label")


def _box(
    text: str, x: float, y: float, size: float, anchor: str
) -> tuple[float, float, float, float]:
    width = 0.5 * size * len(text)
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return left, y - size, left + width, y + 0.3 * size


def _free(box: tuple[float, ...], taken: Iterable[tuple[float, ...]]) -> bool:
    w, n, e, s = box
    inside = w > 2 and n > 2 and e < WIDTH - 2 and s < HEIGHT - 2
    return inside and all(e < a or w > c or s < b or n > d for a, b, c, d in taken)


def _label(text: str, x: float, y: float, size: float, anchor: str, weight: int, token: str) -> str:
    place = (
        f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}"'
    )
    halo = f'stroke="{LIGHT["map-halo"]}" stroke-width="3" stroke-linejoin="round" fill="none"'
    said = _text(text)
    return f'<text {place} {halo}>{said}</text><text {place} fill="{LIGHT[token]}">{said}</text>'


def _scale(view: _View) -> str:
    """Return a bar of a round length, in km."""
    km = 111.32 / view.y_scale
    length = next(
        (n for n in (500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1) if n / km <= 180), 0.1
    )
    px, y, ink = length / km, HEIGHT - 16, LIGHT["map-label"]
    return (
        f'<path d="M16 {y - 6}v6h{px:.1f}v-6" fill="none" stroke="{ink}" stroke-width="1.6"/>'
        f'<text x="{16 + px / 2:.1f}" y="{y - 6}" font-size="15" text-anchor="middle" '
        f'fill="{ink}">{number(length, 1 if length < 1 else 0)} km</text>'
    )


def _legend(situation: Situation) -> tuple[list[str], int]:
    """Return the legend and its height below the map, which depends on the language."""
    there = set(situation.states.values()) | {"working"}
    shown = [state for state in reversed(GRAVITY) if state in there]
    entries = [
        (symbol(state, 0, 0), f"{state_label(state)}{_count(situation, state)}") for state in shown
    ]
    if situation.acts:
        entries.append((act_sign(0, 0, LIGHT["good-text"]), _("Measure, supply or repair")))
    entries += legend_entries(situation.cells)
    x, y, parts = 12.0, HEIGHT + 22, list[str]()
    for drawn, words in entries:
        wide = 38 + 8.2 * len(words)
        if x + wide > WIDTH:
            x, y = 12.0, y + 28
        place = f'x="{x + 14:.1f}" y="{y + 6:.1f}" font-size="17"'
        parts += [
            f'<g transform="translate({x:.1f} {y:.1f})">{drawn}</g>',
            f'<text {place} fill="{LIGHT["ink"]}">{_text(words)}</text>',
        ]
        x += wide
    return parts, y - HEIGHT + 16


def _count(situation: Situation, state: State) -> str:
    if state == "working":
        return ""
    return f" ({number(sum(states == state for states in situation.states.values()))})"


def states_at(
    columns: Mapping[str, Sequence[float]], ids: Sequence[str], at_ms: int
) -> dict[str, State]:
    """Return the drawn states of a picture at an hour, by asset, without working ones."""
    codes: dict[int, int] = {}
    for t, a, s in zip(columns["t"], columns["a"], columns["s"], strict=True):
        if t > at_ms:
            break
        codes[int(a)] = int(s)
    return {ids[a]: STATES[s] for a, s in codes.items() if STATES[s] != "working"}


def _text(text: str) -> str:
    """Return a text for SVG: escaped, without characters that XML forbids."""
    return escape(cut(text, 4_000), {'"': "&quot;"})

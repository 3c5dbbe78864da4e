"""The page of the safe public map: a map of areas, a clock, numbers as a table; nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from models.space.frame import frame
from models.wording import _, spoken
from models.world import World

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{head}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/vendor/maplibre-gl.css">
<link rel="stylesheet" href="/assets/00_tokens.css">
<link rel="stylesheet" href="/assets/public/public.css">
</head>
<body data-name="{name}" data-layers="{layers}" data-bbox="{bbox}">
<header>
<h1>{title}</h1>
<p>{lead}</p>
</header>
<nav id="services" aria-label="{service}"></nav>
<main>
<div id="map" role="region" aria-label="{map}"></div>
<aside>
<p id="total" role="status"></p>
<p class="caption">{caption}</p>
<ul id="legend" aria-label="{legend}"></ul>
<details><summary>{table}</summary><div id="table"></div></details>
<details><summary>{told}</summary><p id="rules"></p></details>
</aside>
</main>
<footer>
<button id="play" type="button" aria-label="{play}">▶</button>
<input id="clock" type="range" min="0" max="1" value="0" aria-label="{hour}">
<output id="hour" for="clock"></output>
<small>{attribution}</small>
</footer>
<p id="problem" role="alert" hidden></p>
<script src="{words}"></script>
<script src="/vendor/maplibre-gl.js"></script>
<script type="module" src="{module}"></script>
</body>
</html>
"""


def public_page(
    world: World, name: str, layers: Sequence[str], words_address: str, module_address: str
) -> str:
    """Return the page; ``world`` is the view for the public, ``layers`` are its base map's.

    ``words_address`` is the address of the script's texts, ``module_address`` that of the script.
    """
    return _PAGE.format(
        language=spoken().code,
        words=escape(words_address),
        module=escape(module_address),
        title=escape(world.title),
        name=escape(name),
        layers=escape(json.dumps(list(layers))),
        bbox=escape(json.dumps(frame(world) if world.bbox else None)),
        attribution=escape(world.attribution),
        head=escape(_("{title}: what is out, by area").format(title=world.title)),
        lead=_lead(),
        service=escape(_("Service")),
        map=escape(_("Map of areas")),
        caption=escape(_("Share of the people served in an area who are without it")),
        legend=escape(_("Legend")),
        table=escape(_("Areas as a table")),
        told=escape(_("What this map shows")),
        play=escape(_("Play")),
        hour=escape(_("Hour")),
    )


def _lead() -> str:
    text = escape(_("What is out, by area. Computed for an exercise or a plan: {no_warning}."))
    warning = _("no official warning")
    strong = f"<strong>{escape(warning)}</strong>"
    return text.replace("{no_warning}", strong)

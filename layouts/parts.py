"""Small parts that several panels share: buttons that act, chips that select, hours as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from models.units import hours_text, to_ms
from models.wording import number as told_number

Children = Any


def extra(attributes: Mapping[str, str]) -> dict[str, Any]:
    """Return ``data-`` and ``aria-`` attributes, for which components have no arguments."""
    return dict(attributes)


def acting(label: Children, action: Mapping[str, Any], **properties: Any) -> Component:
    """Return a button that makes a change; ``page/panels/clicks.js`` sends its action."""
    return html.Button(
        label, type="button", **extra({"data-act": json.dumps(action)}), **properties
    )


def selecting(label: Children, asset_id: str, **properties: Any) -> Component:
    """Return a button that selects an asset in map, graph and lists."""
    return html.Button(label, type="button", **extra({"data-select": asset_id}), **properties)


def opening(label: Children, dialog: str, **properties: Any) -> Component:
    """Return a button that opens a dialog of the page."""
    return html.Button(
        label,
        type="button",
        **extra({"data-open": dialog, "aria-haspopup": "dialog"}),
        **properties,
    )


def mounted_later(part: Component, place_id: str, view: str) -> Component:
    """Return the place of a part that is costly to draw; ``page/base/later.js`` mounts it.

    Parameters
    ----------
    part
        The part; no server callback may name it, as it is missing from the page at first.
    place_id
        Id of its place.
    view
        The view that shows it: the part is mounted when that view is first opened.
    """
    plain = json.dumps(part.to_plotly_json())  # type: ignore[no-untyped-call]
    return html.Div(id=place_id, **extra({"data-later": plain, "data-in-view": view}))


def sentence(text: str, **parts: Children) -> list[Children]:
    """Return a text, already translated, with components in its places: ``{who} is lost``."""
    pieces: list[Children] = re.split(r"\{(\w+)\}", text)
    for place in range(1, len(pieces), 2):
        pieces[place] = parts[pieces[place]]
    return [piece for piece in pieces if piece != ""]


def hour(at_h: float) -> str:
    """Return an event's hour: ``0 h``, ``7 h 20 min``."""
    return "0 h" if at_h == 0 else hours_text(to_ms(at_h))


def thousands(number: float) -> str:
    """Return a whole number with separators."""
    return told_number(round(number))

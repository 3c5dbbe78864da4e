"""Styles for QGIS: how a world's layers are drawn, and forms with drop-down lists to edit them.

QGIS reads them from the table ``layer_styles`` of a GeoPackage. The elements of a style (QML) are
those that QGIS 3.22 itself writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from data.worlds.schema import COLUMNS
from data.worlds.tables import GEOMETRY
from models.access import LABELS
from models.world import DECLARED

_LINK_COLOURS = {"electricity": "link-electricity", "heat": "link-heat", "gas": "link-gas",
                 "road": "link-road", "rail": "link-rail"}  # fmt: skip
_CONFIDENCES = ("A", "B", "C", "D")
#: QGIS' kinds of symbols by layer.
_SYMBOLS = {"assets": ("marker", "SimpleMarker"), "links": ("line", "SimpleLine"),
            "people": ("fill", "SimpleFill")}  # fmt: skip
#: Columns whose values a form offers as a list, with their table's values in the world.
_LISTED = ("asset_type", "sector", "service", "basis", "operator", "product", "municipality")


Rows = Sequence[Mapping[str, Any]]


def world_styles(layers: Mapping[str, Rows], colours: Mapping[str, str]) -> dict[str, str]:
    """Return a style for each layer of a world.

    Parameters
    ----------
    layers
        The rows of each layer.
    colours
        The page's colours (``#rrggbb``) by token.

    Returns
    -------
    QML by name of the layer. What is inferred is drawn hollow or dashed, as on the page.
    """
    return {
        layer: _style(layer, rows, colours) for layer, rows in layers.items() if layer in COLUMNS
    }


def _style(layer: str, rows: Rows, colours: Mapping[str, str]) -> str:
    columns = tuple(name for name in rows[0] if name != GEOMETRY)
    qgis = ElementTree.Element(
        "qgis",
        version="3.22.0",
        styleCategories="Symbology|Labeling|Forms",
        labelsEnabled=str(int(layer == "assets")),
    )
    if layer in _SYMBOLS:
        qgis.append(_renderer(layer, columns, colours))
    if layer == "assets":
        qgis.append(_labels(colours))
    fields = ElementTree.SubElement(qgis, "fieldConfiguration")
    for name in columns:
        widget = ElementTree.SubElement(fields, "field", name=name)
        choices = _choices(rows, layer, name)
        _editor(widget, choices, flag=_is_flag(layer, name))
    return ElementTree.tostring(qgis, encoding="unicode")


# --- forms -----------------------------------------------------------------------------------


def _choices(rows: Rows, layer: str, column: str) -> list[str]:
    """Return what a form offers for a column: what the format knows, else what the world has."""
    stated = next((c.choices for c in COLUMNS[layer] if c.name == column), ())
    if stated:
        return list(stated)
    fixed = {"tlp": ("", *LABELS), "confidence": ("", *_CONFIDENCES)}
    if column in fixed:
        return list(fixed[column])
    return sorted({str(row[column] or "") for row in rows}) if column in _LISTED else []


def _is_flag(layer: str, name: str) -> bool:
    return any(column.name == name and column.kind == "flag" for column in COLUMNS[layer])


def _editor(field: ElementTree.Element, choices: list[str], *, flag: bool) -> None:
    kind = "CheckBox" if flag else "ValueMap" if choices else "TextEdit"
    widget = ElementTree.SubElement(field, "editWidget", type=kind)
    config = ElementTree.SubElement(widget, "config")
    options = ElementTree.SubElement(config, "Option", type="Map")
    if kind != "ValueMap":
        return
    listed = ElementTree.SubElement(options, "Option", type="List", name="map")
    for choice in choices:
        pair = ElementTree.SubElement(listed, "Option", type="Map")
        shown = choice or "(none)"
        ElementTree.SubElement(pair, "Option", type="QString", name=shown, value=choice)


# --- symbols ---------------------------------------------------------------------------------


def _renderer(
    layer: str, columns: tuple[str, ...], colours: Mapping[str, str]
) -> ElementTree.Element:
    """Return rules: by service for links, declared and inferred apart."""
    renderer = ElementTree.Element("renderer-v2", type="RuleRenderer", symbollevels="0")
    rules = ElementTree.SubElement(renderer, "rules", key="root")
    symbols = ElementTree.SubElement(renderer, "symbols")
    number = 0
    for label, where, colour in _kinds(layer, colours):
        parent = ElementTree.SubElement(rules, "rule", key=f"k{number}", label=label, filter=where)
        for inferred in (False, True) if "origin" in columns else (False,):
            test = f"\"origin\" {'<>' if inferred else '='} '{DECLARED}'"
            rule = {"key": f"s{number}", "symbol": str(number)}
            if "origin" in columns:
                rule |= {"filter": test, "label": "inferred" if inferred else "declared"}
            ElementTree.SubElement(parent, "rule", rule)
            symbols.append(_symbol(layer, number, (colour, colours["edge"]), inferred=inferred))
            number += 1
    return renderer


def _kinds(layer: str, colours: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return label, filter and colour of each kind of thing in a layer."""
    if layer != "links":
        token = "working" if layer == "assets" else "cell-1"
        return [(layer, "TRUE", colours[token])]
    kinds = [(s, f"\"service\" = '{s}'", colours[token]) for s, token in _LINK_COLOURS.items()]
    return [*kinds, ("other", "ELSE", colours["link-other"])]


def _symbol(
    layer: str, number: int, painted: tuple[str, str], *, inferred: bool
) -> ElementTree.Element:
    colour, edge = painted
    kind, name = _SYMBOLS[layer]
    symbol = ElementTree.Element("symbol", type=kind, name=str(number), alpha="1")
    drawn = ElementTree.SubElement(symbol, "layer", {"class": name, "enabled": "1", "pass": "0"})
    hollow = "255,255,255,255" if inferred else _rgba(colour)
    properties = {
        "marker": {"name": "circle", "size": "2.4", "color": hollow,
                   "outline_color": _rgba(colour), "outline_width": "0.4"},
        "line": {"line_color": _rgba(colour), "line_width": "0.6",
                 "line_style": "dash" if inferred else "solid"},
        "fill": {"color": _rgba(colour, 120), "outline_color": _rgba(edge),
                 "style": "solid"},
    }[kind]  # fmt: skip
    options = ElementTree.SubElement(drawn, "Option", type="Map")
    for key, value in properties.items():
        ElementTree.SubElement(options, "Option", type="QString", name=key, value=value)
        ElementTree.SubElement(drawn, "prop", k=key, v=value)
    return symbol


def _rgba(colour: str, alpha: int = 255) -> str:
    """Return a colour as QGIS writes it: red, green, blue, alpha (0 to 255)."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return ",".join(str(part) for part in (*parts, alpha))


def _labels(colours: Mapping[str, str]) -> ElementTree.Element:
    """Return labels with names, from 1 : 25,000 on."""
    labeling = ElementTree.Element("labeling", type="simple")
    settings = ElementTree.SubElement(labeling, "settings", calloutType="simple")
    style = {"fieldName": "coalesce(name, asset_id)", "isExpression": "1", "fontSize": "8",
             "textColor": _rgba(colours["ink"])}  # fmt: skip
    ElementTree.SubElement(settings, "text-style", style)
    ElementTree.SubElement(
        settings, "rendering", scaleVisibility="1", scaleMin="25000", scaleMax="1"
    )
    return labeling

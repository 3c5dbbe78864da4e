"""Weak points: ranking of further knock-outs by cost. ``page/panels/weak.js`` fills it."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.panels.asset_list import THEME, WHOLE, grid_words, said_columns
from layouts.parts import extra, mounted_later
from models.wording import N_, _

#: Significant digits in rows; the exact number is in the tooltip.
_SHORT = {"function": "knockonShort(params.value)"}


def weak_points() -> Component:
    """Return the pane: choice of the screening, progress, and the ranking."""
    return html.Div(
        [
            html.Header(
                [
                    html.H2(_("Weak points")),
                    html.P(className="weak-question", **extra({"data-weak": "question"})),
                ]
            ),
            html.Div(
                [
                    _choice(
                        "kind",
                        _("Single or pairs"),
                        (("single", _("Single")), ("pairs", _("Pairs"))),
                    ),
                    _choice(
                        "by",
                        _("Ranked by"),
                        (
                            ("person_hours", _("Person-hours")),
                            ("people", _("People")),
                            ("assets", _("Assets")),
                        ),
                    ),
                ],
                className="weak-tools",
            ),
            html.Div(className="weak-progress", **extra({"data-weak": "progress"})),
            mounted_later(_grid(), ids.WEAK_LIST_PLACE, "weak"),
            html.P(
                _(
                    "People are those who lack something at the worst moment, each counted once. "
                    "Select a row to see it on the map; K knocks it out."
                ),
                className="fine-print",
            ),
        ],
        className="weak-panel",
    )


def _grid() -> Component:
    grid: Component = dag.AgGrid(
        id=ids.WEAK_LIST,
        rowData=[],
        columnDefs=said_columns(_COLUMNS),
        defaultColDef={"sortable": True, "resizable": True},
        getRowId="params.data.key",
        dashGridOptions={
            "suppressAnimationFrame": True,
            "rowSelection": {
                "mode": "singleRow",
                "enableClickSelection": True,
                "checkboxes": False,
            },
            "animateRows": False,
            "tooltipShowDelay": 300,
            "theme": {"function": THEME},
            "localeText": grid_words(),
        },
        className="knockon-grid",
        style={"height": "100%", "width": "100%"},
    )
    return grid


def _number(field: str, header: str, width: int) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": header,
        "width": width,
        "type": "numericColumn",
        "valueFormatter": _SHORT,
        "tooltipValueGetter": WHOLE,
    }


_COLUMNS: tuple[dict[str, Any], ...] = (
    {
        "field": "label",
        "headerName": N_("Knocked out too"),
        "flex": 2,
        "minWidth": 150,
        "wrapText": True,
        "autoHeight": True,
        "cellClass": "weak-name",
    },
    _number("person_hours", N_("Person-h"), 108),
    _number("people", N_("People"), 98),
    _number("assets", N_("Assets"), 78),
)


def _choice(name: str, label: str, options: tuple[tuple[str, str], ...]) -> Component:
    return html.Div(
        [
            html.Button(
                text,
                type="button",
                **extra(
                    {
                        "data-weak-choice": name,
                        "data-value": value,
                        "aria-pressed": "true" if n == 0 else "false",
                    }
                ),
            )
            for n, (value, text) in enumerate(options)
        ],
        className="segments",
        role="group",
        **extra({"aria-label": label}),
    )

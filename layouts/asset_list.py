"""The list: the accessible twin of the map. Its rows follow the clock in ``assets/45_list.js``."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import extra

_COLUMNS: tuple[dict[str, Any], ...] = (
    {
        "field": "name",
        "headerName": "Name",
        "flex": 2,
        "minWidth": 180,
        "pinned": "left",
        "sort": "asc",
    },
    {"field": "state", "headerName": "State now", "width": 165, "cellRenderer": "KnockonState"},
    {"field": "since", "headerName": "Since", "width": 110},
    {"field": "deadline", "headerName": "Ends in", "width": 120},
    {
        "field": "people",
        "headerName": "People served",
        "width": 130,
        "type": "numericColumn",
        "valueFormatter": {"function": "params.value == null ? '' : d3.format(',')(params.value)"},
    },
    {"field": "type", "headerName": "Type", "width": 170},
    {"field": "sector", "headerName": "Sector", "width": 140},
    {"field": "origin", "headerName": "Known by", "width": 115},
    {"field": "confidence", "headerName": "Confidence", "width": 110},
)


#: the grid in the page's own tokens, so that it follows light, dark and projector
THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--panel)', foregroundColor: 'var(--ink)', "
    "headerTextColor: 'var(--soft)', headerBackgroundColor: 'var(--panel)', "
    "borderColor: 'var(--line)', accentColor: 'var(--accent)', oddRowBackgroundColor: "
    "'var(--panel)', fontFamily: 'inherit', fontSize: 13, spacing: 5, wrapperBorder: false})"
)


def asset_list() -> Component:
    """Return the grid, and what can be done with the selected rows.

    ``assets/45_list.js`` fills it from the features when it is first shown.
    """
    return html.Section(
        [
            html.Div(
                [
                    html.Button(
                        "Knock out selected",
                        type="button",
                        className="danger",
                        **extra({"data-list": "fail"}),
                    ),
                    html.Button("Repair selected", type="button", **extra({"data-list": "repair"})),
                    html.Button(
                        "Only what is not working",
                        type="button",
                        **extra({"data-list": "changed", "aria-pressed": "false"}),
                    ),
                    html.Span("Space selects a row, K knocks it out.", className="fine-print"),
                ],
                className="list-tools",
            ),
            dag.AgGrid(
                id=ids.ASSET_LIST,
                rowData=[],
                columnDefs=[dict(column) for column in _COLUMNS],
                defaultColDef={"sortable": True, "filter": True, "resizable": True},
                getRowId="params.data.id",
                dashGridOptions={
                    # a row is never on the page before its cells: screen readers would stumble
                    "suppressAnimationFrame": True,
                    "rowSelection": {"mode": "multiRow", "enableClickSelection": True},
                    "animateRows": False,
                    "theme": {"function": THEME},
                },
                className="knockon-grid",
                style={"height": "100%", "width": "100%"},
            ),
        ],
        className="list-panel",
        **extra({"aria-label": "All assets as a table"}),
    )

"""The list: the accessible twin of the map. ``page/panels/list.js`` fills its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import extra, mounted_later
from models.wording import N_, _

#: for grids: whole numbers as the page's language writes them (``page/panels/list.js``)
WHOLE = {"function": "knockonNumber(params.value)"}

_COLUMNS: tuple[dict[str, Any], ...] = (
    {
        "field": "name",
        "headerName": N_("Name"),
        "flex": 2,
        "minWidth": 180,
        "pinned": "left",
        "sort": "asc",
    },
    {"field": "state", "headerName": N_("State now"), "width": 165, "cellRenderer": "KnockonState"},
    {"field": "since", "headerName": N_("Since"), "width": 110},
    {"field": "deadline", "headerName": N_("Ends in"), "width": 120},
    {
        "field": "people",
        "headerName": N_("People served"),
        "width": 130,
        "type": "numericColumn",
        "valueFormatter": WHOLE,
    },
    {"field": "type", "headerName": N_("Type"), "width": 170},
    {"field": "sector", "headerName": N_("Sector"), "width": 140},
    {"field": "origin", "headerName": N_("Known by"), "width": 115},
    {"field": "confidence", "headerName": N_("Confidence"), "width": 110},
)


#: the grid in the page's own tokens, so that it follows light, dark and projector
THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--panel)', foregroundColor: 'var(--ink)', "
    "headerTextColor: 'var(--soft)', headerBackgroundColor: 'var(--panel)', "
    "borderColor: 'var(--line)', accentColor: 'var(--accent)', oddRowBackgroundColor: "
    "'var(--panel)', fontFamily: 'inherit', fontSize: 13, spacing: 5, wrapperBorder: false})"
)


def said_columns(columns: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return columns with their headings in the current language."""
    return [{**column, "headerName": _(column["headerName"])} for column in columns]


def grid_words() -> dict[str, str]:
    """Return the texts of the grid component itself."""
    return {
        "noRowsToShow": _("Nothing to show"),
        "filterOoo": _("Filter…"),
        "contains": _("Contains"),
        "notContains": _("Does not contain"),
        "equals": _("Equals"),
        "notEqual": _("Does not equal"),
        "startsWith": _("Begins with"),
        "endsWith": _("Ends with"),
        "blank": _("Blank"),
        "notBlank": _("Not blank"),
        "andCondition": _("and"),
        "orCondition": _("or"),
        "ariaFilterColumn": _("Press CTRL ENTER to open filter"),
        "ariaFilterMenuOpen": _("Open Filter Menu"),
        "ariaFilterInput": _("Filter Input"),
        "ariaColumnFiltered": _("Column Filtered"),
        "ariaLabelColumnFilter": _("Column Filter"),
        "ariaLabelSelectField": _("Select Field"),
        "ariaLabelTooltip": _("Tooltip"),
        "ariaSortableColumn": _("Press ENTER to sort"),
        "ariaRowSelect": _("Press SPACE to select this row"),
        "ariaRowDeselect": _("Press SPACE to deselect this row"),
        "noMatchingRows": _("No Matching Rows"),
        "ariaFilterValue": _("Filter value"),
        "ariaFilteringOperator": _("How to filter"),
        "ariaRowToggleSelection": _("Press Space to select the row or not"),
        "ariaRowSelectAll": _("Press Space to select all rows or none"),
        "ariaHeaderSelection": _("Column with the selection of all rows"),
        "ariaChecked": _("selected"),
        "ariaUnchecked": _("not selected"),
    }


def asset_list() -> Component:
    """Return the grid, and the actions for selected rows.

    ``page/panels/list.js`` fills it from the features when it is first shown.
    """
    return html.Section(
        [
            html.Div(
                [
                    html.Button(
                        _("Knock out selected"),
                        type="button",
                        className="danger",
                        **extra({"data-list": "fail"}),
                    ),
                    html.Button(
                        _("Repair selected"), type="button", **extra({"data-list": "repair"})
                    ),
                    html.Button(
                        _("Only what is not working"),
                        type="button",
                        **extra({"data-list": "changed", "aria-pressed": "false"}),
                    ),
                    html.Span(_("Space selects a row, K knocks it out."), className="fine-print"),
                ],
                className="list-tools",
            ),
            mounted_later(_grid(), ids.ASSET_LIST_PLACE, "list"),
        ],
        className="list-panel",
        **extra({"aria-label": _("All assets as a table")}),
    )


def _grid() -> Component:
    grid: Component = dag.AgGrid(
        id=ids.ASSET_LIST,
        rowData=[],
        columnDefs=said_columns(_COLUMNS),
        defaultColDef={"sortable": True, "filter": True, "resizable": True},
        getRowId="params.data.id",
        dashGridOptions={
            # a row is never on the page before its cells: screen readers would stumble
            "suppressAnimationFrame": True,
            "rowSelection": {"mode": "multiRow", "enableClickSelection": True},
            "animateRows": False,
            "theme": {"function": THEME},
            "localeText": grid_words(),
        },
        className="knockon-grid",
        style={"height": "100%", "width": "100%"},
    )
    return grid

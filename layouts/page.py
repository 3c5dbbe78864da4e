"""The page's frame: header, left, centre, right, footer, with their parts.

Containers without children are filled by the scripts in ``assets/``; the others by the server.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.graph.panel import graph_panel
from layouts.palette import state_attributes
from layouts.panels.asset_list import asset_list
from layouts.panels.brief_dialog import brief_button, brief_dialog
from layouts.panels.compare import compare_view
from layouts.panels.exercise_pane import exercise_pane
from layouts.panels.happenings import Ready, happenings
from layouts.panels.people import people_shell
from layouts.panels.weak_points import weak_points
from layouts.panels.why import why_shell
from layouts.parts import extra
from layouts.words import Labels, basis_words
from models.wording import _, day
from models.world import World

#: most notes shown; `cli.py validate` prints all of them
_MOST_NOTES = 50
_COPYRIGHT = "https://www.openstreetmap.org/copyright"


def page(
    world: World,
    labels: Labels,
    ready: Sequence[Ready],
    features_address: str,
    file_notes: Sequence[str] = (),
) -> Component:
    """Return the whole page for one world.

    Parameters
    ----------
    world, labels
        The world, redacted for the user, and the labels.
    ready
        The ready scenarios.
    features_address
        Address of the features.
    file_notes
        Warnings about its files, for facilitators.

    Returns
    -------
    The page's frame with the parts that the server fills.
    """
    return html.Div(
        [
            *_stores(),
            html.A(_("Skip to the map"), href=f"#{ids.MAP_PANE}", className="skip-link"),
            _header(world),
            html.Aside(
                [
                    html.Div(happenings(world, labels, ready), className="panel-host"),
                    html.Section(id=ids.SECTORS, className="panel", **_named(_("Sectors"))),
                    html.Section(id=ids.UNKNOWN_NOTE, className="panel", **_named(_("Unknown"))),
                    html.Section(
                        id=ids.UNKNOWN_NEEDS,
                        className="panel",
                        hidden=True,
                        **_named(_("Unknown needs")),
                    ),
                    *_file_notes(file_notes),
                    # shown by the browser to those who lead
                    html.Section(
                        html.Button(
                            _("Import your own region"), id=ids.IMPORT_BUTTON, type="button"
                        ),
                        id=ids.IMPORT,
                        className="panel",
                        hidden=True,
                        **_named(_("Import your own region")),
                    ),
                ],
                id=ids.LEFT,
                className="side side-left",
                **_named(_("What happens and sectors")),
            ),
            _centre(world),
            html.Aside(
                [
                    html.Div(people_shell(), id=ids.PEOPLE),
                    html.Section(id=ids.NEXT_LOSSES, className="panel", **_named(_("Next losses"))),
                    html.Div(why_shell(), id=ids.WHY),
                    html.Section(
                        id=ids.DEADLOCKS, className="panel", hidden=True, **_named(_("Deadlocks"))
                    ),
                ],
                id=ids.RIGHT,
                className="side side-right",
                **_named(_("People without, next losses, why")),
            ),
            html.Section(id=ids.FOOT, className="foot", **_named(_("Time"))),
            brief_dialog(),
            html.Div(id=ids.NOTICES, className="notices"),
            html.Div(id=ids.LIVE, className="sr-only", role="status"),
        ],
        id=ids.PAGE,
        className="page",
        **extra({"data-features": features_address, "data-states": json.dumps(state_attributes())}),
    )


def _file_notes(notes: Sequence[str]) -> list[Component]:
    """Return the warnings about the world's files, as printed by validate and at the start."""
    if not notes:
        return []
    # i18n: n is at least one
    title = _("Notes on this world's files: {n}").format(n=len(notes))
    shown = [html.Li(note) for note in notes[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        shown.append(html.Li("…"))
    return [
        html.Section(
            html.Details([html.Summary(title), html.Ul(shown)]),
            id=ids.FILE_NOTES,
            className="panel file-notes",
            **_named(_("Notes on this world's files")),
        )
    ]


def _stores() -> list[Component]:
    names = (
        ids.SCENARIO,
        ids.SHOWN,
        ids.LISTS,
        ids.BESIDE,
        ids.ACTION,
        ids.PICTURE,
        ids.SELECTION,
        ids.CLOCK,
        ids.MESSAGE,
    )
    return [
        dcc.Location(id=ids.LOCATION, refresh=False),
        *(dcc.Store(id=name, storage_type="memory") for name in names),
    ]


def _header(world: World) -> Component:
    return html.Header(
        [
            _button("☰", ids.LEFT_BUTTON, _("What happens and sectors"), "drawer-button"),
            html.H1([html.Span(className="brand-dot"), "Knock-on"], className="brand"),
            html.Div(
                [
                    html.Span(world.title, className="crumb-world"),
                    html.Span(" › ", className="crumb-sep", **extra({"aria-hidden": "true"})),
                    html.Strong(id=ids.TITLE),
                    html.Button(
                        id=ids.SAVED,
                        type="button",
                        className="saved",
                        hidden=True,
                        title=_("Who changed what"),
                        **extra({"data-open": "log-dialog"}),
                    ),
                ],
                className="crumbs",
            ),
            html.Div(id=ids.CONNECTION, className="connection", role="status"),
            html.Div(
                [
                    html.Details(id=ids.TOGETHER, className="menu together", hidden=True),
                    # filled and shown by the browser on a server with sign-in
                    html.Button(id=ids.ME_BUTTON, type="button", className="me", hidden=True),
                    # filled by the browser with the available languages
                    html.Div(id=ids.LANGUAGE, className="language"),
                    _button(_("Share"), ids.SHARE_BUTTON, _("Share this picture with others")),
                    _button(
                        ["◐ ", html.Span(_("Light"), className="theme-name")],
                        ids.THEME,
                        _("Theme: light, dark, projector (T)"),
                    ),
                    brief_button(),
                    _button("?", ids.HELP_BUTTON, _("Help and keys (?)")),
                    _button(
                        _("People"), ids.RIGHT_BUTTON, _("People without, losses"), "drawer-button"
                    ),
                ],
                className="header-tools",
            ),
        ],
        id=ids.HEADER,
        className="header",
    )


def _centre(world: World) -> Component:
    return html.Main(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.Div(id=ids.SEARCH, className="search"),
                            html.Div(id=ids.MAP_TOOLS, className="map-tools"),
                        ],
                        className="map-bar",
                    ),
                    html.Div(id=ids.VIEWS, className="views"),
                ],
                className="centre-bar",
            ),
            html.Section(
                [
                    html.Div(
                        id=ids.MAP,
                        className="map",
                        **extra({"data-waiting": _("Drawing the map…")}),
                    ),
                    html.Div(id=ids.CHIP, className="chip-host"),
                    html.Div(
                        [
                            html.Div(id=ids.ASSET_CARD, className="card-host"),
                            html.Div(id=ids.LEGEND, className="legend"),
                        ],
                        className="map-foot",
                    ),
                ],
                id=ids.MAP_PANE,
                className="pane map-pane",
                tabIndex="-1",
                **_named(_("Map")),
            ),
            html.Section(
                graph_panel(),
                id=ids.GRAPH_PANE,
                className="pane graph-pane",
                **_named(_("Dependency graph")),
            ),
            html.Section(
                asset_list(),
                id=ids.LIST_PANE,
                className="pane list-pane",
                **_named(_("List of assets")),
            ),
            html.Section(
                weak_points(),
                id=ids.WEAK_PANE,
                className="pane weak-pane",
                **_named(_("Weak points")),
            ),
            html.Section(
                compare_view(),
                id=ids.COMPARE_PANE,
                className="pane compare-pane",
                **_named(_("Compare")),
            ),
            html.Section(
                exercise_pane(),
                id=ids.EXERCISE_PANE,
                className="pane exercise-pane",
                **_named(_("Exercise")),
            ),
            html.P(_credit(world), id=ids.CREDIT, className="credit"),
        ],
        id=ids.CENTRE,
        className="centre",
        **extra({"data-view": "map"}),
    )


def _credit(world: World) -> list[Any]:
    """Return the credit: owner and date of the data, and the line styles by basis."""
    return [
        _owner(world),
        _snapshot(world),
        html.Span([html.Span(className="key-line"), basis_words("declared")]),
        html.Span([html.Span(className="key-line key-dashed"), basis_words("inferred")]),
        html.Span([html.Span(className="key-line key-dotted"), basis_words("assumed")]),
    ]


def _snapshot(world: World) -> Component | str:
    if not world.snapshot_date:
        return ""
    return html.Span(_("data of {day}").format(day=day(world.snapshot_date)))


def _owner(world: World) -> Component | str:
    """Return the owner of the data, as stated by the world."""
    if "OpenStreetMap" not in world.attribution:
        return html.Span(world.attribution) if world.attribution else ""
    return html.A(
        _("© OpenStreetMap contributors"),
        href=_COPYRIGHT,
        target="_blank",
        rel="noopener noreferrer",
    )


def _button(text: Any, element_id: str, label: str, class_name: str = "") -> Component:
    return html.Button(
        text,
        id=element_id,
        type="button",
        className=f"quiet-button {class_name}".strip(),
        title=label,
        **extra({"aria-label": label}),
    )


def _named(label: str) -> dict[str, Any]:
    return extra({"aria-label": label})

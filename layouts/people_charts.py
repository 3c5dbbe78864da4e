"""*People without …*: per service the number now and its course; chart and table one click away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import extra, thousands
from layouts.words import Labels, lower_first
from models.units import MS_PER_HOUR, hours_text
from models.wording import _, number

Course = Mapping[str, Any]
Figure = dict[str, Any]

#: nothing of Plotly's own furniture: no logo, no cloud, no toolbar
CHART_CONFIG: Any = {
    "staticPlot": True,
    "displayModeBar": False,
    "displaylogo": False,
    "plotlyServerURL": "",
    "showSendToCloud": False,
    "responsive": True,
}
_LARGE_CONFIG: Any = CHART_CONFIG | {"staticPlot": False}

#: seen on light and dark ground alike; the page's css cannot reach into a figure
LINE, AREA = "#d8494d", "rgba(216, 73, 77, 0.22)"


def people_shell() -> Component:
    """Return the panel before the first picture."""
    return html.Section(
        [
            html.H2(
                [
                    _("People without"),
                    html.Span(_(", at {at}").format(at="0 h"), className="people-at"),
                ]
            ),
            html.Div(id=ids.PEOPLE_ROWS),
            html.P(id=ids.SPECIAL_USERS, className="fine-print special-users"),
            # an unseen chart has the library loaded before the first click needs it
            html.Div(dcc.Graph(figure={}, config=CHART_CONFIG), hidden=True),
        ],
        className="panel people",
        **extra({"aria-label": _("People without a service")}),
    )


def people_rows(drawn: Mapping[str, Any], labels: Labels) -> list[Component]:
    """Return one row per service of the people panel, in its order."""
    courses = _panel_order(drawn["people"], labels)
    if not courses:
        return [html.P(_("This world says nothing about people."), className="empty")]
    horizon_ms = int(drawn["horizon_ms"])
    return [_row(course, horizon_ms, labels) for course in courses]


def _panel_order(people: Sequence[Course], labels: Labels) -> list[Course]:
    order = {service: i for i, service in enumerate(labels.services)}
    shown = [
        course
        for course in people
        if course["service"] not in labels.services or labels.services[course["service"]].in_panel
    ]
    return sorted(shown, key=lambda c: (order.get(c["service"], len(order)), c["service"]))


def _row(course: Course, horizon_ms: int, labels: Labels) -> Component:
    service = str(course["service"])
    label = labels.service(service)
    calm = "" if course["peak"] else " calm"
    return html.Div(
        [
            html.Span(label, className="people-label"),
            html.Span(thousands(course["n"][0]), className="people-number"),
            html.Div(_small_chart(course, horizon_ms), className="people-chart"),
            _table(course, horizon_ms, lower_first(labels.people_label(service))),
        ],
        className=f"people-row{calm}",
        key=service,
        **extra({"data-service": service}),
    )


def _small_chart(course: Course, horizon_ms: int) -> list[Component]:
    if not course["peak"]:
        # a flat line says nothing, and every chart costs the browser 10 ms
        return [html.Span(_("nobody at any hour"), className="sr-only")]
    peak = thousands(course["peak"])
    return [
        dcc.Graph(
            figure=small_figure(course, horizon_ms),
            config=CHART_CONFIG,
            responsive=False,
            style={"width": "72px", "height": "28px"},
        ),
        html.Span(className="people-now", **extra({"aria-hidden": "true"})),
        html.Span(
            _("at most {n} over {horizon}").format(n=peak, horizon=hours_text(horizon_ms)),
            className="sr-only",
        ),
    ]


def steps_of(course: Course, horizon_ms: int) -> tuple[list[float], list[int]]:
    """Return hours and people, the last value held to the horizon."""
    hours = [t / MS_PER_HOUR for t in course["t"]] + [horizon_ms / MS_PER_HOUR]
    return hours, [*course["n"], course["n"][-1]]


def small_figure(course: Course, horizon_ms: int) -> Figure:
    """Return the course as a step area without axes; its scale is its own peak."""
    hidden = {"visible": False, "fixedrange": True}
    return _area(
        course,
        horizon_ms,
        margin={"l": 0, "r": 0, "t": 1, "b": 1},
        width=72,
        height=28,
        xaxis={**hidden, "range": [0, horizon_ms / MS_PER_HOUR]},
        yaxis={**hidden, "range": [0, max(1, course["peak"]) * 1.08]},
    )


def large_figure(course: Course, horizon_ms: int) -> Figure:
    """Return the course with axes, for the opened row."""
    quiet = {"gridcolor": "rgba(128,138,150,0.25)", "zeroline": False, "fixedrange": True}
    return _area(
        course,
        horizon_ms,
        margin={"l": 44, "r": 6, "t": 6, "b": 34},
        height=170,
        font={"color": "#7d8794", "size": 11},
        xaxis={**quiet, "title": {"text": _("hours")}, "range": [0, horizon_ms / MS_PER_HOUR]},
        yaxis={**quiet, "rangemode": "tozero", "tickformat": "~s"},
    )


def _area(course: Course, horizon_ms: int, **layout: Any) -> Figure:
    """Return a figure as a plain dict: Plotly's own classes take 30 ms to check each."""
    hours, people = steps_of(course, horizon_ms)
    trace = {
        "type": "scatter",
        "x": hours,
        "y": people,
        "mode": "lines",
        "line": {"shape": "hv", "color": LINE, "width": 1.5},
        "fill": "tozeroy",
        "fillcolor": AREA,
        "hovertemplate": _("{n} people at {at} h").format(n="%{y:,}", at="%{x:.4g}")
        + "<extra></extra>",
    }
    plain = {
        "template": {},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "uirevision": "people",
        # what stands before decimals, and what between thousands
        "separators": number(0.5, 1)[1] + number(1000)[1],
    }
    return {"data": [trace], "layout": {**plain, **layout}}


def _figure_to_draw(course: Course, horizon_ms: int) -> Figure:
    return {**large_figure(course, horizon_ms), "config": _LARGE_CONFIG}


def _table(course: Course, horizon_ms: int, without: str) -> Component:
    """Return chart and numbers for whoever wants to read them; closed at first."""
    if not course["peak"]:
        return html.Span()
    rows = [
        html.Tr([html.Td(hours_text(t)), html.Td(thousands(n))])
        for t, n in zip(course["t"], course["n"], strict=True)
    ]
    head = html.Thead(html.Tr([html.Th(_("from"), scope="col"), html.Th(_("people"), scope="col")]))
    return html.Details(
        [
            html.Summary(
                "…",
                **extra(
                    {"aria-label": _("Chart and table: people {without}").format(without=without)}
                ),
            ),
            html.P(
                _("At most {n} people; {hours} person-hours in {horizon}.").format(
                    n=thousands(course["peak"]),
                    hours=thousands(course["person_hours"]),
                    horizon=hours_text(horizon_ms),
                )
            ),
            # drawn by 46_clicks.js when it is opened: unseen it would cost as much as seen
            html.Div(
                className="people-large",
                **extra({"data-figure": json.dumps(_figure_to_draw(course, horizon_ms))}),
            ),
            html.Table([head, html.Tbody(rows)], className="numbers"),
        ],
        className="people-more",
    )

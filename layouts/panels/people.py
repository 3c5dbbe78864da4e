"""*People without …*: the shell; ``page/panels/people.js`` fills it, distinct people first."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import extra
from models.wording import _


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
            html.P(
                id=ids.PEOPLE_LACKING,
                className="people-lacking",
                title=_(
                    "People who lack something are counted once, with what a service needs at "
                    "home: without electricity the router is off. So are the rows below; who lacks "
                    "two services is in two rows."
                ),
            ),
            html.Div(id=ids.PEOPLE_ROWS),
            html.P(id=ids.SEWAGE_SPILLED, className="people-spill"),
            html.Div(id=ids.PEOPLE_WHERE),
            html.P(id=ids.SPECIAL_USERS, className="fine-print special-users"),
        ],
        className="panel people",
        **extra({"aria-label": _("People without a service")}),
    )

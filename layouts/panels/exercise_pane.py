"""The exercise view: design, run, predict, reveal. The modules in ``page/exercise`` fill it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.parts import extra


def exercise_pane() -> Component:
    """Return the empty pane; its content depends on the user and on the state of the exercise."""
    return html.Div(className="exercise", **extra({"data-exercise": "body"}))

"""Dash callbacks. :func:`register_all` is the table of contents of all interactions."""

from __future__ import annotations

from dash import Dash

from callbacks import browser, change, graph, open_address, panels, why
from callbacks.answers import say_what_went_wrong
from usecases.desk import Desk

__all__ = ["register_all", "say_what_went_wrong"]


def register_all(app: Dash, desk: Desk) -> None:
    """Connect every interaction that sends a request to the server."""
    open_address.register(app, desk)  # address → SCENARIO, PICTURE
    change.register(app, desk)  # ACTION → store → SCENARIO, PICTURE, MESSAGE
    panels.register(app, desk)  # SHOWN → what happens, options
    why.register(app, desk)  # SELECTION, SHOWN, CLOCK → why
    browser.register(app)  # SCENARIO, PICTURE, SELECTION, MESSAGE → the page's modules
    graph.register(app, desk)  # SELECTION, SHOWN, mode → dependency graph

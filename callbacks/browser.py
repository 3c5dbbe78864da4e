"""Clientside callbacks: pass stores on to the page's modules, without a request."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input

from layouts import ids

#: store → function in ``assets/bridge.js`` that passes it on to the page's modules
_HANDED_ON = {
    ids.SCENARIO: "scenario",
    ids.PICTURE: "picture",
    ids.SELECTION: "selection",
    ids.BESIDE: "beside",
    ids.MESSAGE: "message",
}


def register(app: Dash) -> None:
    """Connect the stores with the page's modules."""
    for store, function in _HANDED_ON.items():
        handed_on = ClientsideFunction("knockon", function)
        app.clientside_callback(handed_on, Input(store, "data"))  # type: ignore[no-untyped-call]

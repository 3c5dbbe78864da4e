"""The Dash application: its frame in the language of the request, and the page of each user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash, html
from dash.backends._fastapi import FastAPIDashServer
from dash.development.base_component import Component
from fastapi import FastAPI

from callbacks.answers import say_what_went_wrong
from layouts.page import page
from models.access import LOCAL_USER, NotAllowedError, as_asked_by
from models.wording import spoken
from usecases.desk import Desk
from usecases.redaction import text_of
from usecases.seat import take_seat


@dataclass(frozen=True, slots=True)
class PageScripts:
    """Addresses of the page's scripts."""

    #: returns the address of their texts, in the language of the request
    texts: Callable[[], str]
    #: the entry module
    main: str
    #: links that let the browser fetch all modules at once
    preloads: str
    #: addresses of the map library's script and style, with their versions
    map_script: str
    map_style: str


class _Server(FastAPIDashServer):
    """Dash's FastAPI backend without websocket callbacks and the catch-all page."""

    websocket_capability = False

    def _setup_catchall(self) -> None:
        """Leave unknown addresses to our own 404 instead of answering them with the page."""


class _Framed(Dash):
    """The page's frame, which names its language and loads its texts before all other scripts."""

    own_scripts: PageScripts

    def interpolate_index(self, *parts: Any, **named: Any) -> str:
        """Return the frame in the language of the request."""
        frame: str = super().interpolate_index(*parts, **named)  # type: ignore[no-untyped-call]
        texts = f'<script src="{self.own_scripts.texts()}"></script>{self.own_scripts.preloads}'
        frame = frame.replace("<html>", f'<html lang="{spoken().code}">', 1)
        return frame.replace("</head>", f"{texts}</head>", 1)


def dash_app(server: FastAPI, assets: str, scripts: PageScripts) -> Dash:
    """Return the Dash application on a server, without layout and callbacks.

    Parameters
    ----------
    server
        The server that gets its routes.
    assets
        The folder of the page's scripts and styles.
    scripts
        Addresses of the page's scripts.
    """

    class Bound(_Server):
        @staticmethod
        def create_app(name: str = "", config: dict[str, Any] | None = None) -> FastAPI:
            return server

    app = _Framed(
        "knock-on",
        backend=Bound,
        assets_folder=assets,
        assets_path_ignore=["^public$", "^doorway$", "^page$"],  # served by api/
        use_pages=False,
        pages_folder="",
        serve_locally=True,
        title="Knock-on",
        update_title="",
        enable_mcp=False,
        on_error=say_what_went_wrong,
        external_scripts=[
            scripts.map_script,
            {"src": scripts.main, "type": "module"},
        ],
        external_stylesheets=[scripts.map_style],
        meta_tags=[{"name": "color-scheme", "content": "light dark"}],
    )
    app.own_scripts = scripts
    return app


def lay_out(app: Dash, desk: Desk, features_address: Callable[[], str]) -> None:
    """Lay out the page, redacted for each user; unauthenticated requests get a sentence."""

    def layout() -> Component:
        try:
            seat = take_seat(desk)
        except NotAllowedError as error:
            return html.P(text_of(error))
        ready = list(seat.ready.values())
        return page(seat.world, seat.labels, ready, features_address(), desk.notes_on_files())

    with as_asked_by(LOCAL_USER):  # Dash calls it once, outside of any request
        app.layout = layout
    # Dash would send the result of that call to all users, inside the page's frame
    app.validation_layout = None

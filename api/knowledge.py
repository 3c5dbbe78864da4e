"""The vocabulary at ``/ont`` and things of the world at ``/id/…``: as page, Turtle or JSON-LD.

What an IRI of the graph names is found below the same path on this server.
"""

from __future__ import annotations

from typing import Literal, Protocol

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from api.forms import problem
from layouts.knowledge.term_page import term_page
from models.access import NotAllowedError
from models.wording import _
from models.world import World
from usecases.desk import Desk
from usecases.redaction import text_of
from usecases.seat import take_seat

Form = Literal["turtle", "jsonld"]
TYPES: dict[str, Literal["html", "turtle", "jsonld"]] = {
    "text/html": "html", "text/turtle": "turtle", "application/ld+json": "jsonld",
}  # fmt: skip
#: Longest header that is looked at.
_MOST = 1_000


class Describes(Protocol):
    """What the composition root gives: the vocabulary, and the graph of a world."""

    #: what IRIs of terms and of things begin with
    terms_below: str
    things_below: str

    def vocabulary(self, form: Form) -> bytes:
        """Return the vocabulary."""

    def terms(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """Return each term of the vocabulary with its statements."""

    def describe(self, world: World, path: str, form: Form) -> bytes | None:
        """Return the statements about a thing, or None."""

    def statements(self, world: World, path: str) -> list[tuple[str, str, str]]:
        """Return the statements about a thing for people."""


def register(server: FastAPI, desk: Desk, graphs: Describes) -> None:
    """Connect the addresses."""
    here = {graphs.terms_below: "/ont#", graphs.things_below: "/id/"}

    @server.get("/ont")
    def vocabulary(request: Request) -> Response:
        form = _form(request)
        try:
            take_seat(desk)
        except NotAllowedError as error:
            return problem(text_of(error), 403)
        if form is None:
            return _not_acceptable()
        if form == "html":
            lead = _("The terms that the knowledge graph is written in; also as Turtle (?f=turtle) "
                     "and JSON-LD (?f=jsonld).")  # fmt: skip
            title = _("Vocabulary of cascading effects")
            return _page(term_page(title, lead, graphs.terms(), here))
        return _sent(graphs.vocabulary(form), form)

    @server.get("/id/{path:path}")
    def thing(request: Request, path: str) -> Response:
        form = _form(request)
        try:
            world = take_seat(desk).world
        except NotAllowedError as error:
            return problem(text_of(error), 403)
        if form is None:
            return _not_acceptable()
        # ids stand encoded in the graph, as in the address
        raw = bytes(request.scope.get("raw_path") or b"")
        written = raw.decode("ascii", "replace").partition("?")[0].removeprefix("/id/") or path
        if form == "html":
            rows = graphs.statements(world, written)
            title = next((text for name, text, _iri in rows if name == "rdfs:label"), written)
            lead = _("What the knowledge graph states about it.")
            return _page(term_page(title, lead, [("", rows)], here)) if rows else _nothing()
        body = graphs.describe(world, written, form)
        return _nothing() if body is None else _sent(body, form)


def _form(request: Request) -> Literal["html", "turtle", "jsonld"] | None:
    """Return the form that a request asks for; Turtle if it accepts anything."""
    named = request.query_params.get("f")
    if named is not None:
        return next((form for form in TYPES.values() if form == named), None)
    accepted = parse_accept_header(request.headers.get("accept", "*/*")[:_MOST], MIMEAccept)
    best = accepted.best_match(["text/turtle", "text/html", "application/ld+json"])
    return TYPES[best] if best else None


_PRIVATE = {"Cache-Control": "no-store", "Vary": "Accept"}


def _page(text: str) -> Response:
    return HTMLResponse(text, headers=_PRIVATE)


def _sent(body: bytes, form: Form) -> Response:
    kinds = {form: kind for kind, form in TYPES.items()}
    return Response(body, media_type=kinds[form], headers=_PRIVATE)


def _nothing() -> Response:
    return problem(_("The graph states nothing about it, or you may not see it."), 404)


def _not_acceptable() -> Response:
    return problem(_("This is available as text/html, text/turtle and application/ld+json."), 406)

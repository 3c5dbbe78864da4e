"""HTTP for the page's modules: all under one address that changes with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from html import escape

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from api.files import HeldFile, answer

#: path prefix of the modules; imports are relative, so all of them have the same version
PAGE = "/page/"


class PageModules:
    """The modules of the page by their names (``base/words.js``), held in memory."""

    def __init__(self, files: Mapping[str, HeldFile]) -> None:
        self.files = dict(sorted(files.items()))
        content = "".join(f"{name} {file.version}\n" for name, file in self.files.items())
        self.version = hashlib.sha256(content.encode()).hexdigest()[:16]

    def address(self, name: str) -> str:
        """Return the address of a module."""
        return f"{PAGE}{self.version}/{name}"

    def preloads(self) -> str:
        """Return links that let the browser fetch all modules of the page at once."""
        return "".join(
            f'<link rel="modulepreload" href="{escape(self.address(name))}">'
            for name in self.files
            if not name.startswith("doors/")  # pages of their own
        )


def register(server: FastAPI, scripts: PageModules) -> None:
    """Connect the modules, each under its version and its name."""

    @server.get(PAGE + "{version}/{name:path}")
    async def module(request: Request, version: str, name: str) -> Response:
        if version != scripts.version or name not in scripts.files:
            return PlainTextResponse("No such script.", status_code=404)
        return answer(request, scripts.files[name], lasting=True)

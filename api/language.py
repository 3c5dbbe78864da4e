"""The language of an answer: determined per request, and used by all code behind it.

In this order: the address (``?lang=de``), which is stored in a cookie; the language in which the
page of the request was made; that cookie; the browser's preference among offered languages;
English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import dump_cookie, parse_accept_header

from api.files import HeldFile, answer
from models.wording import ENGLISH, Language, speaking, spoken

#: path prefix of the scripts with the page's texts
WORDS = "/words/"
_ASKED = "lang"
#: header with the language of an open page; requests without headers state it in the address
_PAGES, _PAGES_QUERY = "x-knockon-language", "speak"
_KEPT_S = 365 * 24 * 3600
#: longest part of a browser's list of languages that is read
_MOST = 500


class Speaks:
    """Determine the language of every request, and answer in it."""

    def __init__(
        self,
        app: ASGIApp,
        languages: Mapping[str, Language],
        offered: Sequence[str],
        *,
        secure: bool,
    ) -> None:
        self.app, self.languages, self.secure = app, languages, secure
        self.offered = [ENGLISH.code, *offered]
        # the prefix makes browsers accept it only over https and for this host
        self.cookie = "__Host-knockon-language" if secure else "knockon-language"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on in its language."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        requested = _of_query(scope["query_string"], _ASKED)
        headers = Headers(scope=scope)
        own = headers.get(_PAGES, "") or _of_query(scope["query_string"], _PAGES_QUERY)
        language = self.languages.get(requested) or self.languages.get(own) or self._of(headers)

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._tell(MutableHeaders(scope=message), language, requested)
            await send(message)

        with speaking(language):
            await self.app(scope, receive, send_with)

    def _of(self, headers: Headers) -> Language:
        """Return the language that was chosen before, or that the browser prefers."""
        kept = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        if kept in self.languages:
            return self.languages[kept]
        languages = parse_accept_header(headers.get("accept-language", "")[:_MOST], LanguageAccept)
        language = _looked_up([tag for tag, quality in languages if quality > 0], self.offered)
        return self.languages.get(language, ENGLISH)

    def _tell(self, headers: MutableHeaders, language: Language, requested: str) -> None:
        """Send the language of the answer, and remember a requested one."""
        if "public" not in headers.get("cache-control", ""):
            headers.setdefault("Content-Language", language.code)
            headers.add_vary_header(f"Cookie, Accept-Language, {_PAGES}")
        if requested == language.code:
            headers.append("Set-Cookie", self._kept(requested))

    def _kept(self, code: str) -> str:
        """Return the cookie: scripts cannot read it, and other sites cannot send it."""
        return dump_cookie(
            self.cookie,
            code,
            max_age=_KEPT_S,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )


def _looked_up(languages: Sequence[str], offered: Sequence[str]) -> str:
    """Return the first preferred language that is offered, by the lookup of RFC 4647 (3.4).

    ``de-AT`` is shortened until it is offered; only then the next preference is tried.
    """
    codes = {code.lower(): code for code in offered}
    for tag in languages:
        parts = tag.lower().replace("_", "-").split("-")
        while parts:
            if code := codes.get("-".join(parts)):
                return code
            parts.pop()
    return ""


def _of_query(query: bytes, name: str) -> str:
    """Return the last value of a name in the address's query."""
    if f"{name}=".encode() not in query:
        return ""
    return parse_qs(query.decode("latin-1"), max_num_fields=None).get(name, [""])[-1]


class Texts:
    """The texts of the page's scripts, in each offered language."""

    def __init__(self, scripts: Mapping[str, bytes]) -> None:
        self.files = {code: HeldFile(body, "text/javascript") for code, body in scripts.items()}

    def address(self) -> str:
        """Return their address in the language of the request; it changes with the content."""
        code = spoken().code
        return f"{WORDS}{code}.js?v={self.files[code].version}"


def register(server: FastAPI, texts: Texts) -> None:
    """Connect the texts of the page's scripts."""

    @server.get(WORDS + "{name}.js")
    async def words(request: Request, name: str) -> Response:
        if name not in texts.files:
            return PlainTextResponse("No such language.", status_code=404)
        return answer(request, texts.files[name])

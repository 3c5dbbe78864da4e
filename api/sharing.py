"""HTTP for signing in, joining, and leading a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import Field

from api.forms import plain, problem, read, takes, takes_anything
from api.limits import Buckets, Tries, address_of, too_many
from layouts.feed.payloads.sharing import Me, User
from models.access import NotAllowedError, Tlp
from models.errors import KnockOnError
from models.papers.tabular import csv_text
from models.rights.sharing import MAX_HOURS, MAX_USES, AuditLine, Grant
from models.wording import _
from usecases.forms import Strict
from usecases.redaction import text_of
from usecases.sharing import Sharing
from usecases.turns import BusyError

#: a week: the server itself signs idle users out sooner
_COOKIE_S = 7 * 24 * 3600
_DEVICE_S = 365 * 24 * 3600

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Name = Annotated[str, Field(min_length=1, max_length=120)]
_Token = Annotated[str, Field(min_length=20, max_length=100)]


@dataclass(frozen=True)
class Cookie:
    """The cookie of a signed-in browser; scripts cannot read it, other sites' pages not send it."""

    secure: bool

    @property
    def name(self) -> str:
        """Return its name; the prefix makes browsers take it over https for this host only."""
        return "__Host-knockon" if self.secure else "knockon"

    def of(self, request: Request) -> str:
        """Return what a browser sent."""
        return request.cookies.get(self.name, "")

    def put(self, response: Response, value: str) -> Response:
        """Give it to a browser. Lax, not Strict: a link in a mail must find people signed in."""
        response.set_cookie(
            self.name,
            value,
            max_age=_COOKIE_S,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
        return response

    def device_of(self, request: Request) -> str:
        """Return what a browser that was let in before has been given to show it."""
        return request.cookies.get(self.name + "-device", "")

    def put_device(self, response: Response, value: str) -> None:
        """Give that to a browser; it lets nobody in, so it stays when they sign out."""
        response.set_cookie(
            self.name + "-device",
            value,
            max_age=_DEVICE_S,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    def drop(self, response: Response) -> Response:
        """Take it from a browser."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
        return response


class _SignIn(Strict):
    name: _Name
    password: Annotated[str, Field(min_length=1, max_length=300)]


class _Look(Strict):
    token: _Token


class _Join(_Look):
    name: _Name


class _Start(Strict):
    name: _Name
    scenario: _Id | None = None
    rev: Annotated[int, Field(ge=0, lt=2**53)] = 0


class _Publish(Strict):
    scenario: _Id | None


class _GoTo(Strict):
    session: _Id | None


class _Invite(Strict):
    role: Literal["facilitator", "participant", "observer"]
    sectors: Annotated[list[_Name], Field(max_length=100)] | None = None
    clearance: Tlp
    hours: Annotated[float, Field(gt=0, le=MAX_HOURS)]
    max_uses: Annotated[int, Field(ge=1, le=MAX_USES)]

    @property
    def grant(self) -> Grant:
        sectors = None if self.sectors is None else frozenset(self.sectors)
        return Grant(self.role, sectors if self.role == "participant" else None, self.clearance)


class _Nothing(Strict):
    pass


def register_local(server: FastAPI, user: User) -> None:
    """Connect the one address that a page without sign-in requests too: who am I."""

    @server.get("/api/me")
    async def who_i_am() -> Response:
        me: Me = {**user, "sign_in": False, "account": False, "session": None}
        return plain(me)


def register(server: FastAPI, sharing: Sharing, cookie: Cookie, doorway: Callable[[], str]) -> None:
    """Connect the addresses; ``doorway`` makes the page where people sign in and join."""
    _register_doorway(server, doorway)
    _register_sign_in(server, sharing, cookie)
    _register_joining(server, sharing, cookie)
    _register_session(server, sharing, cookie)
    _register_invitations(server, sharing)

    @server.get("/api/audit.{form}")
    async def audit(form: str) -> Response:
        if form not in ("csv", "json"):
            return problem(_("The audit log comes as csv or json."), 404)
        try:
            lines = await sharing.audit()
        except KnockOnError as error:
            return _refused(error)
        return (
            _csv(lines)
            if form == "csv"
            else plain({"audit": [dict(line.plain()) for line in lines]})
        )


def _register_doorway(server: FastAPI, doorway: Callable[[], str]) -> None:
    async def page() -> Response:
        return HTMLResponse(doorway(), headers={"Cache-Control": "no-store"})

    server.add_api_route("/sign-in", page)
    server.add_api_route("/join", page)


def _register_sign_in(server: FastAPI, sharing: Sharing, cookie: Cookie) -> None:
    # by address, for many accounts; then by address and account, so that nobody is locked out
    # by tries from elsewhere. A browser that has been let in before counts by itself
    by_address, by_account = Buckets(1 / 5, 10), Tries()

    @server.get("/api/me")
    async def me(request: Request) -> Response:
        return await _answered(sharing.me(cookie.of(request)))

    @server.post("/api/sign-in", openapi_extra=takes(_SignIn))
    async def sign_in(request: Request) -> Response:
        body = await read(request, _SignIn)
        if isinstance(body, Response):
            return body
        try:
            attempt = await sharing.trying(body.name, cookie.device_of(request))
        except KnockOnError as error:
            return _refused(error)
        where = attempt.device or address_of(request.scope)
        wait = 0.0 if attempt.device else by_address.wait_s(where)
        name = f"{where} {attempt.account}"
        if wait := wait or by_account.wait_s(name):
            return too_many(wait)
        coming = sharing.sign_in(body.name, body.password, where)
        response = await _came_in(request, sharing, cookie, coming)
        if response.status_code == 200:
            by_account.succeeded(name)
            with suppress(KnockOnError):  # they are in; without it they count by address again
                cookie.put_device(response, await sharing.device(body.name))
        return response

    @server.post("/api/sign-out", openapi_extra=takes_anything())
    async def sign_out(request: Request) -> Response:
        return cookie.drop(await _done(sharing.sign_out(cookie.of(request))))


def _register_joining(server: FastAPI, sharing: Sharing, cookie: Cookie) -> None:
    # links cannot be guessed, and a whole room may join from behind one address
    joining = Buckets(2, 100)

    @server.post("/api/join/look", openapi_extra=takes(_Look))
    async def look(request: Request) -> Response:
        payload = await read(request, _Look)
        if isinstance(payload, Response):
            return payload
        if wait := joining.wait_s(address_of(request.scope)):
            return too_many(wait)
        return await _answered(sharing.invited(payload.token))

    @server.post("/api/join", openapi_extra=takes(_Join))
    async def join(request: Request) -> Response:
        payload = await read(request, _Join)
        if isinstance(payload, Response):
            return payload
        if wait := joining.wait_s(address_of(request.scope)):
            return too_many(wait)
        coming = sharing.join(payload.token, payload.name)
        return await _came_in(request, sharing, cookie, coming)


def _register_session(server: FastAPI, sharing: Sharing, cookie: Cookie) -> None:
    @server.get("/api/session")
    async def overview(request: Request) -> Response:
        return await _answered(sharing.overview(cookie.of(request)))

    @server.post("/api/session", openapi_extra=takes(_Start))
    async def start(request: Request) -> Response:
        payload = await read(request, _Start)
        if isinstance(payload, Response):
            return payload
        shown = None if payload.scenario is None else (payload.scenario, payload.rev)
        return await _answered(sharing.start(cookie.of(request), payload.name, shown), 201)

    @server.post("/api/session/go", openapi_extra=takes(_GoTo))
    async def go(request: Request) -> Response:
        payload = await read(request, _GoTo)
        if isinstance(payload, Response):
            return payload
        return await _done(sharing.go_to(cookie.of(request), payload.session))

    @server.post("/api/session/public", openapi_extra=takes(_Publish))
    async def publish(request: Request) -> Response:
        payload = await read(request, _Publish)
        if isinstance(payload, Response):
            return payload
        return await _done(sharing.publish(payload.scenario))

    @server.post("/api/session/end", openapi_extra=takes(_Nothing))
    async def end(request: Request) -> Response:
        payload = await read(request, _Nothing)
        return payload if isinstance(payload, Response) else await _done(sharing.end())


def _register_invitations(server: FastAPI, sharing: Sharing) -> None:
    @server.post("/api/invitations", openapi_extra=takes(_Invite))
    async def invite(request: Request) -> Response:
        payload = await read(request, _Invite)
        if isinstance(payload, Response):
            return payload
        return await _answered(sharing.invite(payload.grant, payload.hours, payload.max_uses), 201)

    @server.delete("/api/invitations/{name}")
    async def take_back(name: str) -> Response:
        return await _done(sharing.revoke_invitation(name[:64]))

    @server.delete("/api/members/{name}")
    async def put_out(name: str) -> Response:
        return await _done(sharing.revoke_member(name[:64]))


async def _answered(work: Awaitable[Mapping[str, object]], status: int = 200) -> Response:
    try:
        return plain(await work, status)
    except KnockOnError as error:
        return _refused(error)


async def _done(work: Awaitable[None]) -> Response:
    try:
        await work
    except KnockOnError as error:
        return _refused(error)
    return plain({"done": True})


async def _came_in(
    request: Request, sharing: Sharing, cookie: Cookie, coming: Awaitable[str]
) -> Response:
    """Give out a new cookie; one from before is over, and never taken over."""
    try:
        value = await coming
        if before := cookie.of(request):
            await sharing.sign_out(before)
    except KnockOnError as error:
        return _refused(error)
    return cookie.put(plain({"done": True}), value)


def _refused(error: KnockOnError) -> JSONResponse:
    status = 403 if isinstance(error, NotAllowedError) else 409
    status = 503 if isinstance(error, BusyError) else status
    return JSONResponse({"error": text_of(error)}, status, headers={"Cache-Control": "no-store"})


def _csv(lines: Sequence[AuditLine]) -> Response:
    """Return the log as a table."""
    rows = (tuple(line.plain().values()) for line in lines)
    text = csv_text(tuple(AuditLine.__dataclass_fields__), rows, line_end="\r\n")
    headers = {
        "Content-Disposition": 'attachment; filename="audit.csv"',
        "Cache-Control": "no-store",
    }
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

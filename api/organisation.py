"""Sign-in through an organisation's OpenID Connect: authorisation code, PKCE, a checked ID token.

Only users with the claim that the settings name can sign in this way, as facilitators. Participants
join by invitation, since their identity does not determine what they may change in a session.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, fields
from typing import Any, Protocol

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.limits import Buckets, address_of, too_many
from api.sharing import Cookie
from models.errors import KnockOnError
from usecases.sharing import Sharing

_BACK = "/sign-in/organisation/back"
#: signature algorithms that are sound; never "none", nor one with a shared key
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
_PATIENCE_S, _LEEWAY_S, _WAY_S, _KEYS_S = 10, 60, 600, 3600


class Issuer(Protocol):
    """Settings of the organisation's sign-in."""

    @property
    def issuer(self) -> str: ...  # noqa: D102
    @property
    def client_id(self) -> str: ...  # noqa: D102
    @property
    def client_secret(self) -> str: ...  # noqa: D102
    @property
    def claim(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> str: ...  # noqa: D102


class _CannotSignInError(Exception):
    """The redirect to the issuer or back from it is invalid; the reason is not shown."""


@dataclass(frozen=True)
class _Way:
    """The state of one sign-in, kept by the browser: only this browser can complete it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> _Way:
        """Return a state that cannot be guessed."""
        return cls(*[secrets.token_urlsafe(48) for _ in fields(cls)])

    def text(self) -> str:
        """Return it as a cookie's value."""
        held = json.dumps([self.state, self.nonce, self.verifier])
        return base64.urlsafe_b64encode(held.encode()).decode()

    @classmethod
    def read(cls, text: str) -> _Way:
        """Read a cookie's value."""
        try:
            parts = json.loads(base64.urlsafe_b64decode(text.encode()))
            state, nonce, verifier = map(str, parts)
        except (ValueError, TypeError):
            raise _CannotSignInError from None
        return cls(state, nonce, verifier)


class _Organisation:
    """Client of the issuer."""

    def __init__(self, issuer: Issuer, address: str) -> None:
        self.issuer, self.back = issuer, address + _BACK
        self._told: dict[str, Any] = {}
        self._told_at = 0.0

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self.issuer.client_id,
            self.issuer.client_secret,
            scope="openid profile",
            redirect_uri=self.back,
            code_challenge_method="S256",
            timeout=_PATIENCE_S,
        )

    async def where(self, way: _Way) -> str:
        """Return the issuer's address to redirect the browser to."""
        async with self._client() as client:
            metadata = await self._metadata(client)
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=way.state,
                nonce=way.nonce,
                code_verifier=way.verifier,
            )
        return str(address)

    async def claims(self, way: _Way, code: str) -> dict[str, Any]:
        """Return the issuer's claims about the user who came back with a code."""
        async with self._client() as client:
            metadata = await self._metadata(client)
            token = await client.fetch_token(
                metadata["token_endpoint"], code=code, code_verifier=way.verifier
            )
            keys = KeySet.import_key_set(await self._get(client, metadata["jwks_uri"]))
        claims = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self.issuer.issuer},
            aud={"essential": True, "value": self.issuer.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": way.nonce},
        ).validate(claims)
        self._require_ours(claims)
        return dict(claims)

    def _require_ours(self, claims: dict[str, Any]) -> None:
        """Refuse a token that was issued to another client, even if it names us, too."""
        given_to, audience = claims.get("azp"), claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if given_to != self.issuer.client_id and (several or given_to is not None):
            raise _CannotSignInError

    def may_lead(self, claims: dict[str, Any]) -> bool:
        """Return whether a user has the claim of a facilitator."""
        values = claims.get(self.issuer.claim)
        return self.issuer.value in (values if isinstance(values, list) else [values])

    async def _get(self, client: AsyncOAuth2Client, address: str) -> Any:
        answer = await client.request("GET", address, withhold_token=True)
        return answer.raise_for_status().json()

    async def _metadata(self, client: AsyncOAuth2Client) -> dict[str, Any]:
        if not self._told or time.monotonic() - self._told_at > _KEYS_S:
            address = f"{self.issuer.issuer}/.well-known/openid-configuration"
            metadata = await self._get(client, address)
            if metadata.get("issuer") != self.issuer.issuer:
                raise _CannotSignInError
            self._told, self._told_at = metadata, time.monotonic()
        return self._told


def register(
    server: FastAPI, issuer: Issuer, signing_in: Sharing, cookie: Cookie, address: str
) -> None:
    """Connect the redirects to the issuer and back."""
    organisation, buckets = _Organisation(issuer, address), Buckets(1, 30)
    way_name = cookie.name + "-way"

    @server.get("/sign-in/organisation")
    async def go(request: Request) -> Response:
        if wait := buckets.wait_s(address_of(request.scope)):
            return too_many(wait)
        way = _Way.new()
        try:
            response = RedirectResponse(await organisation.where(way), 303)
        except _FAILURES:
            return RedirectResponse("/sign-in?no=reach", 303)
        response.set_cookie(
            way_name,
            way.text(),
            max_age=_WAY_S,
            path="/",
            secure=cookie.secure,
            httponly=True,
            samesite="lax",
        )
        return response

    @server.get(_BACK)
    async def back(request: Request) -> Response:
        if wait := buckets.wait_s(address_of(request.scope)):
            return too_many(wait)
        response = await _came_back(request, organisation, signing_in, cookie, way_name)
        response.delete_cookie(
            way_name, path="/", secure=cookie.secure, httponly=True, samesite="lax"
        )
        return response


#: errors that untrusted input can cause: each refuses the sign-in
_FAILURES = (
    _CannotSignInError,
    AuthlibBaseError,
    JoseError,
    httpx2.HTTPError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)


async def _came_back(
    request: Request,
    organisation: _Organisation,
    signing_in: Sharing,
    cookie: Cookie,
    way_name: str,
) -> Response:
    query = request.query_params
    try:
        way = _Way.read(request.cookies.get(way_name, ""))
        if not secrets.compare_digest(way.state.encode(), query.get("state", "").encode()):
            raise _CannotSignInError
        claims = await organisation.claims(way, query["code"])
    except _FAILURES:
        return RedirectResponse("/sign-in?no=organisation", 303)
    issuer, subject = organisation.issuer.issuer, str(claims["sub"])[:255]
    try:
        if not organisation.may_lead(claims):
            await signing_in.vouched_for_no_longer(issuer, subject)
            return RedirectResponse("/sign-in?no=lead", 303)
        value = await signing_in.vouched_for(
            issuer,
            subject,
            str(claims.get("name") or claims.get("preferred_username") or ""),
        )
    except KnockOnError:
        return RedirectResponse("/sign-in?no=lead", 303)
    return cookie.put(RedirectResponse("/", 303), value)

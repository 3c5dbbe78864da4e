"""Sign-in by an organisation's OpenID Connect, against a small issuer that runs on this machine."""

import base64
import hashlib
import hmac
import json
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from settings import OpenIdConnect, Settings
from tests.integration.people import House
from tests.integration.test_main import free_port

SECRET = "hush-hush-hush-hush-hush-hush-hush"  # noqa: S105  of tests alone


class Issuer:
    """A fake issuer: returns codes to browsers, and ID tokens for codes."""

    def __init__(self):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims = {"sub": "42", "name": "Mara Muster", "groups": ["staff", "crisis-team"]}
        self.change = {}  # faults of the token
        self.sign_with, self.forge = self.key, None
        self.asked = {}
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def about():
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }

        @app.get("/keys")
        async def keys():
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token(request: Request):
            form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
            basic = base64.b64encode(f"knock-on:{SECRET}".encode()).decode()
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            right = (
                request.headers["authorization"] == f"Basic {basic}"
                and form["code"] == "the-code"
                and challenge == self.asked["code_challenge"]
                and form["redirect_uri"] == self.asked["redirect_uri"]
            )
            if not right:
                return JSONResponse({"error": "invalid_grant"}, 400)
            now = int(time.time())
            claims = {
                **self.claims,
                "iss": self.address,
                "aud": "knock-on",
                "exp": now + 300,
                "iat": now,
                "nonce": self.asked["nonce"],
                **self.change,
            }
            header = {"alg": "RS256", "kid": "one"}
            made = self.forge(claims) if self.forge else jwt.encode(header, claims, self.sign_with)
            return {"access_token": "a", "token_type": "Bearer", "id_token": made}

        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)

    def stop(self):
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture(scope="module")
def running():
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture
def issuer(running):
    running.change, running.asked = {}, {}
    running.claims = {"sub": "42", "name": "Mara Muster", "groups": ["staff", "crisis-team"]}
    running.sign_with, running.forge = running.key, None
    return running


@pytest.fixture
def house(issuer, tiny_world, tmp_path):
    oidc = OpenIdConnect(issuer.address, "knock-on", SECRET, "groups", "crisis-team")
    settings = Settings(workers=0, sign_in=True, oidc=oidc)
    house = House(tiny_world, f"sqlite:///{tmp_path / 'shared.db'}", settings=settings)
    yield house
    house.close()


def sent_there(house, issuer):
    """Somebody at the issuer's door; what they were sent with is noted there."""
    person = house.person()
    answer = person.get("/sign-in/organisation")
    assert answer.status_code == 303
    place = answer.headers["location"]
    assert place.startswith(f"{issuer.address}/authorize?")
    issuer.asked = {k: v[0] for k, v in parse_qs(urlsplit(place).query).items()}
    return person


def back(person, issuer, **more):
    query = {"code": "the-code", "state": issuer.asked["state"], **more}
    return person.get("/sign-in/organisation/back", params=query)


def test_who_has_the_claim_comes_in_and_leads(house, issuer):
    person = sent_there(house, issuer)
    assert issuer.asked["response_type"] == "code"
    assert issuer.asked["code_challenge_method"] == "S256"
    assert issuer.asked["redirect_uri"] == "http://127.0.0.1:8050/sign-in/organisation/back"
    answer = back(person, issuer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (person.me["name"], person.me["role"]) == ("Mara Muster", "facilitator")
    assert "knockon-way" not in dict(person.cookies)
    assert person.post("/api/session", name="Storm").status_code == 201
    again = sent_there(house, issuer)
    back(again, issuer)
    assert [session["name"] for session in again.get("/api/session").json()["sessions"]] == [
        "Storm"
    ]
    assert "Sign in with your organisation" in house.person().get("/sign-in").text


@pytest.mark.parametrize(
    "groups", [None, [], ["staff"], "crisis-team-2", ["CRISIS-TEAM"], {"crisis-team": 1}, 7]
)
def test_who_lacks_the_claim_does_not(house, issuer, groups):
    issuer.claims["groups"] = groups
    person = sent_there(house, issuer)
    assert back(person, issuer).headers["location"] == "/sign-in?no=lead"
    assert person.get("/api/me").status_code == 401
    assert house.accounts.all() == []


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
        {"azp": "another"},
        {"aud": ["knock-on", "another"]},
        {"aud": ["knock-on", "another"], "azp": "another"},
        {"azp": ["knock-on"]},
    ],
)
def test_a_token_that_is_not_for_us_lets_nobody_in(house, issuer, change):
    issuer.change = change
    person = sent_there(house, issuer)
    assert back(person, issuer).headers["location"] == "/sign-in?no=organisation"
    assert person.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    "change", [{"azp": "knock-on"}, {"aud": ["knock-on", "another"], "azp": "knock-on"}]
)
def test_a_token_that_was_given_to_us_lets_in(house, issuer, change):
    issuer.change = change
    assert back(sent_there(house, issuer), issuer).headers["location"] == "/"


def test_a_new_sign_in_ends_older_cookies_and_so_does_a_lost_claim(house, issuer):
    first = sent_there(house, issuer)
    back(first, issuer)
    assert first.me["role"] == "facilitator"
    second = sent_there(house, issuer)
    back(second, issuer)
    assert first.get("/api/me").status_code == 401
    assert second.me["role"] == "facilitator"
    issuer.claims["groups"] = ["staff"]
    back(sent_there(house, issuer), issuer)
    assert second.get("/api/me").status_code == 401


def by_hand(alg, secret):
    """Return a function that makes tokens which libraries refuse to make."""

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    def make(claims):
        head = part(json.dumps({"alg": alg, "kid": "one"}).encode())
        signed = head + b"." + part(json.dumps(claims).encode())
        mark = b"" if alg == "none" else hmac.digest(secret, signed, "sha256")
        return (signed + b"." + part(mark)).decode()

    return make


@pytest.mark.parametrize(
    "forged", ["by another key", "with our secret", "with the public key as secret", "not at all"]
)
def test_a_forged_signature_lets_nobody_in(house, issuer, forged):
    if forged == "by another key":
        issuer.sign_with = RSAKey.generate_key(2048, {"kid": "one"})
    elif forged == "with our secret":
        issuer.forge = by_hand("HS256", SECRET.encode())
    elif forged == "not at all":
        issuer.forge = by_hand("none", b"")
    else:
        issuer.forge = by_hand("HS256", issuer.key.as_pem(private=False))
    person = sent_there(house, issuer)
    assert back(person, issuer).headers["location"] == "/sign-in?no=organisation"
    assert person.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    "more", [{"state": "another"}, {"state": ""}, {"code": "guessed"}, {"state": "é"}]
)
def test_what_comes_back_must_be_what_was_sent(house, issuer, more):
    person = sent_there(house, issuer)
    assert back(person, issuer, **more).headers["location"] == "/sign-in?no=organisation"


def test_another_browser_cannot_finish_what_one_began(house, issuer):
    sent_there(house, issuer)
    other = house.person()
    assert back(other, issuer).headers["location"] == "/sign-in?no=organisation"
    assert other.get("/api/me").status_code == 401
    for way in ("", "x", "bm9uc2Vuc2U=", "WzFd", "e30="):
        answer = other.get(
            "/sign-in/organisation/back?code=x&state=x", headers={"cookie": f"knockon-way={way}"}
        )
        assert answer.headers["location"] == "/sign-in?no=organisation"


def test_a_disabled_account_does_not_come_back_by_the_organisation(house, issuer):
    back(sent_there(house, issuer), issuer)
    (account,) = house.accounts.all()
    house.accounts.disable(account.login, by="test")
    assert back(sent_there(house, issuer), issuer).headers["location"] == "/sign-in?no=lead"


def test_an_issuer_that_does_not_answer_is_said(tiny_world, tmp_path):
    oidc = OpenIdConnect(f"http://127.0.0.1:{free_port()}", "knock-on", SECRET, "groups", "x")
    settings = Settings(workers=0, sign_in=True, oidc=oidc)
    house = House(tiny_world, f"sqlite:///{tmp_path / 'shared.db'}", settings=settings)
    answer = house.person().get("/sign-in/organisation")
    assert answer.headers["location"] == "/sign-in?no=reach"
    house.close()

"""Several people at one application that asks for sign-in, each with a browser's cookies."""

from __future__ import annotations

from dataclasses import replace

import httpx

from app import Access, create_app
from callbacks.ports import ReadyScenario
from data.accounts import Accounts
from data.database import Database
from data.scenarios import parse_scenario
from data.sessions import Sessions
from data.store import Store
from settings import Settings
from tests.integration.test_app import Page

PASSWORD = "correct horse battery"  # noqa: S105  of tests alone
SETTINGS = Settings(workers=0, sign_in=True)


class Person(Page):
    """Somebody with a browser of their own."""

    def __init__(self, app, base="http://127.0.0.1:8050"):
        super().__init__(app)
        self.base, self.cookies = base, httpx.Cookies()

    def request(self, method, path, **more):
        """Ask as a page of the application does, with the cookies so far."""
        import asyncio

        async def ask():
            transport = httpx.ASGITransport(app=self.app.server, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def post(self, path, **body):
        return self.request("POST", path, json=body)

    def delete(self, path):
        return self.request("DELETE", path)

    @property
    def me(self):
        return self.get("/api/me").json()


class House:
    """The application with its database, and ways to bring people in."""

    def __init__(self, world, url, scenario=None, settings=SETTINGS):
        self.app_world, self.database = world, Database(url)
        self.store = Store(self.database)
        self.sessions, self.accounts = Sessions(self.database), Accounts(self.database)
        self.settings = replace(settings, database_url=url)
        night = {"night": ReadyScenario("night", {**(scenario or {}), "title": "Night"})}
        self.app = create_app(
            world,
            self.store,
            self.settings,
            access=Access(self.sessions, self.accounts),
            parse=parse_scenario,
            ready=night if scenario else {},
            base={"water": b'{"type":"FeatureCollection","features":[]}'},
        )

    def person(self, base="http://127.0.0.1:8050"):
        return Person(self.app, base)

    def leader(self, name="Mara", session=None):
        """Somebody with an account, in a session of that name if one is given."""
        if name not in {one.login for one in self.accounts.all()}:
            self.accounts.add(name, PASSWORD, by="test")
        person = self.person()
        assert person.post("/api/sign-in", name=name, password=PASSWORD).status_code == 200
        if session is not None:
            assert person.post("/api/session", name=session).status_code == 201
        return person

    def guest(self, leader, role="participant", sectors=("water",), name="Jonas", **more):
        """Somebody who came by an invitation of the leader's."""
        person = self.person()
        answer = person.post("/api/join", token=token(leader, role, sectors, **more), name=name)
        assert answer.status_code == 200, answer.text
        return person

    def close(self):
        self.database.close()


def token(leader, role="participant", sectors=("water",), clearance="AMBER", hours=8, max_uses=20):
    """Make an invitation and return what is secret about it."""
    chosen = list(sectors) if sectors is not None else None
    wish = {"role": role, "sectors": chosen, "clearance": clearance}
    answer = leader.post("/api/invitations", **wish, hours=hours, max_uses=max_uses)
    assert answer.status_code == 201, answer.text
    return answer.json()["link"].split("#")[1]

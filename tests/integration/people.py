"""Several people at one application that asks for sign-in, each with a browser's cookies."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx

from app import Access, create_app
from data.documents.scenarios import parse_scenario
from data.store.accounts import Accounts
from data.store.database import Database
from data.store.scenarios import Store
from data.store.sessions import Sessions
from settings import Settings
from tests.integration.test_app import Page
from usecases.ports import ReadyScenario

PASSWORD = "correct horse battery"  # noqa: S105  of tests alone
SETTINGS = Settings(workers=0, sign_in=True)


class Person(Page):
    """Somebody with a browser of their own."""

    def __init__(self, app, base="http://127.0.0.1:8050"):
        super().__init__(app)
        self.base, self.cookies, self.address = base, httpx.Cookies(), "127.0.0.1"

    def request(self, method, path, **more):
        """Ask as a page of the application does, with the cookies so far."""
        return asyncio.run(self.ask(method, path, **more))

    async def ask(self, method, path, **more):
        """Do the same where several things go on at once."""
        transport = httpx.ASGITransport(
            app=self.app.server, raise_app_exceptions=False, client=(self.address, 1)
        )
        async with httpx.AsyncClient(
            transport=transport, base_url=self.base, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
            return answer

    def watch(self, scenario, page="pagepage"):
        """Open a stream, to be used with ``async with``."""
        return Watch(self, f"s={scenario['id']}&rev={scenario['rev']}&v={page}")

    def post(self, path, **body):
        return self.request("POST", path, json=body)

    def delete(self, path):
        return self.request("DELETE", path)

    @property
    def me(self):
        return self.get("/api/me").json()


class Watch:
    """A page's event stream: all bytes received so far, and whether it has ended."""

    def __init__(self, person, query):
        cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        headers = {"host": person.base.removeprefix("http://"), "cookie": cookies}
        self._scope = {
            "type": "http", "method": "GET", "path": "/api/stream", "scheme": "http",
            "query_string": query.encode(), "client": ("127.0.0.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        self._app, self._gone, self._news = person.app.server, asyncio.Event(), asyncio.Event()
        self.told, self.status, self.over, self._asked = b"", 0, False, False

    async def __aenter__(self):
        self._asking = asyncio.create_task(self._app(self._scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_):
        self._gone.set()
        await self._asking

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        self.status = message.get("status", self.status)
        self.told += message.get("body", b"")
        self.over = message["type"] == "http.response.body" and not message.get("more_body")
        self._news.set()

    async def until(self, is_found):
        """Wait until something is true of what came."""
        async with asyncio.timeout(30):
            while not is_found(self):
                self._news.clear()
                await self._news.wait()


class House:
    """The application with its database, and ways to bring people in."""

    def __init__(self, world, url, scenario=None, settings=SETTINGS, notes=None):
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
            notes=notes and notes(self.database),
        )

    def person(self, base="http://127.0.0.1:8050"):
        return Person(self.app, base)

    def leader(self, name="Mara", session=None):
        """Somebody with an account, in a session of that name if one is given."""
        if name not in {item.login for item in self.accounts.all()}:
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

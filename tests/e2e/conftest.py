"""One server and one browser for all stories, a fresh visitor for each, watched all the time.

A story fails when its page asks anything outside this machine, reports an error on the console,
or is answered with an error, unless it says with ``visitor.expect_problem`` that it should.
Pictures and consoles of failed stories are in ``build/e2e``.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.board import open_page
from tests.e2e.running import ROOT, RunningApp, launch, running_app

PATIENCE_MS = int(os.environ.get("KNOCKON_TEST_PATIENCE_MS", "30000"))
FAILED = ROOT / "build" / "e2e"
WIDE = {"width": 1440, "height": 900}
#: what the page itself remembers about a visitor who has seen the tour
TOUR_SEEN = "try { localStorage.setItem('knockon-tour', 'done'); } catch {}"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

expect.set_options(timeout=PATIENCE_MS)


def pytest_configure(config: pytest.Config) -> None:
    """Forget the pictures of an earlier run, once and not by each of several processes."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(FAILED, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every story: it opens a real browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Let fixtures know how the story itself ended."""
    report = yield
    setattr(item, f"report_{report.when}", report)
    return report


class Visitor:
    """Somebody with a browser of their own: one context, its page, and what went wrong in it."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.requests: list[str] = []
        self.console: list[str] = []
        self._problems: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        context.set_default_timeout(PATIENCE_MS)
        context.on("request", lambda request: self._asked(request.method, request.url))
        context.on("response", lambda response: self._answered(response.status, response.url))
        context.on("console", lambda message: self._said(message.type, message.text))
        context.on("weberror", lambda error: self._problem(f"page error: {error.error}"))
        self.page = context.new_page()

    def expect_problem(self, pattern: str) -> None:
        """Say that a problem matching ``pattern`` is part of this story."""
        self._expected.append(re.compile(pattern))

    def problems(self) -> list[str]:
        """Return what went wrong and should not have."""
        return [
            problem
            for problem in self._problems
            if not any(pattern.search(problem) for pattern in self._expected)
        ]

    def callbacks(self) -> list[str]:
        """Return the requests so far that asked the server to compute something."""
        return [request for request in self.requests if "_dash-update-component" in request]

    def _problem(self, text: str) -> None:
        self._problems.append(text)

    def _asked(self, method: str, url: str) -> None:
        self.requests.append(f"{method} {url}")
        place = urlsplit(url)
        if place.scheme not in ("data", "blob") and place.hostname not in LOOPBACK:
            self._problem(f"left this machine: {method} {url}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self._problem(f"HTTP {status}: {url}")

    def _said(self, kind: str, text: str) -> None:
        self.console.append(f"{kind}: {text}")
        # the map warns of files that it cannot read
        if kind == "error" or text.startswith("map:"):
            self._problem(f"console {kind}: {text}")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The application, serving its own empty database."""
    folder = tmp_path_factory.mktemp("app")
    with running_app(folder, KNOCKON_PSEUDO_LANGUAGE="on") as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """This machine's Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(
    app: RunningApp, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Bring one more visitor, each in a browser context of their own."""
    visitors: list[Visitor] = []

    def bring(*, first_time: bool = False, **options: Any) -> Visitor:
        app.require_alive()
        options = {"base_url": app.address, "viewport": WIDE, "reduced_motion": "reduce"} | options
        context = chromium.new_context(**options)
        if not first_time:
            context.add_init_script(TOUR_SEEN)
        visitor = Visitor(context)
        visitors.append(visitor)
        return visitor

    yield bring
    problems = [problem for visitor in visitors for problem in visitor.problems()]
    report = getattr(request.node, "report_call", None)
    if problems or (report is not None and report.failed):
        _keep(request.node.name, visitors)
    for visitor in visitors:
        visitor.context.close()
    assert not problems, "The page had problems:\n" + "\n".join(dict.fromkeys(problems))


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """One visitor who has been here before, at the open page."""
    visitor = visit()
    open_page(visitor.page)
    return visitor


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """The open page of that visitor, ready to be used."""
    return visitor.page


def _keep(name: str, visitors: list[Visitor]) -> None:
    """Save what the visitors of a failed story saw."""
    folder = FAILED / re.sub(r"[^\w.-]+", "_", name)
    folder.mkdir(parents=True, exist_ok=True)
    for n, visitor in enumerate(visitors, 1):
        lines = [*visitor.console, "", *visitor.requests]
        (folder / f"visitor-{n}.txt").write_text("\n".join(lines), encoding="utf-8")
        visitor.page.screenshot(path=folder / f"visitor-{n}.png")

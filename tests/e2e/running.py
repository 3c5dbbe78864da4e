"""Start the application and Chromium the way people do; shared by the tests and the screenshots."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Playwright

from tests.prepare import browser as find_browser

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # WebGL is for the map alone: to imitate a graphics card for the rest takes longer than the map
    "--disable-gpu-rasterization",
    "--disable-gpu-compositing",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NO_BROWSER = (
    "The browser tests need Chromium and none was found. Run 'python tests/prepare.py', "
    "or set KNOCKON_CHROMIUM to the path of a Chromium you have."
)


@dataclass(frozen=True)
class RunningApp:
    """The application as a process of its own, and where it is."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def require_alive(self) -> None:
        """Fail with what the application said if it has stopped."""
        if self.process.poll() is not None:
            code = self.process.returncode
            raise RuntimeError(f"The application stopped ({code}). It said:\n{self._said()}")

    def wait_until_well(self, seconds: float = START_SECONDS) -> None:
        """Return as soon as the application answers that it is well."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.require_alive()
            try:
                with urlopen(f"{self.address}/healthz", timeout=2):  # noqa: S310  our own address
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"Not well after {seconds:g} s. It said:\n{self._said()}")

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running_app(
    folder: Path,
    seconds: float = START_SECONDS,
    program: Sequence[str] = ("app.py",),
    **settings: str,
) -> Iterator[RunningApp]:
    """Serve the database in ``folder``, new at first, under further ``settings``; stop at the end.

    ``program`` is what Python is told to run.
    """
    port, log = _free_port(), folder / "app.log"
    environment = (
        os.environ
        | settings
        | {
            "KNOCKON_HOST": "127.0.0.1",
            "KNOCKON_PORT": str(port),
            "KNOCKON_DATABASE_URL": f"sqlite:///{folder / 'knockon.db'}",
        }
    )
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        app = RunningApp(f"http://127.0.0.1:{port}", process, log)
        try:
            app.wait_until_well(seconds)
            yield app
        finally:
            _stop(process)


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium of this machine without a window."""
    path = find_browser()
    if path is None:
        raise RuntimeError(NO_BROWSER)
    return playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

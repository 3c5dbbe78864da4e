"""Make sure the tests have a browser and a PostgreSQL server, or say exactly what to install.

As root on a machine with apt, Debian's are installed where none is found. Without a browser the
tests cannot run; without a server those that need one are skipped, each with the reason.
With the argument ``interop`` the same for QGIS, PostGIS and mosquitto, which are all needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: the first one has no windows of its own to draw, and so opens a page in half the time
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = NAMES[0]


def browser() -> str | None:
    """Return the path of an installed Chromium, or None; KNOCKON_CHROMIUM overrides."""
    named = os.environ.get("KNOCKON_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def database_server() -> Path | None:
    """Return the folder of PostgreSQL's ``initdb`` and ``pg_ctl``, or None.

    Debian keeps them off the PATH, in a folder for each version; the newest is taken.
    """
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
    newest_first = sorted(debian, key=lambda path: int(path.parts[-3]), reverse=True)
    initdb = newest_first[0] if newest_first else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def foreign_programs() -> dict[str, Path | None]:
    """Return where the programs of ``make interop`` are, by the name of Debian's package."""
    # Debian's Python, whatever Python runs the tests: QGIS' modules are made for it
    qgis = Path("/usr/lib/python3/dist-packages/qgis")
    server = database_server()
    postgis = Path(f"/usr/share/postgresql/{server.parts[-2]}/extension/postgis.control"
                   if server and server.parts[:4] == ("/", "usr", "lib", "postgresql")
                   else "/nowhere")  # fmt: skip
    version = server.parts[-2] if server else ""
    mosquitto = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    places = {"python3-qgis": qgis, f"postgresql-{version}-postgis-3": postgis,
              "mosquitto": Path(mosquitto)}  # fmt: skip
    return {package: place if place.exists() else None for package, place in places.items()}


def prepare_interop() -> int:
    """Install the programs of ``make interop``; return 2 if one must be installed by hand."""
    main()
    missing = [package for package, place in foreign_programs().items() if place is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *missing)
        missing = [package for package, place in foreign_programs().items() if place is None]
    if missing:
        print(f"Not found: {', '.join(missing)}. Install them, for example with\n"
              f"    sudo apt-get install {' '.join(missing)}", file=sys.stderr)  # fmt: skip
    return 2 if missing else 0


def main() -> int:
    """Install missing programs if possible; return 2 if they must be installed by hand."""
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _apt("update")
        for package in missing:
            _apt("install", "-y", package)
        if browser() is None:
            _apt("install", "-y", NAMES[1])
        missing = _missing()
    if "postgresql" in missing:
        print(
            "No PostgreSQL server found: the tests on it are skipped. Install it, for example with"
            "\n    sudo apt-get install postgresql",
            file=sys.stderr,
        )
    if BROWSER in missing:
        print(
            "The browser tests need Chromium and none was found. Install it, for example with\n"
            f"    sudo apt-get install {BROWSER}\n"
            "or set KNOCKON_CHROMIUM to the path of a Chromium you have.",
            file=sys.stderr,
        )
        return 2
    return 0


def _missing() -> list[str]:
    programs = {BROWSER: browser(), "postgresql": database_server()}
    return [package for package, place in programs.items() if not place]


def _apt(*arguments: str) -> None:
    print("apt-get", *arguments, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *arguments], env=quiet, check=False)


if __name__ == "__main__":
    sys.exit(prepare_interop() if sys.argv[1:] == ["interop"] else main())

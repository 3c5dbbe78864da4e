"""Make sure the browser tests have a browser, or say exactly what to install.

As root on a machine with apt, Debian's Chromium is installed when none is found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Return the path of an installed Chromium, or None; KNOCKON_CHROMIUM overrides."""
    named = os.environ.get("KNOCKON_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """Install Chromium where that is possible; return 2 where people must do it."""
    if browser():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium found: installing Debian's ...", flush=True)
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *arguments], env=quiet, check=True)
        return 0
    print(
        "The browser tests need Chromium and none was found. Install it, for example with\n"
        "    sudo apt-get install chromium\n"
        "or set KNOCKON_CHROMIUM to the path of a Chromium you have.",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())

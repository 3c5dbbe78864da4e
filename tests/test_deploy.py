"""The files for a server (deploy/, Dockerfile): valid, and with the limits that the code has."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api import connections, guard, serving

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
CADDYFILE = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
#: the kernel's own, the log, the workers' pipes
OTHER = 100


def test_the_unit_allows_the_files_that_all_connections_take():
    unit = (DEPLOY / "knock-on.service").read_text(encoding="utf-8")
    (limit,) = re.findall(r"^LimitNOFILE=(\d+)$", unit, re.MULTILINE)
    assert int(limit) >= connections.MAX_CONNECTIONS + serving._OTHER_FILES + OTHER


def test_the_proxy_has_the_limits_of_the_server():
    assert f"read_header {connections.HEADERS_S:g}s" in CADDYFILE
    assert f"read_body {connections.BODY_S:g}s" in CADDYFILE
    assert f"max_header_size {connections.MAX_HEADER_BYTES // 1024}KB" in CADDYFILE
    assert f"max_size {guard.MAX_BODY_BYTES // 10**6}MB" in CADDYFILE


def test_caddy_takes_the_file(tmp_path):
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("no caddy is installed (Debian has a package 'caddy')")
    done = subprocess.run(
        [caddy, "validate", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"],
        env={**os.environ, "KNOCKON_NAME": "map.example", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Valid configuration" in done.stdout + done.stderr

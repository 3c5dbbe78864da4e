"""``python app.py`` where it cannot start: one clear line, exit code 2, no traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(**environment):
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"KNOCKON_PORT": "eighty"}, "KNOCKON_PORT"),
        ({"KNOCKON_WORKERS": "0"}, "KNOCKON_WORKERS"),
        ({"KNOCKON_HOST": "203.0.113.7", "KNOCKON_SIGN_IN": "on"}, "KNOCKON_HOST"),
        ({"KNOCKON_HOST": "no such host", "KNOCKON_SIGN_IN": "on"}, "KNOCKON_HOST"),
        # nobody else gets in while there is no sign-in
        ({"KNOCKON_HOST": "0.0.0.0"}, "Set KNOCKON_SIGN_IN=on"),  # noqa: S104
        ({"KNOCKON_HOST": "::"}, "Set KNOCKON_SIGN_IN=on"),
        ({"KNOCKON_PUBLIC_URL": "https://map.example"}, "Set KNOCKON_SIGN_IN=on"),
        ({"KNOCKON_SIGN_IN": "yes"}, "must be off or on"),
        ({"KNOCKON_DATABASE_URL": "nonsense"}, "database"),
        ({"KNOCKON_WORLD": "neubrandenburk"}, "Did you mean 'neubrandenburg'?"),
        ({"KNOCKON_WORLD": str(ROOT / "docs")}, "no world.json"),
        ({"KNOCKON_WORLD": str(ROOT / "README.md")}, "folder with world.json or a .gpkg"),
    ],
)
def test_bad_settings_are_said_in_a_line(environment, word):
    done = start(**{"KNOCKON_PORT": str(free_port()), **environment})
    assert done.returncode == 2, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_world_that_cannot_be_read_says_where_and_ends(tmp_path):
    (tmp_path / "world.json").write_text('{"id": "w", "title": "W"}', encoding="utf-8")
    table = "asset_id,asset_type,sector,lon,lat\na,plant,energy,13,53\nb,plant,energy,x,53\n"
    (tmp_path / "assets.csv").write_text(table, encoding="utf-8")
    done = start(KNOCKON_PORT=str(free_port()), KNOCKON_WORLD=str(tmp_path))
    assert done.returncode == 2
    assert "assets.csv, row 3, column lon" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_database_is_refused_without_its_password():
    url = "mysql://user:hush@db.example/k?password=hush"
    done = start(KNOCKON_PORT=str(free_port()), KNOCKON_DATABASE_URL=url)
    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr
    assert "hush" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_said_in_a_line():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = start(KNOCKON_PORT=str(other.getsockname()[1]))
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

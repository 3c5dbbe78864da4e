"""A private PostgreSQL server for tests and benchmarks: its own folder, its own socket."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.prepare import database_server


class Cluster:
    """A server that only this machine's sockets reach; stopped and gone with :meth:`remove`."""

    def __init__(self) -> None:
        self._bin = database_server()
        if self._bin is None:
            raise FileNotFoundError("no PostgreSQL server is installed (tests/prepare.py says how)")
        # a socket's path may have about 100 characters, so not in pytest's deep folders
        self._folder = Path(tempfile.mkdtemp(prefix="knock-on-pg-", dir="/tmp"))
        self._numbers = itertools.count(1)
        self._user = _unprivileged()
        if self._user:
            shutil.chown(self._folder, self._user)
            self._folder.chmod(0o755)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync",
                  "--locale=C.UTF-8")  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # without fsync: processes are killed here, never the machine
        options = f"-c listen_addresses='' -k {self._folder} -c max_connections=50 -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", "-l", log, "-o", options)

    def stop(self) -> None:
        """Stop the server without any farewell: its clients are cut off, nothing is tidied up."""
        self._run("pg_ctl", "stop", "-m", "immediate")

    def url(self, database: str) -> str:
        """Return where a database is."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._folder}"

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the server's administrator."""
        place = f"host={self._folder} user=postgres dbname={database}"
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(statement)

    def remove(self) -> None:
        """Stop the server and delete all that it had."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._folder / "data"), *arguments]
        # the server inherits these, so a pipe would never end
        with (self._folder / "said").open("w") as said:
            done = subprocess.run(
                command, user=self._user, stdout=said, stderr=said, cwd=self._folder, check=False
            )
        if done.returncode:
            output = (self._folder / "said").read_text()
            raise RuntimeError(f"{program} failed: {output}")


def _unprivileged() -> str | None:
    """Return whom a server that root starts runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    there = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in there else "nobody"

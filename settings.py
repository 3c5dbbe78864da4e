"""Every setting of the application, from the environment, in one typed place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInputError

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs.

    ``database_url`` is a SQLAlchemy URL; ``workers`` is the number of processes that compute
    cascades beside the web process; ``world`` is what is shown: the id of an embedded region, a
    folder of tables or a ``.gpkg`` file.
    """

    host: str = "127.0.0.1"
    port: int = 8050
    database_url: str = f"sqlite:///{ROOT / 'var' / 'knockon.db'}"
    workers: int = 1
    world: str = "neubrandenburg"


def from_environment() -> Settings:
    """Read ``KNOCKON_HOST``, ``_PORT``, ``_DATABASE_URL``, ``_WORKERS`` and ``_WORLD``.

    Raises
    ------
    BadInputError
        One line per setting that cannot be used.
    """
    default, problems = Settings(), []
    numbers = {}
    limits = {"KNOCKON_PORT": (1, 65535, default.port), "KNOCKON_WORKERS": (1, 64, default.workers)}
    for name, (low, high, fallback) in limits.items():
        text = os.environ.get(name, str(fallback))
        if not text.isdecimal() or not low <= int(text) <= high:
            problems.append(f"{name} is '{text}'; it must be a whole number from {low} to {high}.")
        else:
            numbers[name] = int(text)
    if problems:
        raise BadInputError(problems)
    return Settings(
        host=os.environ.get("KNOCKON_HOST", default.host),
        port=numbers["KNOCKON_PORT"],
        database_url=os.environ.get("KNOCKON_DATABASE_URL", default.database_url),
        workers=numbers["KNOCKON_WORKERS"],
        world=os.environ.get("KNOCKON_WORLD", "").strip() or default.world,
    )

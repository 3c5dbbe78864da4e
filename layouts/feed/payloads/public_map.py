"""The safe public map, as its page gets it."""

from __future__ import annotations

from models.rights.public_map import CoarseHead, CoarseService


class PublicService(CoarseService):
    """A service in words."""

    label: str
    without: str


class PublicMap(CoarseHead):
    """The map; ``revision`` is a hash of the rest: it changes with what is shown alone."""

    services: list[PublicService]
    revision: str

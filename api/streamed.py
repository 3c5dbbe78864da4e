"""Requests whose body is written to disk while it arrives, so nothing may hold it in memory."""

from __future__ import annotations

import re

from starlette.types import Scope

#: the one route that takes files: ``PUT /api/imports/{id}/files``
_UPLOAD = re.compile(r"/api/imports/[A-Za-z0-9_-]{1,64}/files")
CONTENT_TYPE = "application/octet-stream"


def is_streamed(scope: Scope) -> bool:
    """Return whether the route of a request reads the body itself, and bounds it."""
    is_upload = scope["type"] == "http" and scope.get("method") == "PUT"
    return is_upload and _UPLOAD.fullmatch(scope["path"]) is not None

"""Answers with files held in memory: compressed once, and cached by browsers."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property

from fastapi import Request, Response

_FOR_GOOD = "max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True)
class HeldFile:
    """The bytes and media type of one file."""

    body: bytes
    media_type: str

    @cached_property
    def version(self) -> str:
        """Return the sha256 of the content; addresses carry it as ``v``."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def packed(self) -> bytes:
        """Return the content gzipped, the same bytes each time."""
        return gzip.compress(self.body, compresslevel=6, mtime=0)


def answer(
    request: Request, file: HeldFile, *, private: bool = False, lasting: bool = False
) -> Response:
    """Answer with ``file``; an address with its version can be cached forever.

    ``private``: the answer depends on the user, so no shared cache may keep it.
    ``lasting``: the path of the address names the version.
    """
    etag = f'"{file.version[:32]}"'
    lasting = lasting or request.query_params.get("v") == file.version
    headers = {
        "ETag": etag,
        "Cache-Control": f"{'private' if private else 'public'}, {_FOR_GOOD}"
        if lasting
        else f"private, {_ASK_AGAIN}"
        if private
        else _ASK_AGAIN,
        "Vary": "Accept-Encoding, Cookie" if private else "Accept-Encoding",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            file.packed, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"}
        )
    return Response(file.body, media_type=file.media_type, headers=headers)

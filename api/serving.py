"""The web server: the application's lifespan, the socket it listens on, and how it stops."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp

from api import connections, forms, worlds
from models.access import NotAllowedError
from models.errors import BadInputError

#: a connection that receives nothing for this long is closed
DEAD_AFTER_MS = 60_000
_STOP_S = 5
#: file handles for the database, the workers and others, in addition to connections
_OTHER_FILES = 500


def new_server(
    warm_up: Callable[[], Awaitable[None]],
    stop: Callable[[], None],
    no_file: Iterable[type[Exception]],
) -> FastAPI:
    """Return a server without addresses.

    Parameters
    ----------
    warm_up
        Started with the server; requests do not wait for it.
    stop
        Called when the server has stopped.
    no_file
        Error that Dash raises for an unknown file of a package, and does not handle.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.ensure_future(warm_up())
        yield
        starting.cancel()
        stop()

    # no API documentation pages: they would load scripts from other servers
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    for error in no_file:
        server.add_exception_handler(error, worlds.no_such_file)
    server.add_exception_handler(NotAllowedError, worlds.not_allowed)
    server.add_exception_handler(RequestValidationError, forms.unreadable)
    return server


def require_free(host: str, port: int) -> None:
    """Check before anything is loaded that the address can be used.

    Raises
    ------
    BadInputError
        If it is in use, not allowed or not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInputError([_problem(f"{host}:{port}", error)]) from None


def _problem(where: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use. Stop what runs there, or set KNOCKON_PORT to another port."
    if error.errno == errno.EACCES:
        return f"{where} is not allowed for this user. Set KNOCKON_PORT to 1024 or above."
    return f"{where} cannot be used ({error.strerror}). Check KNOCKON_HOST and KNOCKON_PORT."


def serve(
    server: FastAPI, host: str, port: int, end_streams: Callable[[], None], *, behind_proxy: bool
) -> None:
    """Serve until the process receives a signal to stop.

    Parameters
    ----------
    server
        The application.
    host, port
        Where to listen.
    end_streams
        Ends the event streams: the web server would wait for them forever.
    behind_proxy
        Whether to trust a proxy on this machine to state client addresses; others are not trusted.
    """
    # uvicorn raises the signal again once it has stopped; exit in order, so that all is tidied up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = configured(server, host, port, behind_proxy=behind_proxy)
    Uvicorn(config, end_streams).run([listening(config)])


def configured(app: ASGIApp, host: str, port: int, *, behind_proxy: bool) -> uvicorn.Config:
    """Return how the web server runs: with limits on connections, headers, bodies and waiting.

    Parameters
    ----------
    app
        The application.
    host, port
        Where to listen.
    behind_proxy
        As for :func:`serve`.
    """
    most = min(connections.MAX_CONNECTIONS, allow_files(connections.MAX_CONNECTIONS))
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
        proxy_headers=behind_proxy,
        http=connections.limited(behind_proxy=behind_proxy, most=most),
        ws="none",
        h11_max_incomplete_event_size=connections.MAX_HEADER_BYTES,
        timeout_keep_alive=connections.KEEP_ALIVE_S,
        # requests whose connections were lost still count while they are worked on
        limit_concurrency=most,
    )


def allow_files(connections_wanted: int) -> int:
    """Raise this process's limit of open files; return the number of connections it allows."""
    try:
        import resource
    except ImportError:  # Windows, where sockets are not limited so
        return connections_wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    files = connections_wanted + _OTHER_FILES
    if soft != unlimited and soft < files:
        soft = files if hard == unlimited else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections_wanted if soft == unlimited else max(soft - _OTHER_FILES, soft // 2)


class Uvicorn(uvicorn.Server):
    """The web server, which would wait for streams that never end."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop as usual."""
        self._end_streams()
        await super().shutdown(sockets)


def listening(config: uvicorn.Config) -> socket.socket:
    """Return the socket to serve on; a peer that takes nothing any more is cut off after a while.

    Otherwise unsent data for a closed laptop would be kept forever.
    """
    bound = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MS)
    return bound

"""Every setting of the application, from the environment, in one typed place."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from models.errors import BadInputError

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class OpenIdConnect:
    """The organisation's sign-in; users with ``value`` in ``claim`` may lead."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str
    value: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of this process.

    ``database_url`` is a SQLAlchemy URL; ``workers`` is the number of processes that compute
    cascades beside the web process; ``world`` is the id of an embedded region, a folder of tables
    or a ``.gpkg`` file. ``sign_in``: whether sign-in is required. ``public_url`` is the public
    address if a proxy is in front of the server, such as ``https://map.example``.
    ``data_dir`` holds uploads and imported worlds.
    ``pseudo_language`` offers ``?lang=xx``, in which every translated text is in brackets (tests).
    """

    host: str = "127.0.0.1"
    port: int = 8050
    database_url: str = f"sqlite:///{ROOT / 'var' / 'knockon.db'}"
    workers: int = 1
    world: str = "neubrandenburg"
    sign_in: bool = False
    public_url: str = ""
    oidc: OpenIdConnect | None = None
    pseudo_language: bool = False
    data_dir: Path = ROOT / "var"

    @property
    def is_secure(self) -> bool:
        """Return whether the public address is https."""
        return self.public_url.startswith("https://")

    @property
    def address(self) -> str:
        """Return the public address, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Return whether the server is only reachable from this machine."""
        return self.host == "localhost" or _is_loopback(self.host)


def require_sign_in_for_others(settings: Settings) -> None:
    """Refuse to serve other machines without sign-in: all users would be the local user.

    Raises
    ------
    BadInputError
        If the address is not loopback, or a proxy passes others on, and there is no sign-in.
    """
    if settings.sign_in:
        return
    if not settings.is_local:
        raise BadInputError(
            [f"KNOCKON_HOST is '{settings.host}', so others could reach Knock-on and change "
             "everything: there is no sign-in. Set KNOCKON_SIGN_IN=on and add an account with "
             "'python cli.py account add NAME', or leave KNOCKON_HOST out."]
        )  # fmt: skip
    if settings.public_url:
        raise BadInputError(
            ["KNOCKON_PUBLIC_URL says that others reach Knock-on, and there is no sign-in. Set "
             "KNOCKON_SIGN_IN=on and add an account with 'python cli.py account add NAME'."]
        )  # fmt: skip


def from_environment() -> Settings:
    """Read the variables ``KNOCKON_…`` that README.md lists.

    Raises
    ------
    BadInputError
        One line per setting that cannot be used.
    """
    default, problems = Settings(), list[str]()
    port = _number("KNOCKON_PORT", 1, 65535, default.port, problems)
    workers = _number("KNOCKON_WORKERS", 1, 64, default.workers, problems)
    sign_in = _text("KNOCKON_SIGN_IN").lower() or "off"
    if sign_in not in ("off", "on"):
        problems.append(f"KNOCKON_SIGN_IN is '{sign_in}'; it must be off or on.")
    public_url = _public_url(problems)
    oidc = _oidc(sign_in == "on", problems)
    if problems:
        raise BadInputError(problems)
    return Settings(
        host=os.environ.get("KNOCKON_HOST", default.host),
        port=port,
        database_url=os.environ.get("KNOCKON_DATABASE_URL", default.database_url),
        workers=workers,
        world=_text("KNOCKON_WORLD") or default.world,
        sign_in=sign_in == "on",
        public_url=public_url,
        oidc=oidc,
        pseudo_language=_text("KNOCKON_PSEUDO_LANGUAGE") == "on",
        data_dir=Path(_text("KNOCKON_DATA_DIR") or default.data_dir),
    )


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()


def _number(name: str, low: int, high: int, fallback: int, problems: list[str]) -> int:
    text = os.environ.get(name, str(fallback))
    if not text.isdecimal() or not low <= int(text) <= high:
        problems.append(f"{name} is '{text}'; it must be a whole number from {low} to {high}.")
        return fallback
    return int(text)


def _public_url(problems: list[str]) -> str:
    text = _text("KNOCKON_PUBLIC_URL").rstrip("/")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        usable = (
            parts.scheme in ("http", "https")
            and parts.hostname is not None
            and parts.username is None
            and f"{parts.scheme}://{parts.netloc}" == text
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        usable = False
    if not usable:
        problems.append(
            "KNOCKON_PUBLIC_URL must be an address without a path, such as https://map.example."
        )
        return ""
    return text.lower()


def _oidc(sign_in: bool, problems: list[str]) -> OpenIdConnect | None:
    names = [f"KNOCKON_OIDC_{end}" for end in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")]
    values = [_text(name) for name in names]
    lead = _text("KNOCKON_OIDC_LEADS")
    if not any((*values, lead)):
        return None
    missing = [name for name, text in zip(names, values, strict=True) if not text]
    claim, _, value = lead.partition("=")
    if not (claim and value):
        missing.append("KNOCKON_OIDC_LEADS (such as groups=crisis-team)")
    if missing:
        problems.append(f"For sign-in by OpenID Connect, set {', '.join(missing)} too.")
        return None
    issuer = urlsplit(values[0])
    if issuer.scheme != "https" and not _is_loopback(issuer.hostname or ""):
        problems.append("KNOCKON_OIDC_ISSUER must begin with https://.")
        return None
    if not sign_in:
        problems.append("KNOCKON_OIDC_ISSUER needs KNOCKON_SIGN_IN=on.")
        return None
    return OpenIdConnect(values[0].rstrip("/"), values[1], values[2], claim, value)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

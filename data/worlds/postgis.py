"""A world in PostGIS: one schema with a table for each table of a world.

``postgresql://user@host/database?schema=NAME`` names it. Reading takes a snapshot: the tables of a
world, in one read-only transaction, as a GeoPackage in a temporary folder. What reads a
GeoPackage then reads it, with the same checks and messages.
"""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from data.worlds.layers import write_gpkg
from data.worlds.listing import WORLD, table_named
from data.worlds.schema import COLUMNS
from data.worlds.tables import GEOMETRY
from models.errors import BadInputError

if TYPE_CHECKING:
    from psycopg import Connection

#: Rows of a table that are read at most.
MAX_ROWS = 2_000_000
SCHEMA = "knockon"
_TIMEOUTS = {"connect_timeout": "10", "options": "-c statement_timeout=120000"}
_URL = re.compile(r"postgres(ql)?(\+psycopg)?://", re.IGNORECASE)
#: Keys that let QGIS edit a table; other tables get a number of their own.
_KEYS = {"assets": "asset_id", "links": "link_id", "people": "cell_id"}
_OWN_NUMBER = "row_number"
Record = dict[str, Any]


class Place(NamedTuple):
    """A database and a schema in it."""

    address: str
    schema: str

    @property
    def name(self) -> str:
        """Return the place as it may be shown: without user and password."""
        parts = urlsplit(self.address)
        return f"{parts.hostname or 'localhost'}{parts.path}, schema {self.schema}"


def is_url(name: str) -> bool:
    """Return whether a name of a world is a PostgreSQL URL."""
    return _URL.match(name) is not None


def place_of(url: str) -> Place:
    """Return the database and the schema that a URL names; the default schema is ``knockon``."""
    parts = urlsplit("postgresql://" + url.split("://", 1)[1])
    query = dict(parse_qsl(parts.query))
    schema = query.pop("schema", SCHEMA)
    return Place(
        urlunsplit(parts._replace(query=urlencode(query | _TIMEOUTS, quote_via=quote))), schema
    )


def snapshot(url: str) -> Path:
    """Read a world from PostGIS into a temporary GeoPackage, deleted when the process ends.

    Raises
    ------
    BadInputError
        If the database cannot be read, or the schema holds no world.
    """
    place = place_of(url)
    with _connection(place, reading=True) as connection:
        names = _tables(connection, place)
        layers = {
            table: list(_records(connection, place, name, table)) for table, name in names.items()
        }
    folder = Path(tempfile.mkdtemp(prefix="knockon-postgis-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', place.schema)[:60]}.gpkg"
    write_gpkg(path, {table: rows for table, rows in layers.items() if rows})
    return path


def write_world(layers: dict[str, list[Record]], url: str) -> None:
    """Write the tables of a world into a new schema, in one transaction.

    Parameters
    ----------
    layers
        Rows of each table, ``world`` included; shapes in degrees under ``geometry``.
    url
        The database and the schema.

    Raises
    ------
    BadInputError
        If the schema is there, or the database cannot be written.
    """
    from psycopg.sql import SQL, Identifier

    place = place_of(url)
    with _connection(place, reading=False) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_namespace WHERE nspname = %s", [place.schema]
        ).fetchone()
        if known:
            text = "is there already. Name another schema, or drop it."
            raise BadInputError([f"{place.name} {text}"])
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(place.schema)))
        for table, rows in layers.items():
            _create(connection, place, table, rows)


# --- reading ---------------------------------------------------------------------------------


@contextmanager
def _connection(place: Place, *, reading: bool) -> Iterator[Connection[Any]]:
    import psycopg  # slow to import, and rarely needed by the command line

    try:
        with psycopg.connect(place.address) as connection:
            connection.read_only = reading
            yield connection
    except (psycopg.Error, UnicodeError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadInputError([f"{place.name}: {said}"]) from None


def _tables(connection: Connection[Any], place: Place) -> dict[str, str]:
    """Return our tables and their names in the schema."""
    listed = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [place.schema]
    ).fetchall()
    names = {table: str(name) for (name,) in sorted(listed) if (table := table_named(str(name)))}
    if WORLD not in names or "assets" not in names:
        there = ", ".join(str(name) for (name,) in sorted(listed)[:20]) or "none"
        raise BadInputError(
            [f"{place.name}: needs the tables world and assets. Tables there: {there}."]
        )
    return names


def _records(connection: Connection[Any], place: Place, name: str, table: str) -> Iterator[Record]:
    """Read the columns of a table that a world has, shapes in degrees."""
    import shapely
    from psycopg.sql import SQL, Composable, Identifier

    columns = connection.execute(
        "SELECT column_name, udt_name FROM information_schema.columns "
        "WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        [place.schema, name],
    ).fetchall()
    # any column of people may be a group of people
    wanted = {column.name for column in COLUMNS.get(table, ()) if table != "people"}
    parts: list[Composable] = []
    labels: list[str] = []
    for column, kind in columns:
        if kind == "geometry":
            shape = SQL("ST_AsBinary(ST_Transform(ST_Force2D({}), 4326))")
            parts.append(shape.format(Identifier(column)))
            labels.append(GEOMETRY)
        elif column != _OWN_NUMBER and (not wanted or column.casefold() in wanted):
            parts.append(Identifier(column))
            labels.append(column)
    query = SQL("SELECT {} FROM {}.{} ORDER BY 1 LIMIT {}").format(
        SQL(", ").join(parts), Identifier(place.schema), Identifier(name), MAX_ROWS + 1
    )
    rows = connection.execute(query).fetchall()
    if len(rows) > MAX_ROWS:
        raise BadInputError([f"{place.name}, table {name}: more than {MAX_ROWS:,} rows."])
    for row in rows:
        record = dict(zip(labels, row, strict=True))
        if GEOMETRY in record:
            body = record[GEOMETRY]
            record[GEOMETRY] = None if body is None else shapely.from_wkb(bytes(body))
        yield {key: _plain(cell) for key, cell in record.items()}


def _plain(cell: Any) -> Any:
    """Return lists, JSON and exact decimals as a GeoPackage can hold them."""
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False)
    return float(cell) if type(cell).__name__ == "Decimal" else cell


# --- writing ---------------------------------------------------------------------------------


def _create(connection: Connection[Any], place: Place, table: str, rows: Sequence[Record]) -> None:
    """Create a table and copy its rows."""
    from psycopg.sql import SQL, Identifier

    names = list(dict.fromkeys(name for row in rows for name in row))
    where = SQL("{}.{}").format(Identifier(place.schema), Identifier(table))
    kinds = {name: _kind([row.get(name) for row in rows], name) for name in names}
    columns = [SQL("{} {}").format(Identifier(n), SQL(kinds[n])) for n in names]
    key = _KEYS.get(table)
    if key is None:
        number = SQL("{} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
        columns.append(number.format(Identifier(_OWN_NUMBER)))
    else:
        columns.append(SQL("PRIMARY KEY ({})").format(Identifier(key)))
    connection.execute(SQL("CREATE TABLE {} ({})").format(where, SQL(", ").join(columns)))
    listed = SQL(", ").join(Identifier(name) for name in names)
    with connection.cursor().copy(SQL("COPY {} ({}) FROM STDIN").format(where, listed)) as copy:
        for row in rows:
            copy.write_row([_cell(row.get(name)) for name in names])


def _cell(cell: Any) -> Any:
    """Return a shape as EWKB, everything else as it is."""
    import shapely

    if not isinstance(cell, shapely.Geometry):
        return cell
    return shapely.to_wkb(shapely.set_srid(cell, 4326), hex=True, include_srid=True)


def _kind(cells: Sequence[Any], name: str) -> str:
    if name == GEOMETRY:
        return "geometry(Geometry, 4326)"
    kinds = {type(cell) for cell in cells if cell is not None}
    for names, kind in _KINDS:
        if kinds and kinds <= names:
            return kind
    return "text"


_KINDS: tuple[tuple[set[type], str], ...] = (
    ({bool}, "boolean"),
    ({int}, "bigint"),
    ({int, float}, "double precision"),
)

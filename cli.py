"""Knock-on from the terminal: the same models and files as the dashboard.

Exit codes: 0 success, 2 bad input (one line per problem on stderr), 1 a fault of ours (one line;
``KNOCKON_DEBUG=1`` shows the traceback), 130 interrupted, 141 nobody reads the output any more.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn, TextIO

from data.cache.kernels import prepare_kernels
from models.errors import BadInputError, KnockOnError

SUCCESS, CRASHED, BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
FORMATS = (
    *("csv", "geojson", "geoparquet", "gpkg", "graphml", "postgis"),
    *("turtle", "jsonld", "stix", "ngsi-ld"),
)
#: Information labels of the Traffic Light Protocol 2.0; empty for none.
TLP = ("", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
#: languages that a briefing can be in
LANGUAGES = ("de", "fr", "it", "es", "en")


class _Parser(argparse.ArgumentParser):
    """A parser that reports an invalid command line like any other bad input: in one line."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError([f"{message}. See 'python cli.py --help'."])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names are not ASCII, even if the terminal is
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        parsed = _parser().parse_args(arguments)
        prepare_kernels()
        command: Callable[[argparse.Namespace], None] = parsed.command
        command(parsed)
        sys.stdout.flush()
    except KnockOnError as error:
        return _tell(str(error).splitlines(), BAD_INPUT)
    except KeyboardInterrupt:
        return _tell(["Interrupted."], INTERRUPTED)
    except BrokenPipeError:
        _silence(sys.stdout)
        return PIPE_CLOSED
    except (OSError, MemoryError) as error:
        return _tell([str(error) or "Out of memory."], BAD_INPUT)
    except Exception as error:
        if os.environ.get("KNOCKON_DEBUG"):
            raise
        kind = f"{type(error).__name__}: {error}".splitlines()[0]
        return _tell([f"A fault in Knock-on ({kind}). KNOCKON_DEBUG=1 shows where."], CRASHED)
    return SUCCESS


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cli.py",
        description="Cascading effects across critical infrastructures, from the terminal.",
        epilog="WORLD is a folder of tables, a .gpkg, .zip or .geojson, the id of an embedded "
        "region, or a schema in PostGIS (postgresql://user@host/database?schema=NAME).",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    run = commands.add_parser("run", help="run one cascade")
    run.add_argument("world", metavar="WORLD")
    run.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    run.add_argument("--out", type=Path, metavar="FILE", help="write the outcome to this file")
    run.set_defaults(command=_late("cascades", "run"))
    many = commands.add_parser(
        "ensemble", help="run a scenario many times, uncertain values varied"
    )
    many.add_argument("world", metavar="WORLD")
    many.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    many.add_argument("--runs", type=int, default=10_000, metavar="N", help="default 10000")
    many.add_argument("--seed", type=int, metavar="S", help="in place of the scenario's own seed")
    many.add_argument("--threads", type=int, metavar="T", help="default: one per processor")
    many.add_argument("--dask", metavar="ADDRESS", help="compute on this Dask cluster instead")
    many.add_argument("--out", type=Path, metavar="FILE", help="write all figures to this file")
    many.set_defaults(command=_late("cascades", "ensemble"))
    phone = commands.add_parser("influence", help="which uncertain inputs the result depends on")
    phone.add_argument("world", metavar="WORLD")
    phone.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    phone.add_argument("--runs", type=int, default=10_000, metavar="N", help="default 10000")
    phone.add_argument("--out", type=Path, metavar="FILE", help="write the ranking to this file")
    phone.set_defaults(command=_late("risk", "influence"))
    joined = commands.add_parser("connectivity", help="connectivity and efficiency loss")
    joined.add_argument("world", metavar="WORLD")
    joined.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    joined.add_argument("--service", metavar="S", help="one service (default: all with links)")
    joined.add_argument("--at", type=float, metavar="H",
                        help="hour to measure at (default: the scenario's end)")  # fmt: skip
    joined.add_argument("--out", type=Path, metavar="FILE", help="write the measures to this file")
    joined.set_defaults(command=_late("cascades", "connectivity"))
    why = commands.add_parser("why", help="why assets are lost, in words and as sets of events")
    why.add_argument("world", metavar="WORLD")
    why.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    whom = why.add_mutually_exclusive_group(required=True)
    whom.add_argument("asset", nargs="?", metavar="ASSET", help="the id of one asset")
    whom.add_argument("--all", action="store_true", help="every asset that is ever lost")
    why.add_argument("--at", type=float, metavar="H", help="hour (default: of its first loss)")
    why.add_argument("--out", type=Path, metavar="FILE", help="write the answer to this file")
    why.set_defaults(command=_late("causes", "why"))
    _add_hazards(commands)
    theory = commands.add_parser("theory", help="published cases of other cascade models, rerun")
    theory.add_argument("cases", nargs="*", metavar="CASE",
                        help="IIM-1, or IIM for all of the kind (default: every case)")  # fmt: skip
    theory.add_argument("--list", action="store_true", help="only name the cases")
    theory.set_defaults(command=_late("cascades", "theory"))
    screen = commands.add_parser("screen", help="knock out every single asset, and rank them")
    screen.add_argument("world", metavar="WORLD")
    screen.add_argument("--top", type=_whole, default=20, metavar="N", help="rows to show (20)")
    screen.add_argument("--pairs", action="store_true", help="every pair of assets, too")
    screen.add_argument("--by", choices=("assets", "people", "person-hours"), default="people",
                        help="what to rank by (assets)")  # fmt: skip
    screen.add_argument("--horizon", type=_horizon, metavar="H", help="count what is lost up to "
                        "this hour (in the end; for person-hours 168)")  # fmt: skip
    screen.add_argument("--out", type=Path, metavar="FILE", help="write every row to this file")
    screen.set_defaults(command=_late("cascades", "screen"))
    _add_import(commands)
    validate = commands.add_parser("validate", help="tell every problem of a world")
    validate.add_argument("world", metavar="WORLD")
    validate.set_defaults(command=_late("worlds", "validate"))
    export = commands.add_parser("export", help="write a world or an outcome for other tools")
    export.add_argument("thing", metavar="WORLD|OUTCOME", help="a world, or an outcome's JSON file")
    export.add_argument("--to", required=True, choices=FORMATS, metavar="FORMAT",
                        help=f"one of {', '.join(FORMATS)}")  # fmt: skip
    export.add_argument("--out", required=True, metavar="FILE", help="file to write; a new folder "
                        "for a world as csv or geoparquet, a URL for postgis")  # fmt: skip
    export.add_argument("--world", metavar="WORLD", help="the world of an outcome, if not embedded")
    export.set_defaults(command=_late("worlds", "export"))
    brief = commands.add_parser("brief", help="write the briefing of a scenario at an hour")
    brief.add_argument("world", metavar="WORLD")
    brief.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    brief.add_argument("--at", type=float, required=True, metavar="H", help="hour it is about")
    brief.add_argument("--out", type=Path, required=True, metavar="DIR",
                       help="folder for PDF, HTML, map, mail list, warning, data")  # fmt: skip
    brief.add_argument("--label", default="", choices=TLP, metavar="TLP",
                       help=f"line on every page, one of {', '.join(TLP[1:])}")  # fmt: skip
    brief.add_argument("--language", type=_language, default="en", metavar="LANGUAGE",
                       help=f"of its texts, one of {', '.join(LANGUAGES)} (en)")  # fmt: skip
    brief.add_argument("--compare", type=Path, action="append", default=[], metavar="SCENARIO",
                       help="another option for the table; up to five times")  # fmt: skip
    brief.set_defaults(command=_late("leaving", "brief"))
    _add_risk(commands)
    _add_knowledge(commands)
    backup = commands.add_parser("backup", help="write all scenarios of the database to a file")
    backup.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to write")
    backup.add_argument("--replace", action="store_true", help="write over a file that is there")
    backup.set_defaults(command=_late("upkeep", "backup"))
    restore = commands.add_parser("restore", help="put the scenarios of a backup into the database")
    restore.add_argument("file", metavar="FILE", type=Path, help="what 'backup' wrote")
    restore.add_argument("--replace", action="store_true",
                         help="delete what the database holds first")  # fmt: skip
    restore.set_defaults(command=_late("upkeep", "restore"))
    _add_access(commands)
    warmup = commands.add_parser("warmup", help="compile the engine once, so that nobody waits")
    warmup.set_defaults(command=_late("upkeep", "warmup"))
    return parser


def _add_hazards(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the commands about hazards."""
    curve = commands.add_parser("curve", help="a vulnerability or fragility curve")
    curve.add_argument(
        "id", nargs="?", metavar="ID", help="of the curve; SHEET/ID where two have it"
    )
    curve.add_argument("--tables", type=Path, metavar="FILE",
                       help="a workbook of curves (default: those of the project)")  # fmt: skip
    curve.add_argument("--im", nargs="+", default=[], metavar="X",
                       help="intensities to give values at (default: its points)")  # fmt: skip
    curve.add_argument("--list", action="store_true", help="list all curves")
    curve.add_argument("--json", action="store_true", help="the list as JSON")
    curve.set_defaults(command=_late("hazards", "curve"))
    hazard = commands.add_parser("hazard", help="what fields do to assets and links")
    hazard.add_argument("world", metavar="WORLD")
    hazard.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    hazard.add_argument("--at", type=float, metavar="H",
                        help="hour to look at (default: the worst of all hours)")  # fmt: skip
    hazard.add_argument("--out", type=Path, metavar="FILE", help="write the answer to this file")
    hazard.set_defaults(command=_late("hazards", "hazard"))


def _add_import(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the command that makes a world from foreign files."""
    imported = commands.add_parser("import", help="make a world from files of other programs")
    imported.add_argument("files", nargs="+", metavar="FILE", type=Path,
                          help="OpenStreetMap, GIS layers, tables, networks")  # fmt: skip
    imported.add_argument("--out", required=True, type=Path, metavar="WORLD",
                          help="a new folder, or a .gpkg file")  # fmt: skip
    imported.add_argument("--recipe", type=Path, metavar="FILE",
                          help="JSON that says what columns mean")  # fmt: skip
    imported.add_argument("--crs", metavar="EPSG:n",
                          help="reference system of coordinates that state none")  # fmt: skip
    imported.add_argument("--population", type=Path, metavar="FILE",
                          help="people as a raster (GeoTIFF) or a table")  # fmt: skip
    imported.add_argument("--title", metavar="TEXT", help="what the world is called")
    imported.add_argument("--report", type=Path, metavar="FILE",
                          help="write what was read and left out as JSON")  # fmt: skip
    imported.set_defaults(command=_late("worlds", "import_world"))


def _add_risk(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the commands that compare options, losses and measures."""
    decide = commands.add_parser("decide", help="compare options on several criteria")
    decide.add_argument("table", metavar="TABLE", type=Path, help="options x criteria as JSON")
    decide.add_argument("--out", type=Path, metavar="FILE", help="write the answer to this file")
    decide.set_defaults(command=_late("risk", "decide"))
    economy = commands.add_parser("economy", help="what a loss of final demand costs an economy")
    economy.add_argument("table", metavar="TABLE", type=Path, help="an input-output table as JSON")
    economy.add_argument("--out", type=Path, metavar="FILE", help="write the answer to this file")
    economy.set_defaults(command=_late("risk", "economy"))
    best = commands.add_parser("best-set", help="the measures that save most under a budget")
    best.add_argument("problem", metavar="PROBLEM", type=Path, help="measures, scenarios as JSON")
    best.add_argument("--budget", type=_amount, metavar="B", help="in place of the file's own")
    best.add_argument("--method", choices=("exact", "greedy"), default="exact",
                      help="exact with a proof, or greedy with a bound (exact)")  # fmt: skip
    best.add_argument("--out", type=Path, metavar="FILE", help="write the answer to this file")
    best.set_defaults(command=_late("risk", "best_set"))
    taken = commands.add_parser("measures", help="the best measures for a world and a scenario")
    taken.add_argument("world", metavar="WORLD")
    taken.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    taken.add_argument("--budget", type=_amount, required=True, metavar="B", help="in euros")
    taken.add_argument("--runs", type=int, default=100, metavar="N", help="default 100")
    taken.add_argument("--out", type=Path, metavar="FILE", help="write the answer to this file")
    taken.set_defaults(command=_late("risk", "measures"))
    motion = commands.add_parser("ground-motion", help="ground motion that models expect at sites")
    motion.add_argument("--sites", required=True, type=Path, metavar="FILE",
                        help="a CSV of models, magnitudes, distances")  # fmt: skip
    motion.add_argument("--out", required=True, type=Path, metavar="FILE", help="the CSV to write")
    motion.set_defaults(command=_late("risk", "ground_motion"))


def _add_knowledge(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the commands about the knowledge graph."""
    check = commands.add_parser("check", help="check a world's knowledge graph against shapes")
    check.add_argument("world", metavar="WORLD")
    check.add_argument("--shapes", type=Path, metavar="FILE", help="SHACL as Turtle (the own ones)")
    check.add_argument("--engine", choices=("rust", "pyshacl"), default="rust",
                       help="who checks (rust)")  # fmt: skip
    check.add_argument("--out", type=Path, metavar="FILE", help="write the findings to this file")
    check.set_defaults(command=_late("knowledge", "check"))
    ask = commands.add_parser("ask", help="answer a SPARQL question about a world")
    ask.add_argument("world", metavar="WORLD")
    ask.add_argument("query", metavar="QUERY", type=Path, help="a file with the question")
    ask.add_argument("--scenario", type=Path, metavar="FILE", help="run it; its outcome is known")
    ask.add_argument("--out", type=Path, metavar="FILE", help="write the answer to this file")
    ask.set_defaults(command=_late("knowledge", "ask"))
    propose = commands.add_parser("propose", help="a what-if from threat intelligence")
    propose.add_argument("world", metavar="WORLD")
    propose.add_argument("bundle", metavar="BUNDLE", type=Path, help="STIX 2.1 or MISP, as JSON")
    propose.add_argument("--out", type=Path, metavar="FILE", required=True,
                         help="the scenario to write")  # fmt: skip
    propose.set_defaults(command=_late("knowledge", "propose"))


def _add_access(commands: argparse._SubParsersAction[_Parser]) -> None:
    """Add the commands about access."""
    account = commands.add_parser("account", help="who may sign in and start shared sessions")
    kinds = account.add_subparsers(required=True, metavar="WHAT", parser_class=_Parser)
    add = kinds.add_parser("add", help="add one; the password is asked for, or read from stdin")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--clearance", default="RED", metavar="LABEL",
                     help="the closest TLP label they may see (RED)")  # fmt: skip
    add.set_defaults(command=_late("access", "add_account"))
    for what, text in {
        "password": "give one another password",
        "disable": "let one in no more, at once",
        "enable": "let one in again",
    }.items():
        action = kinds.add_parser(what, help=text)
        action.add_argument("name", metavar="NAME")
        action.set_defaults(command=_late("access", f"{what}_account"))
    kinds.add_parser("list", help="list them").set_defaults(
        command=_late("access", "list_accounts")
    )
    session = commands.add_parser("session", help="shared sessions")
    kinds = session.add_subparsers(required=True, metavar="WHAT", parser_class=_Parser)
    kinds.add_parser("list", help="list them").set_defaults(
        command=_late("access", "list_sessions")
    )
    end = kinds.add_parser("end", help="end one for everybody")
    end.add_argument("session", metavar="ID")
    end.set_defaults(command=_late("access", "end_session"))
    audit = commands.add_parser("audit", help="write who did what, as JSON lines")
    audit.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to write")
    audit.add_argument("--session", metavar="ID", help="of one session alone")
    audit.set_defaults(command=_late("access", "write_audit"))


def _late(module: str, command: str) -> Callable[[argparse.Namespace], None]:
    """Return a command of ``commands/``; its module is only imported when it runs."""

    def run(arguments: argparse.Namespace) -> None:
        getattr(import_module(f"commands.{module}"), command)(arguments)

    return run


# --- checks of arguments ---------------------------------------------------------------------


def _whole(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 to 10,000")
    return int(text)


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= 1e15:
        raise argparse.ArgumentTypeError(f"'{text}' is no amount from 0 to 1e15")
    return amount


def _language(text: str) -> str:
    if text not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise argparse.ArgumentTypeError(
            f"there are no briefings in {text[:40]!r}; choose one of {known}"
        )
    return text


def _horizon(text: str) -> float:
    from models.scenario import MAX_HOURS

    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= MAX_HOURS:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of hours from 0 to 87,600")
    return hours


# --- output ----------------------------------------------------------------------------------


def _tell(lines: Sequence[str], code: int) -> int:
    """Write one line per problem to stderr and return the exit code."""
    try:
        print("\n".join(lines), file=sys.stderr, flush=True)
    except BrokenPipeError:
        _silence(sys.stderr)
    return code


def _silence(stream: TextIO) -> None:
    """Discard buffered output, so that no error is raised at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return


if __name__ == "__main__":
    # otherwise the collector scans imported modules again and again: a tenth of the time of a
    # short command
    gc.set_threshold(100_000, 20, 100)
    code = main()
    # at exit it would go through everything once more, for a fifth of that time
    gc.freeze()
    sys.exit(code)

"""Knock-on from the terminal: the same models and files as the dashboard.

Exit codes: 0 success, 2 bad input (one line per problem on stderr), 1 a fault of ours (one line;
``KNOCKON_DEBUG=1`` shows the traceback), 130 interrupted, 141 nobody reads the output any more.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TextIO

from data import knowledge
from models.completeness import TypeRow, completeness
from models.consequences import (
    lost_by_sector,
    people_summary,
    restored_ms,
    special_users_lost,
)
from models.errors import BadInputError, KnockOnError
from models.outcome import Outcome
from models.units import hours_text, to_ms
from models.world import World

if TYPE_CHECKING:
    from models.connectivity import Connectivity
    from models.scenario import Scenario

SUCCESS, CRASHED, BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
SHOW_AFTER_S = 1.0
REDRAW_S = 0.2
BAR_WIDTH = 24
MAX_RUNS, MAX_THREADS = 1_000_000, 256
#: How long a Dask scheduler may take to answer.
DASK_WAIT_S = 10
ROOT = Path(__file__).resolve().parent
FORMATS = ("csv", "geojson", "gpkg", "graphml")


class Step(Protocol):
    """Names what a bar shows next, and how far it is where that is more than one step on."""

    def __call__(self, following: str, at: int | None = None) -> None:
        """Move the bar."""


class _Parser(argparse.ArgumentParser):
    """A parser that tells a wrong command line as any other bad input: in one line."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError([f"{message}. See 'python cli.py --help'."])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names are not ASCII, whatever the terminal is
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        given = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], None] = given.command
        command(given)
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
        epilog="WORLD is a folder of tables, a .gpkg file or the id of an embedded region.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    run = commands.add_parser("run", help="run one cascade")
    run.add_argument("world", metavar="WORLD")
    run.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    run.add_argument("--out", type=Path, metavar="FILE", help="write the outcome to this file")
    run.set_defaults(command=_run)
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
    many.set_defaults(command=_ensemble)
    joined = commands.add_parser("connectivity", help="connectivity and efficiency loss")
    joined.add_argument("world", metavar="WORLD")
    joined.add_argument("scenario", metavar="SCENARIO", type=Path, help="a scenario as JSON")
    joined.add_argument("--service", metavar="S", help="one service (default: all with links)")
    joined.add_argument("--at", type=float, metavar="H",
                        help="hour to measure at (default: the scenario's end)")  # fmt: skip
    joined.add_argument("--out", type=Path, metavar="FILE", help="write the measures to this file")
    joined.set_defaults(command=_connectivity)
    theory = commands.add_parser("theory", help="published cases of other cascade models, rerun")
    theory.add_argument("cases", nargs="*", metavar="CASE",
                        help="IIM-1, or IIM for all of the kind (default: every case)")  # fmt: skip
    theory.add_argument("--list", action="store_true", help="only name the cases")
    theory.set_defaults(command=_theory)
    screen = commands.add_parser("screen", help="knock out every single asset, and rank them")
    screen.add_argument("world", metavar="WORLD")
    screen.add_argument("--top", type=_whole, default=20, metavar="N", help="rows to show (20)")
    screen.add_argument("--pairs", action="store_true", help="every pair of assets, too")
    screen.add_argument("--by", choices=("assets", "people", "person-hours"), default="assets",
                        help="what to rank by (assets)")  # fmt: skip
    screen.add_argument("--horizon", type=_horizon, metavar="H", help="count what is lost up to "
                        "this hour (in the end; for person-hours 168)")  # fmt: skip
    screen.add_argument("--out", type=Path, metavar="FILE", help="write every row to this file")
    screen.set_defaults(command=_screen)
    validate = commands.add_parser("validate", help="tell every problem of a world")
    validate.add_argument("world", metavar="WORLD")
    validate.set_defaults(command=_validate)
    export = commands.add_parser("export", help="write a world or an outcome for other tools")
    export.add_argument("thing", metavar="WORLD|OUTCOME", help="a world, or an outcome's JSON file")
    export.add_argument("--to", required=True, choices=FORMATS, metavar="FORMAT",
                        help=f"one of {', '.join(FORMATS)}")  # fmt: skip
    export.add_argument("--out", required=True, type=Path, metavar="FILE",
                        help="file to write; a new folder for the csv of a world")  # fmt: skip
    export.add_argument("--world", metavar="WORLD", help="the world of an outcome, if not embedded")
    export.set_defaults(command=_export)
    backup = commands.add_parser("backup", help="write all scenarios of the database to a file")
    backup.add_argument("--out", required=True, type=Path, metavar="FILE", help="file to write")
    backup.add_argument("--replace", action="store_true", help="write over a file that is there")
    backup.set_defaults(command=_backup)
    restore = commands.add_parser("restore", help="put the scenarios of a backup into the database")
    restore.add_argument("file", metavar="FILE", type=Path, help="what 'backup' wrote")
    restore.add_argument("--replace", action="store_true",
                         help="delete what the database holds first")  # fmt: skip
    restore.set_defaults(command=_restore)
    warmup = commands.add_parser("warmup", help="compile the engine once, so that nobody waits")
    warmup.set_defaults(command=_warmup)
    return parser


# --- commands; slow imports wait until one is chosen -----------------------------------------


def _run(given: argparse.Namespace) -> None:
    from data.exports import replacing
    from data.outcomes import outcome_plain, outcome_text
    from data.scenarios import read_scenario, scenario_warnings
    from models.cascade.engine import run

    with _progress("reading", 3) as step:
        world = _world(given.world)
        scenario = read_scenario(given.scenario, world)
        step("computing")
        outcome = run(world, scenario)
        step("writing")
        plain = outcome_plain(world, scenario, outcome)
        text = outcome_text(plain)
        if given.out is not None:
            with replacing(given.out) as made:
                made.write_text(text, encoding="utf-8")
    for warning in scenario_warnings(scenario, world):
        print(f"note: {warning}", file=sys.stderr)
    if given.out is None:
        print(text, end="")
    else:
        print(*_summary(world, outcome), f"Written to {given.out}", sep="\n")


def _ensemble(given: argparse.Namespace) -> None:
    from data.ensembles import ensemble_lines, ensemble_plain
    from data.exports import replacing
    from data.outcomes import outcome_text
    from data.scenarios import MAX_SEED, read_scenario, scenario_warnings
    from models.ensembles import ensemble

    _within("--runs", given.runs, 1, MAX_RUNS)
    _within("--seed", given.seed, 0, MAX_SEED)
    _within("--threads", given.threads, 1, MAX_THREADS)
    with _progress("reading", 1):
        world = _world(given.world)
        scenario = read_scenario(given.scenario, world)
        if given.seed is not None:
            scenario = replace(scenario, seed=given.seed)
    for warning in scenario_warnings(scenario, world, ensemble=True):
        print(f"note: {warning}", file=sys.stderr)
    with _runner(given) as runner, _progress("computing", 1000) as step:

        def progress(done: int, chunks: int) -> None:
            step("computing", 1000 * done // chunks)

        found = ensemble(world, scenario, given.runs, runner=runner, progress=progress)
    print(*ensemble_lines(world, found), sep="\n")
    if given.out is not None:
        with replacing(given.out) as made:
            made.write_text(outcome_text(ensemble_plain(world, scenario, found)), encoding="utf-8")
        print(f"Written to {given.out}")


def _within(name: str, number: int | None, low: int, high: int) -> None:
    if number is not None and not low <= number <= high:
        raise BadInputError([f"{name} {number}: give a number from {low:,} to {high:,}."])


@contextmanager
def _runner(given: argparse.Namespace) -> Iterator[Any]:
    """Give who computes an ensemble: threads here, or the Dask cluster that is named."""
    from models.ensemble_job import on_cluster, on_threads

    if given.dask is None:
        yield on_threads(given.threads or os.cpu_count() or 1)
        return
    if given.threads is not None:
        raise BadInputError(["--threads: the workers of a Dask cluster have their own."])
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        text = "--dask needs the package 'distributed': pip install -r requirements-dev.txt"
        raise BadInputError([text]) from None
    try:
        client = Client(given.dask, timeout=DASK_WAIT_S)
    except (OSError, ValueError) as error:
        raise BadInputError([f"--dask {given.dask}: no scheduler answers ({error})."]) from None
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise BadInputError([f"--dask {given.dask}: the cluster has no worker."])
        try:
            yield on_cluster(client)
        except KilledWorker as error:
            text = f"--dask {given.dask}: workers were lost again and again ({error})."
            raise BadInputError([text]) from None


def _connectivity(given: argparse.Namespace) -> None:
    from data.connectivity import connectivity_plain, connectivity_text
    from data.exports import replacing
    from data.scenarios import read_scenario, scenario_warnings
    from models.cascade.engine import run
    from models.connectivity import connectivity, link_network, out_at
    from models.measures import with_measures

    with _progress("reading", 2) as step:
        world = _world(given.world)
        scenario = read_scenario(given.scenario, world)
        at_ms = _hour_ms(given.at, scenario)
        # measures are there before 0 h, so both sides have them
        built = with_measures(world, scenario.measures)
        services = [given.service] if given.service is not None else built.link_services
        networks = [link_network(built, service) for service in services]
        step("computing")
        out = out_at(run(world, scenario), at_ms)
    with _progress("measuring", sum(network.batches for network in networks)) as step:
        found = [connectivity(net, *out, partial(step, net.service)) for net in networks]
    for warning in scenario_warnings(scenario, world):
        print(f"note: {warning}", file=sys.stderr)
    text = connectivity_text(connectivity_plain(found))
    if given.out is None:
        print(text, end="")
        return
    with replacing(given.out) as made:
        made.write_text(text, encoding="utf-8")
    print(*(_connectivity_line(one) for one in found), f"Written to {given.out}", sep="\n")


def _theory(given: argparse.Namespace) -> None:
    from data.theory import theory_cases
    from models.theory.checks import check, described

    cases = theory_cases(given.cases)
    if given.list:
        width = max(len(case.case) for case in cases)
        print(*(f"{case.case:<{width}}  {case.title}" for case in cases), sep="\n")
        return
    found = []
    with _progress("computing", len(cases)) as step:
        for case in cases:
            found.append((case, check(case)))
            step(case.case)
    print(*("\n".join(described(*pair)) for pair in found), sep="\n\n")
    differ = [case.case for case, findings in found if not all(f.agrees for f in findings)]
    print(f"\n{len(found) - len(differ)} of {len(found)} cases agree.")
    if differ:
        raise RuntimeError(f"these cases differ: {', '.join(differ)}")


def _hour_ms(at_h: float | None, scenario: Scenario) -> int:
    """Return the moment that ``--at`` names, by default the scenario's end."""
    if at_h is None:
        return to_ms(scenario.horizon_h)
    if not 0 <= at_h <= scenario.horizon_h:
        raise BadInputError([f"--at {at_h:g}: must be from 0 h to the scenario's horizon, "
                             f"{scenario.horizon_h:g} h."])  # fmt: skip
    return to_ms(at_h)


def _screen(given: argparse.Namespace) -> None:
    from data.exports import replacing
    from data.layouts import kept_layout
    from data.outcomes import outcome_text
    from data.screenings import screening_lines, screening_plain
    from models.screening import pairs, singles

    with _progress("reading", 1000) as step:
        world = _world(given.world)
        layout = kept_layout(world, ROOT / "var" / "layouts")
        asked = {"by": given.by, "horizon_h": given.horizon, "layout": layout}
        both = None
        if given.pairs:  # first: they may be refused
            both = pairs(world, **asked, top=given.top, tell=_telling(step, "pairs"))
        each = singles(world, **asked, tell=_telling(step, "single assets"))
        if given.out is not None:
            with replacing(given.out) as made:
                plain = screening_plain(world, each, both)
                made.write_text(outcome_text(plain), encoding="utf-8")
    print(*screening_lines(world, each, both, given.top), sep="\n")
    if given.out is not None:
        print(f"Written to {given.out}")


def _validate(given: argparse.Namespace) -> None:
    from data.worlds import check_world, find_world

    with _progress("reading", 1):
        world, problems, warnings = check_world(find_world(given.world))
    if world is None:
        raise BadInputError([*problems, *(f"note: {warning}" for warning in warnings)])
    print(f"ok: {world.title} ({world.world_id}), {_counts(world)}")
    for warning in warnings:
        print(f"note: {warning}")
    print(*_completeness_lines(completeness(world)), sep="\n")


def _export(given: argparse.Namespace) -> None:
    from data.exports import OUTCOME_FORMATS, WORLD_FORMATS
    from data.outcomes import read_outcome

    path = Path(given.thing)
    with _progress("reading", 2) as step:
        if path.suffix.lower() != ".json" or path.is_dir():
            world = _world(given.thing)
            step("writing")
            WORLD_FORMATS[given.to](world, given.out)
        elif given.to not in OUTCOME_FORMATS:
            formats = ", ".join(OUTCOME_FORMATS)
            raise BadInputError([f"An outcome has no form {given.to}; it has {formats}."])
        else:
            plain = read_outcome(path)
            world = _world_of(plain, given.world)
            step("writing")
            OUTCOME_FORMATS[given.to](world, plain, given.out)
    print(f"Written to {given.out}")


def _backup(given: argparse.Namespace) -> None:
    from data.backups import write_backup
    from settings import from_environment

    with _progress("writing", 1):
        counts = write_backup(from_environment().database_url, given.out, replace=given.replace)
    print(f"Written to {given.out}: {counts}")


def _restore(given: argparse.Namespace) -> None:
    from data.backups import restore_backup
    from settings import from_environment

    with _progress("reading", 1):
        counts = restore_backup(from_environment().database_url, given.file, replace=given.replace)
    print(f"Restored from {given.file}: {counts}")


def _warmup(given: argparse.Namespace) -> None:
    from models.cascade.warmup import STEPS

    began = time.monotonic()
    with _progress(f"compiling {next(iter(STEPS))}", len(STEPS)) as step:
        for compile_it, following in zip(STEPS.values(), [*list(STEPS)[1:], ""], strict=True):
            compile_it()
            step(f"compiling {following}")
    print(f"Ready: {', '.join(STEPS)} ({time.monotonic() - began:.0f} s)")


# --- what the commands share -----------------------------------------------------------------


def _world(name: str) -> World:
    from data.worlds import find_world, read_world

    return read_world(find_world(name))


def _world_of(plain: dict[str, Any], name: str | None) -> World:
    """Return the world an outcome belongs to: the named one, else the embedded one that fits."""
    from data.worlds import embedded_regions

    for candidate in [name] if name else embedded_regions():
        world = _world(candidate)
        if world.sha256 == plain["world_sha256"]:
            return world
    if name:
        raise BadInputError([f"The outcome is not of the world '{name}' as it is now."])
    raise BadInputError(["The outcome is of no embedded region. Name its world with --world."])


def _whole(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 to 10,000")
    return int(text)


def _horizon(text: str) -> float:
    from data.scenarios import MAX_HORIZON_H

    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= MAX_HORIZON_H:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of hours from 0 to 87,600")
    return hours


def _counts(world: World) -> str:
    assets = sum(not asset.is_junction for asset in world.assets.values())
    parts = {"assets": assets, "links": len(world.links), "dependencies": len(world.groups)}
    return ", ".join(f"{number:,} {name}" for name, number in parts.items())


def _summary(world: World, outcome: Outcome) -> Iterator[str]:
    """Say in a few lines what an outcome holds."""
    sectors = lost_by_sector(world, outcome)
    direct = sum(count.direct for count in sectors.values())
    indirect = sum(count.indirect for count in sectors.values())
    yield f"{world.title}: {direct + indirect:,} assets lost or impaired"
    also = f" (and {len(outcome.link_hits):,} links)" if outcome.link_hits else ""
    yield f"  {direct:,} hit directly{also}, {indirect:,} by cascade"
    for sector, count in sectors.items():
        if count.direct + count.indirect:
            yield f"  {sector}: {count.direct} hit, {count.indirect} by cascade, of {count.total}"
    special = special_users_lost(world, outcome, _special_types())
    if special:
        yield f"  special users among them: {_named_types(world, special)}"
    if (back := restored_ms(outcome)) is not None and outcome.assets:
        yield f"  90 % of them back at {hours_text(back)}"
    yield from _people_lines(world, outcome)
    for deadlock in outcome.deadlocks:
        names = ", ".join(world.label(asset) for asset in deadlock.assets)
        broken = ", ".join(f"{x.service} at {world.label(x.asset)}" for x in deadlock.breaking)
        if deadlock.searched:
            yield f"Restart deadlock: {names}. Supply {broken} to break it."
        else:
            yield f"Restart deadlock: {names}. There is too much to try to say what breaks it."


def _people_lines(world: World, outcome: Outcome) -> Iterator[str]:
    summary = people_summary(world, outcome)
    if summary:
        yield "People without service:"
    for service, numbers in summary.items():
        hours = f"{numbers['person_hours']:,.0f} person-hours"
        yield f"  {service}: {numbers['peak']:,} at the peak, {hours}"


def _connectivity_line(one: Connectivity) -> str:
    """Say in one line what a link network has lost."""
    losses = {"complete": one.ccl, "partial": one.pcl, "weighted": one.wcl, "efficiency": one.el}
    known = {name: value for name, value in losses.items() if not isnan(value)}
    # adding 0.0 makes -0.0 a plain 0
    said = ", ".join(f"{name} {round(value, 3) + 0.0:.1%}" for name, value in known.items())
    return f"{one.network.service}: " + (f"{said} lost" if said else "joins nothing")


def _special_types() -> frozenset[str]:
    types = knowledge.asset_types().values()
    return frozenset(one.asset_type for one in types if one.special_user)


def _named_types(world: World, assets: Iterable[str]) -> str:
    counts = Counter(world.assets[asset].asset_type for asset in assets)
    labels = knowledge.asset_types()
    return ", ".join(f"{labels[t].label.lower()} {n}" for t, n in sorted(counts.items()))


def _completeness_lines(table: Sequence[TypeRow]) -> Iterator[str]:
    """Lay the table out: how many assets of each type have a known supply of what they need."""
    width = max([len("asset type"), *(len(row.asset_type) for row in table)])
    yield f"{'asset type':<{width}}  count  assets with a known supply of each service needed"
    for row in table:
        parts = []
        for need in row.needs:
            unknown = f", {need.unknown} unknown" if need.unknown else ""
            parts.append(f"{need.service} {need.known}/{row.count}{unknown}")
        yield f"{row.asset_type:<{width}}  {row.count:>5}  {'; '.join(parts) or 'no need stated'}"
    total = sum(need.unknown for row in table for need in row.needs)
    yield f"{total:,} needs without a known supplier"


def _tell(lines: Sequence[str], code: int) -> int:
    """Write one line per problem to stderr and return the exit code."""
    try:
        print("\n".join(lines), file=sys.stderr, flush=True)
    except BrokenPipeError:
        _silence(sys.stderr)
    return code


def _silence(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that nothing complains at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return


def _telling(step: Step, name: str) -> Callable[[int, int], None]:
    """Return what moves a bar of 1,000 steps as (done, of) is told."""
    return lambda done, of: step(name, round(1000 * done / max(of, 1)))


@contextmanager
def _progress(first: str, steps: int) -> Iterator[Step]:
    """Draw a bar with the step and the seconds on a terminal, once it takes over a second."""
    done, name, finished = 0, first, threading.Event()
    began = time.monotonic()

    def step(following: str, at: int | None = None) -> None:
        nonlocal done, name
        done, name = done + 1 if at is None else at, following

    def draw() -> None:
        finished.wait(SHOW_AFTER_S)
        while not finished.wait(REDRAW_S):
            full = BAR_WIDTH * done // steps
            bar = "█" * full + "░" * (BAR_WIDTH - full)
            sys.stderr.write(f"\r{bar} {name}, {time.monotonic() - began:.0f} s\x1b[K")
            sys.stderr.flush()
        if time.monotonic() - began > SHOW_AFTER_S:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    drawer = threading.Thread(target=draw, daemon=True) if sys.stderr.isatty() else None
    if drawer:
        drawer.start()
    try:
        yield step
    finally:
        finished.set()
        if drawer:
            drawer.join()


if __name__ == "__main__":
    sys.exit(main())

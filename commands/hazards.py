"""Commands on hazards: curves, and what the fields of a scenario do before any cascade."""

from __future__ import annotations

import argparse
import json
import sys

from commands.shared import progress, world_of_name
from models.errors import BadInputError


def curve(arguments: argparse.Namespace) -> None:
    """Show a vulnerability or fragility curve, or list them."""
    from data.documents.curves import curve_lines, curve_list, curve_plain
    from data.hazards.curve_tables import read_curve_table
    from data.hazards.curves import curve_of_id, embedded_curves

    table = read_curve_table(arguments.tables) if arguments.tables is not None else ()
    curves = table or embedded_curves()
    if arguments.list:
        if arguments.json:
            print(json.dumps(curve_list(curves), indent=1, ensure_ascii=False))
        else:
            print(*curve_lines(curves), sep="\n")
        return
    if arguments.id is None:
        raise BadInputError(["curve: name an ID, or --list them."])
    plain = curve_plain(curve_of_id(arguments.id, table), arguments.im)
    print(json.dumps(plain, indent=1, ensure_ascii=False))


def hazard(arguments: argparse.Namespace) -> None:
    """Say what the fields of a scenario do to assets and links, before any cascade."""
    from commands.cascades import hour_ms
    from data.documents.hazards import hazard_lines, hazard_plain, redundancy_plain
    from data.documents.outcomes import outcome_text
    from data.documents.scenarios import read_plain_scenario
    from data.exchange.replacing import replacing
    from data.hazards.opening import with_hits
    from data.hazards.places import Places
    from data.worlds.reader import find_world

    with progress("reading", 3) as step:
        world = world_of_name(arguments.world)
        scenario = read_plain_scenario(arguments.scenario, world)
        at_ms = None if arguments.at is None else hour_ms(arguments.at, scenario)
        step("sampling")
        places = Places.of(arguments.scenario, find_world(arguments.world))
        _, opened, notes = with_hits(scenario, world, places, at_ms)
        step("looking for false redundancy")
        plain = hazard_plain(opened)
        plain["false_redundancy"] = redundancy_plain(world, opened)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    if not opened:
        print("note: no hazard is there.", file=sys.stderr)
    text = outcome_text(plain)
    if arguments.out is None:
        print(text, end="")
        return
    with replacing(arguments.out) as made:
        made.write_text(text, encoding="utf-8")
    print(*hazard_lines(opened), f"Written to {arguments.out}", sep="\n")

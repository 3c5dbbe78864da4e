"""Worlds and outcomes as files of the knowledge graph: Turtle and JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from data.exchange.replacing import replacing
from data.ontology.graph import store_of
from data.ontology.vocabulary import PREFIXES
from models.world import World

_FORMS = {"turtle": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD}


def write_graph(
    world: World, out: Path, form: str, outcome: Mapping[str, Any] | None = None
) -> None:
    """Write the graph of a world, and of an outcome if one is given.

    Parameters
    ----------
    world
        What is written.
    out
        The file.
    form
        ``turtle`` or ``jsonld``.
    outcome
        The plain form of an outcome of the world.
    """
    with replacing(out) as made:
        store_of(world, outcome).dump(
            made, format=_FORMS[form], from_graph=ox.DefaultGraph(), prefixes=dict(PREFIXES)
        )

"""A world of our own tables as a file to import: what it says stays, nothing is inferred anew."""

from __future__ import annotations

import json
from pathlib import Path

from data.importers import archives
from data.importers.options import Options
from data.worlds.base_map import base_files
from data.worlds.formats.geojson import WholeGeoJson
from data.worlds.geopackage import layer_names
from data.worlds.listing import WORLD, world_file
from data.worlds.reader import read_world
from models.imports.staged import LayerReport, Staged
from models.knowledge.rules import Override


class OwnWorld:
    """A folder of tables, its ZIP file, a GeoPackage or GeoJSON file that holds a whole world."""

    def recognises(self, path: Path) -> bool:
        """Tell whether it says which world it is."""
        if path.is_dir():
            return world_file(path) is not None
        if any(name.rsplit("/", 1)[-1] == "world.json" for name in archives.names(path)):
            return path.suffix.lower() == ".zip"
        if path.suffix.lower() == ".gpkg":
            return WORLD in layer_names(path)
        return WholeGeoJson().recognises(path)

    def tables(self, path: Path, options: Options) -> Staged:
        """Return the world as staged tables.

        Parameters
        ----------
        path
            The folder or file.
        options
            Not asked.

        Raises
        ------
        BadInputError
            With every problem of the world.
        """
        world = read_world(path)
        staged = Staged(
            assets=dict(world.assets), links=list(world.links.values()),
            groups=list(world.groups.values()), flows=list(world.flows),
            common_causes=list(world.common_causes.values()),
            service_areas=list(world.service_areas), cells=list(world.cells.values()),
            servings=list(world.servings), ranges=list(world.ranges),
            unknown_needs=list(world.unknown_needs), markings=list(world.markings),
            bbox=world.bbox, snapshot_date=world.snapshot_date, licence=world.licence,
            attribution=world.attribution, sources=list(world.sources),
        )  # fmt: skip
        staged.overrides = [
            Override("skip", "", "", "", asset_id, "", "stated in its world")
            for asset_id in world.assets
        ]
        rows = len(world.assets)
        staged.layers.append(LayerReport(path.name, "world", "assets", rows, rows))
        if path.is_dir():
            for name, body in base_files(path).items():
                features = json.loads(body)["features"]
                staged.base[name] = [json.dumps(f, ensure_ascii=False) for f in features]
        return staged

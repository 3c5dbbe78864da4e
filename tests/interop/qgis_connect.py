"""Run by Debian's Python with PyQGIS: reads collections of OGC API Features.

``qgis_connect.py URL``; the report is one line of JSON.
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsDataSourceUri, QgsVectorLayer

NAMES = ("assets", "links", "dependencies", "outcome")


def read(address, name):
    """Return what QGIS reads of a collection."""
    source = QgsDataSourceUri()
    source.setParam("url", address)
    source.setParam("typename", name)
    source.setParam("pageSize", "100")
    layer = QgsVectorLayer(source.uri(False), name, "OAPIF")
    rows = [feature["id"] for feature in layer.getFeatures()] if layer.isValid() else []
    return {"valid": layer.isValid(), "ids": rows, "columns": layer.fields().names()}


def main():
    """Report, and leave without Qt's own clean-up, which crashes without a screen."""
    application = QgsApplication([], False)
    application.initQgis()
    print(json.dumps({name: read(sys.argv[1], name) for name in NAMES}), flush=True)
    os._exit(0)


main()

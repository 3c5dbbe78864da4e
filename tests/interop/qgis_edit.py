"""Run by Debian's Python with PyQGIS: opens a GeoPackage, reports what it sees, edits a cell.

``qgis_edit.py FILE LAYER KEY=VALUE COLUMN=VALUE``; the report is one line of JSON.
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsVectorLayer

NAMES = ("assets", "links", "people", "dependencies")


def report(path):
    """Return what QGIS makes of each layer."""
    seen = {}
    for name in NAMES:
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        fields = layer.fields()
        widgets = {
            fields.at(place).name(): layer.editorWidgetSetup(place).type()
            for place in range(fields.count())
        }
        renderer = layer.renderer()
        seen[name] = {
            "valid": layer.isValid(),
            "rows": layer.featureCount(),
            "widgets": widgets,
            "renderer": renderer.type() if renderer else None,
            "legend": [item.label() for item in renderer.legendSymbolItems()] if renderer else [],
            "labels": layer.labelsEnabled(),
        }
    return seen


def edit(path, name, key, change):
    """Set one cell as a user does: start editing, change, save."""
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    column, value = change.split("=", 1)
    which, what = key.split("=", 1)
    layer.startEditing()
    place = layer.fields().indexOf(column)
    rows = [f.id() for f in layer.getFeatures() if f[which] == what]
    done = all(layer.changeAttributeValue(row, place, float(value)) for row in rows)
    return len(rows) if done and layer.commitChanges() else 0


def main():
    """Report, edit, and leave without Qt's own clean-up, which crashes without a screen."""
    application = QgsApplication([], False)
    application.initQgis()
    path, name, key, change = sys.argv[1:]
    seen = report(path)
    print(json.dumps({"layers": seen, "edited": edit(path, name, key, change)}), flush=True)
    os._exit(0)


main()

"""Every component id that the server puts on the page, once.

Stores carry values between browser and server (``docs/reference/page.md``). Regions are parts of
the page that are filled later: by the server through callbacks, or by scripts by id.
Parts that only scripts make have their ids in ``assets/``.
"""

from __future__ import annotations

# -- stores ---------------------------------------------------------------------------------
SCENARIO = "scenario"
LISTS = "lists"
BESIDE = "beside"
SHOWN = "shown"
ACTION = "action"
PICTURE = "picture"
SELECTION = "selection"
CLOCK = "clock"
MESSAGE = "message"

# -- the page's frame -----------------------------------------------------------------------
LOCATION = "location"
PAGE = "page"
HEADER = "header"
LEFT = "left"
CENTRE = "centre"
RIGHT = "right"
FOOT = "foot"
NOTICES = "notices"
LIVE = "live-region"
CONNECTION = "connection"

# -- header ---------------------------------------------------------------------------------
LANGUAGE = "language"
TITLE = "scenario-title"
SAVED = "saved-state"
TOGETHER = "together"
THEME = "theme-button"
ME_BUTTON = "me-button"
SHARE_BUTTON = "share-button"
HELP_BUTTON = "help-button"
BRIEF_DIALOG = "brief-dialog"
IMPORT = "import"
IMPORT_BUTTON = "import-button"
LEFT_BUTTON = "left-drawer-button"
RIGHT_BUTTON = "right-drawer-button"

# -- left -----------------------------------------------------------------------------------
SECTORS = "sectors"
FILE_NOTES = "file-notes"
UNKNOWN_NOTE = "unknown-note"
UNKNOWN_NEEDS = "unknown-needs"

# -- centre ---------------------------------------------------------------------------------
VIEWS = "views"
MAP = "map"
MAP_PANE = "map-pane"
GRAPH_PANE = "graph-pane"
GRAPH = "dependency-graph"
LIST_PANE = "list-pane"
ASSET_LIST = "asset-list"
ASSET_LIST_PLACE = "asset-list-place"
WEAK_PANE = "weak-pane"
WEAK_LIST = "weak-list"
WEAK_LIST_PLACE = "weak-list-place"
COMPARE_PANE = "compare-pane"
EXERCISE_PANE = "exercise-pane"
SEARCH = "search"
MAP_TOOLS = "map-tools"
ASSET_CARD = "asset-card"
CHIP = "selection-chip"
LEGEND = "legend"
CREDIT = "credit"

# -- right ----------------------------------------------------------------------------------
PEOPLE = "people"
NEXT_LOSSES = "next-losses"
DEADLOCKS = "deadlocks"
WHY = "why"

# -- inside the panels that the server renders ------------------------------------------------
HAPPENINGS_LIST = "happenings-list"
OPTIONS_LIST = "options-list"
UNDO = "undo"
REDO = "redo"
ADD_BUTTON = "add-button"
ADD_DIALOG = "add-dialog"
ADD_THING = "add-thing"
THING_NAMES = "thing-names"
TITLE_INPUT = "title-input"
PEOPLE_LACKING = "people-lacking"
SEWAGE_SPILLED = "sewage-spilled"
PEOPLE_WHERE = "people-where"
PEOPLE_ROWS = "people-rows"
SPECIAL_USERS = "special-users"
WHY_BODY = "why-body"
WHY_SAVED = "why-saved"
GRAPH_MODE = "graph-mode"
GRAPH_STEPS = "graph-steps"
GRAPH_NOTE = "graph-note"

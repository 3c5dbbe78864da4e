"""The application as somebody sees it who looks on and may see only what is CLEAR."""

import sys

import app
from api import door
from models.access import Who

READER = Who("reader", "Reader", "observer", frozenset(), "CLEAR")

if __name__ == "__main__":
    door.LOCAL_USER = READER
    sys.exit(app.main())

"""Answers to the page as callback outputs, and messages."""

from __future__ import annotations

import logging
import time
from typing import Any

import dash
from dash import no_update

from layouts import ids
from layouts.feed.payloads.panels import Message
from models.errors import KnockOnError
from models.wording import _
from usecases.editing.write import Answer
from usecases.redaction import text_of

_LOG = logging.getLogger("knockon")


def message(text: str, kind: str = "error") -> Message:
    """Return the payload of the message store; equal texts still count as a change."""
    return {"text": text, "kind": kind, "nonce": time.monotonic_ns()}


def as_outputs(answer: Answer) -> tuple[Any, Any, Any, Any]:
    """Return an answer as SCENARIO, PICTURE, BESIDE, MESSAGE."""
    return (
        no_update if answer.scenario is None else answer.scenario,
        no_update if answer.picture is None else answer.picture,
        _beside(answer),
        message(answer.text, answer.kind) if answer.text else no_update,
    )


def _beside(answer: Answer) -> Any:
    """Return the panels with their revision: the page shows them after the map."""
    if answer.scenario is None or answer.panels is None:
        return no_update
    panels = answer.panels
    return {
        "id": answer.scenario["id"],
        "rev": answer.scenario["rev"],
        "happenings": panels.happenings,
        "undo": panels.can_undo,
        "redo": panels.can_redo,
        "options": panels.options,
    }


def say_what_went_wrong(error: Exception) -> None:
    """Turn an error that a callback did not handle into a message; the log gets the details.

    Returning nothing leaves all outputs of that callback as they were.
    """
    if isinstance(error, KnockOnError):
        text = text_of(error)
    else:
        _LOG.error("a callback failed", exc_info=error)
        text = _(
            "Something went wrong on the server. Nothing in your scenario was lost. Try again."
        )
    dash.set_props(ids.MESSAGE, {"data": message(text)})

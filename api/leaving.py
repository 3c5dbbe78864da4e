"""HTTP for files about the shown scenario, and for the comparison of futures."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, Request, Response
from pydantic import Field

from api.forms import problem, read, takes
from api.screenings import ScreeningForm, answer
from models.errors import KnockOnError
from usecases.comparing import Comparing
from usecases.leaving import Leaving
from usecases.redaction import text_of

_Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_:.-]{1,140}$")]
_Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
_Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class _Order(ScreeningForm):
    kind: Literal["pdf", "html", "png", "svg", "mail", "geojson", "gpkg", "csv", "cap"]
    label: Literal[
        "", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"
    ] = ""  # fmt: skip
    status: Literal["Actual", "Exercise", "System", "Test", "Draft"] = "Exercise"
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"] = "Unknown"
    severity: Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"] = "Unknown"
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"] = "Unknown"
    sender: Annotated[str, Field(pattern=r"^[!-~]{1,80}$")] = "knock-on"
    polygon: Annotated[tuple[tuple[_Lon, _Lat], ...], Field(max_length=200, strict=False)] = ()


class _Choices(ScreeningForm):
    pass


class _Compare(ScreeningForm):
    keys: Annotated[list[_Key], Field(min_length=2, max_length=6)]


def register(server: FastAPI, leaving: Leaving, comparing: Comparing) -> None:
    """Connect the addresses."""

    @server.post("/api/files", openapi_extra=takes(_Order))
    async def file(request: Request) -> Response:
        payload = await read(request, _Order)
        if isinstance(payload, Response):
            return payload
        return await _sent(leaving, payload)

    @server.post("/api/comparisons/choices", openapi_extra=takes(_Choices))
    async def choices(request: Request) -> Response:
        payload = await read(request, _Choices)
        if isinstance(payload, Response):
            return payload
        return await answer(comparing.choices(payload.shown), 200)

    @server.post("/api/comparisons", openapi_extra=takes(_Compare))
    async def compare(request: Request) -> Response:
        payload = await read(request, _Compare)
        if isinstance(payload, Response):
            return payload
        return await answer(comparing.compare(payload.shown, payload.keys), 200)


async def _sent(leaving: Leaving, order: _Order) -> Response:
    warn = {
        name: getattr(order, name)
        for name in ("status", "urgency", "severity", "certainty", "sender", "polygon")
    }
    try:
        made = await leaving.make(order.shown, order.at_ms, order.kind, order.label, warn)
    except KnockOnError as error:
        return problem(text_of(error), 409)
    headers = {
        "Content-Disposition": f'attachment; filename="{made.name}"',
        "Cache-Control": "no-store",
        # an HTML briefing opened here must not run anything, even if a name contains markup
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(made.body, media_type=made.media_type, headers=headers)

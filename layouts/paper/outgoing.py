"""Kinds of exported files about one run at one hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from layouts.paper.briefing import briefing, mail_list
from layouts.paper.situation_map import Base
from layouts.paper.subject import Subject
from models.explain.helping import Help, helps
from models.impact.cells import cell_courses, moment_at
from models.impact.comparison import Figures, figures, options_of, without_help
from models.outcome import Outcome
from models.papers.alert import Alert, Certainty, Severity, Status, Urgency, around, over_cells
from models.papers.briefing import Briefing, cut
from models.scenario import Scenario
from models.units import hours_text
from models.wording import N_, _, day, spoken
from models.world import Cell, World


class Papers(Protocol):
    """Writers of the files; sent to workers, so it must be picklable."""

    def base(self) -> Base:
        """Return the base map's features by layer."""

    def run_id(self, world: World, scenario: Scenario) -> str:
        """Return the id of a run."""

    def briefing(self, made: Briefing, form: str) -> bytes:
        """Write a briefing as ``pdf`` or ``html``."""

    def picture(self, svg: str) -> bytes:
        """Write a drawing as PNG."""

    def alert(self, made: Alert) -> bytes:
        """Write a warning as CAP 1.2."""

    def outcome(self, world: World, scenario: Scenario, outcome: Outcome, form: str) -> bytes:
        """Write an outcome as ``geojson``, ``gpkg`` or ``csv``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: suffix, media type, label."""

    ending: str
    media_type: str
    label: str


KINDS: Mapping[str, Kind] = {
    "pdf": Kind("briefing.pdf", "application/pdf", N_("Briefing, PDF")),
    "html": Kind("briefing.html", "text/html; charset=utf-8", N_("Briefing, HTML")),
    "png": Kind("map.png", "image/png", N_("Map, PNG")),
    "svg": Kind("map.svg", "image/svg+xml", N_("Map, SVG")),
    "mail": Kind(
        "mail.txt", "text/plain; charset=utf-8", N_("Who loses what when, text for a mail")
    ),
    "geojson": Kind("outcome.geojson", "application/geo+json", N_("Outcome, GeoJSON")),
    "gpkg": Kind("outcome.gpkg", "application/geopackage+sqlite3", N_("Outcome, GeoPackage")),
    "csv": Kind("outcome-csv.zip", "application/zip", N_("Outcome, CSV with its licence")),
    "cap": Kind("warning.cap.xml", "application/cap+xml", N_("Warning, CAP 1.2")),
}


@dataclass(frozen=True, slots=True)
class Warn:
    """A user's decisions about a warning; ``sent`` is a time with its offset."""

    sent: str
    sender: str = "knock-on"
    status: Status = "Exercise"
    urgency: Urgency = "Unknown"
    severity: Severity = "Unknown"
    certainty: Certainty = "Unknown"
    #: a closed ring of (lon, lat); empty: where people lack something at the hour, or, where no
    #: cell of people is known, around everything that is lost
    polygon: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Order:
    """An order of files: the run's subject, the options to compare it with, the warning."""

    subject: Subject
    papers: Papers
    warn: Warn
    others: Sequence[tuple[str, Scenario]] = ()
    #: cached while several kinds are made from one order
    _kept: dict[str, Any] = field(default_factory=dict)

    def made(self, kind: str) -> bytes:
        """Return one kind of file."""
        subject, papers = self.subject, self.papers
        if kind in ("pdf", "html"):
            return papers.briefing(self._briefing(), kind)
        if kind == "png":
            return papers.picture(subject.map(papers.base()))
        if kind == "svg":
            return subject.map(papers.base()).encode()
        if kind == "mail":
            return mail_list(subject).encode()
        if kind == "cap":
            return papers.alert(alert(subject, self.warn))
        return papers.outcome(subject.world, subject.scenario, subject.outcome, kind)

    def _briefing(self) -> Briefing:
        if "briefing" not in self._kept:
            base = self.papers.base()
            self._kept["briefing"] = briefing(self.subject, base, self._helps(), self._options())
        made: Briefing = self._kept["briefing"]
        return made

    def _helps(self) -> tuple[Help, ...]:
        subject, labels = self.subject, self.subject.labels
        types, is_possible = labels.special_types, labels.is_possible
        return helps(
            subject.world, subject.scenario, subject.outcome, subject.at_ms, types, is_possible
        )

    def _options(self) -> list[tuple[str, Figures]]:
        """Return the figures of all options; a single one is compared with doing nothing."""
        named = list(self.others)
        bare = without_help(self.subject.scenario)
        if not named and bare != self.subject.scenario:
            named = [
                (_("As briefed"), self.subject.scenario),
                (_("Without measures and repairs"), bare),
            ]
        world, types = self.subject.world, self.subject.labels.special_types
        return [(option.name, figures(world, option, types)) for option in options_of(world, named)]


def made_words(at: datetime) -> str:
    """Return the time of creation in words: ``made 3 February 2026, 14:05 UTC``."""
    made_on = day(at.date().isoformat(), "long")
    return _("made {day}, {time} UTC").format(day=made_on, time=f"{at:%H:%M}")


def alert(subject: Subject, warn: Warn) -> Alert:
    """Return the warning of one run at one hour: codes of the standard, texts as spoken."""
    cells = () if warn.polygon else _cells_lacking(subject)
    texts = _warning_texts(subject, warn, over_people=bool(cells))
    return Alert(
        # a new message each time, even about the same run
        identifier=f"knock-on-{subject.run_id}-{subject.at_ms // 60_000}-{_digits(warn.sent)}",
        sender=warn.sender,
        sent=warn.sent,
        status=warn.status,
        urgency=warn.urgency,
        severity=warn.severity,
        certainty=warn.certainty,
        polygons=over_cells(cells) if cells else (warn.polygon or _around_lost(subject),),
        restriction=subject.label,
        run_id=subject.run_id,
        language=spoken().code,
        **texts,
    )


def _cells_lacking(subject: Subject) -> tuple[Cell, ...]:
    """Return the cells where anybody lacks something at the hour."""
    courses = cell_courses(subject.world, subject.outcome)
    cells = subject.world.cells
    lacking = (c for c, course in courses.items() if moment_at(course, subject.at_ms).part > 0.0)
    return tuple(cells[cell_id] for cell_id in lacking if cells[cell_id].people)


def _around_lost(subject: Subject) -> tuple[tuple[float, float], ...]:
    lost = [a for a, s in subject.situation.states.items() if s not in ("unknown", "backup")]
    return around(subject.world, lost)


def _warning_texts(subject: Subject, warn: Warn, *, over_people: bool) -> dict[str, str]:
    """Return the texts of a warning to the public."""
    exercise = warn.status == "Exercise"
    lead = " ".join([*([_("This is an exercise.")] if exercise else []), subject.lead])
    hour = _("Hour {at} of the scenario '{title}'. A model's result.").format(
        at=hours_text(subject.at_ms), title=subject.title
    )
    area = _("{region}: area as drawn") if warn.polygon else _("{region}: around what is lost")
    if over_people:
        area = _("{region}: where people lack something")
    return {
        "event": _("Infrastructure failure"),
        "headline": cut(lead, 160),
        "description": cut(f"{lead} {hour}", 900),
        "area": cut(area.format(region=subject.world.title), 160),
        "note": _("Exercise, made with Knock-on.") if exercise else _("Made with Knock-on."),
    }


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())

"""*What happens*: the scenario's events in time order, and everything that changes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, cast

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.feed.payloads.panels import EventRow
from layouts.feed.payloads.scenario import PlainEvent
from layouts.panels.hazards import hazard_button, hazard_kinds
from layouts.panels.options import options_panel
from layouts.parts import acting, extra, hour, opening, sentence
from layouts.words import Labels, event_words, lower_first, measure_words
from models.access import LOCAL_USER, Who
from models.rights.permission import may_touch
from models.scenario import EVENT_KINDS, Event, EventField, Measure, Scenario
from models.wording import _, number
from models.world import World

HORIZONS_H = (24, 48, 72, 168, 336)


class Ready(Protocol):
    """A ready scenario, as the menu needs it."""

    @property
    def name(self) -> str:
        """Its name for the action that opens it."""

    @property
    def label(self) -> str:
        """The kind of scenario."""

    @property
    def title(self) -> str:
        """What people call it."""


def happenings(world: World, labels: Labels, ready: Sequence[Ready]) -> Component:
    """Return the panel: heading with undo and redo, the list, adding, ready scenarios, settings."""
    return html.Section(
        [
            _heading(),
            html.Div(id=ids.HAPPENINGS_LIST),
            options_panel(),
            _ready_menu(ready),
            _add_dialog(world, labels),
        ],
        className="panel happenings",
        **extra({"aria-labelledby": "happenings-title"}),
    )


def _heading() -> Component:
    return html.Header(
        [
            html.H2(_("What happens"), id="happenings-title"),
            html.Span(
                [
                    acting(
                        "↶", {"do": "undo"}, id=ids.UNDO, title=_("Undo (Ctrl Z)"), disabled=True
                    ),
                    acting("↷", {"do": "redo"}, id=ids.REDO, title=_("Redo"), disabled=True),
                ],
                className="undo-redo",
            ),
        ],
        className="panel-heading",
    )


def _ready_menu(ready: Sequence[Ready]) -> Component:
    entries = [
        html.Li(
            acting(
                [
                    html.Span(item.title.removesuffix(f" ({item.label})")),
                    html.Span(_(item.label), className="tag"),
                ],
                {"do": "open_ready", "name": item.name},
                className="ready-entry",
            )
        )
        for item in ready
    ]
    if not entries:
        return html.Div()
    return html.Details(
        [html.Summary(_("Ready scenarios")), html.Ul(entries, className="ready-list")],
        className="ready",
    )


# ------------------------------------------------------------------ the list


def happenings_list(
    world: World, scenario: Scenario, labels: Labels, who: Who = LOCAL_USER
) -> Component:
    """Return the events and measures of one revision, each with the controls for ``who``."""
    adds = opening(_("+ Add what happens…"), ids.ADD_DIALOG, className="wide", id=ids.ADD_BUTTON)
    return html.Div(
        [
            _events(world, scenario, labels, who),
            adds if who.may_change else None,
            hazard_button(world, labels) if who.leads else None,
            _measures(world, scenario, labels, who),
            _settings(scenario) if who.leads else None,
        ]
    )


def _events(world: World, scenario: Scenario, labels: Labels, who: Who) -> Component:
    if not scenario.events and not who.may_change:
        return html.P(_("Nothing yet."), className="empty")
    if not scenario.events:
        return html.P(
            sentence(
                _(
                    "Nothing yet. Click something on the map and knock it out, or add an event "
                    "here{more}."
                ),
                # not every world has some: the style hides this where there is no menu of them
                more=html.Span(_(", or open a ready scenario"), className="if-ready"),
            ),
            className="empty",
        )
    rows = event_rows(world, scenario, labels, who)
    return html.Div(**extra({"data-events": json.dumps(rows, ensure_ascii=False)}))


def event_rows(world: World, scenario: Scenario, labels: Labels, who: Who) -> list[EventRow]:
    """Return the events in words, by their hour.

    Parameters
    ----------
    world
        The world as the user may see it.
    scenario
        The scenario as the user may see it.
    labels
        The page's words.
    who
        The user.
    """
    order = sorted(range(len(scenario.events)), key=lambda i: (scenario.events[i].at_h, i))
    return [_event(world, i, scenario.events[i], labels, who) for i in order]


def _event(world: World, index: int, event: Event, labels: Labels, who: Who) -> EventRow:
    """Return one event in words; ``page/panels/events.js`` makes the row, and the form behind it.

    A component for each button and field of hundreds of events would cost the browser seconds.
    Only users who may change the event get ``event``. Of a hidden event they get the hour alone.
    """
    words = event_words(world, event, labels)
    row: EventRow = {
        "hour": hour(event.at_h),
        "who": words.who,
        "verb": words.verb,
        "do": "unseen" if event.unseen else event.do,
        "index": index,
    }
    if event.unseen:
        return row
    row["detail"] = words.detail
    if event.asset:
        row["asset"] = event.asset
    if event.link is not None and event.link in world.links:
        row["line"] = event.link
    if may_touch(who, world, _plain(event)) and who.may_change:
        row["event"] = _plain(event)
    return row


# ------------------------------------------------------- measures, settings


def _measures(world: World, scenario: Scenario, labels: Labels, who: Who) -> Component:
    if not scenario.measures:
        return html.Div()
    return html.Div(
        [
            html.H3(_("Measures")),
            html.Ul(
                [
                    _measure(world, i, measure, labels, who)
                    for i, measure in enumerate(scenario.measures)
                ],
                className="measures",
            ),
        ]
    )


def _measure(world: World, index: int, measure: Measure, labels: Labels, who: Who) -> Component:
    text = measure_words(world, measure, labels)
    if measure.unseen:
        return html.Li(html.Span(text))
    named = {"asset": measure.asset, "supplier": measure.supplier}
    mine = may_touch(who, world, named) and who.may_change
    return html.Li(
        [
            html.Span(measure_words(world, replace(measure, cost_eur=None), labels)),
            _cost(index, measure) if mine else html.Span(_euros(measure)),
            acting(
                "×",
                {"do": "remove_measure", "index": index},
                title=_("Remove: {what}").format(what=text),
                **extra({"aria-label": _("Remove: {what}").format(what=text)}),
                className="quiet",
            )
            if mine
            else None,
        ]
    )


def _euros(measure: Measure) -> str:
    return f"{number(measure.cost_eur)} €" if measure.cost_eur is not None else ""


def _cost(index: int, measure: Measure) -> Component:
    """Return the field for the cost of a measure, for users who may change it."""
    return html.Form(
        _number("cost_eur", measure.cost_eur, hint=_("cost, €"), most=1e12),
        className="measure-cost",
        title=_("Cost in euros, for the comparison of options; press Enter to save"),
        **extra({"data-cost": str(index)}),
    )


def _settings(scenario: Scenario) -> Component:
    horizons = {f"{h:g}": hour(h) for h in sorted({*HORIZONS_H, scenario.horizon_h})}
    repairs = {"none": _("only those listed"), "typical": _("each after its typical time")}
    return html.Details(
        [
            html.Summary(_("Title, horizon, repairs")),
            html.Form(
                [
                    _field(
                        _("Title"),
                        dcc.Input(
                            name="title",
                            type="text",
                            value=scenario.title,
                            maxLength=120,
                            id=ids.TITLE_INPUT,
                            placeholder=_("Untitled"),
                            autoComplete="off",
                        ),
                    ),
                    _field(
                        _("Horizon"),
                        _select("horizon_h", horizons, f"{scenario.horizon_h:g}"),
                    ),
                    _field(_("Repairs"), _select("repairs", repairs, scenario.repairs)),
                    html.Button(_("Apply"), type="submit", className="wide"),
                ],
                **extra({"data-settings": "1"}),
                className="stack",
            ),
        ],
        className="settings",
    )


# ------------------------------------------------------------ the add dialog

#: Kinds of events that forms offer: those that happen to one thing.
_OFFERED = {do: kind for do, kind in EVENT_KINDS.items() if kind.things}


def _add_dialog(world: World, labels: Labels) -> Component:
    """Return the dialog; ``page/panels/clicks.js`` reads its form, whose choices follow the kind.

    What can be chosen (assets, lines, common causes) is offered by ``page/map/things.js``. The
    kinds of events are on it for ``page/panels/event_kinds.js``.
    """
    kinds: dict[str, str] = {do: _(kind.label) for do, kind in _OFFERED.items()}
    return html.Dialog(
        [
            html.H2(_("What happens?"), id="add-title"),
            html.Form(
                [
                    _field(_("What"), _select("do", kinds, "fail")),
                    _field(
                        _("Which asset or line"),
                        dcc.Input(
                            name="thing",
                            type="text",
                            list=ids.THING_NAMES,
                            required=True,
                            placeholder=_("Type a part of its name"),
                            autoComplete="off",
                            id=ids.ADD_THING,
                        ),
                    ),
                    html.Datalist(id=ids.THING_NAMES),
                    _field(_("At hour"), _number("at_h", 0, required=True)),
                    *_kind_fields(world, labels),
                    html.P(className="form-problem", role="alert"),
                    html.Div(
                        [
                            html.Button(_("Cancel"), type="button", **extra({"data-close": "1"})),
                            html.Button(_("Add"), type="submit", className="primary"),
                        ],
                        className="dialog-buttons",
                    ),
                ],
                **extra({"data-add": "1"}),
                className="stack",
            ),
        ],
        id=ids.ADD_DIALOG,
        **extra(
            {
                "aria-labelledby": "add-title",
                "data-event-kinds": _event_kinds(),
                "data-hazard-kinds": json.dumps(hazard_kinds(), ensure_ascii=False),
            }
        ),
    )


def _kind_fields(world: World, labels: Labels) -> list[Component]:
    """Return the fields that only some kinds of events have."""
    fields = {field.name: field for kind in _OFFERED.values() for field in kind.fields}
    of = {
        name: " ".join(do for do, kind in _OFFERED.items() if field in kind.fields)
        for name, field in fields.items()
    }
    return [
        _when(of[name], _(field.label), _control(field, world, labels))
        for name, field in fields.items()
    ]


def _control(field: EventField, world: World, labels: Labels) -> Component:
    if field.unit == "service":
        served = sorted({group.service for group in world.groups.values()})
        return _select(field.name, {s: labels.service(s) for s in served}, None)
    if field.unit == "share":
        return _percent(f"{field.name}_percent", field.start)
    return _number(field.name, field.start, hint=_said(field.empty))


def _event_kinds() -> str:
    """Return the kinds of events for the forms of the page, in the language that is spoken."""
    kinds = {
        do: {
            "label": _(kind.label),
            "lines": "link" in kind.things,
            "refusal": _said(kind.refusal),
            "fields": [
                {
                    "name": field.name,
                    "unit": field.unit,
                    "label": _(field.label),
                    "start": field.start,
                    "required": field.required,
                    "empty": _said(field.empty),
                    "missing": _said(field.missing),
                }
                for field in kind.fields
            ],
        }
        for do, kind in _OFFERED.items()
    }
    return json.dumps(kinds, ensure_ascii=False)


def _said(text: str) -> str:
    """Return a marked text in the language that is spoken; nothing stays nothing."""
    return _(text) if text else ""


# --------------------------------------------------------------- form parts


def _field(label: str, control: Component) -> Component:
    return html.Label([html.Span(label), control], className="field")


def _when(kinds: str, label: str, control: Component) -> Component:
    """Return a field that shows only while the form's kind is one of these."""
    return html.Label([html.Span(label), control], className="field", **extra({"data-when": kinds}))


def _percent(name: str, share: float | None) -> Component:
    """Return a field for a share; the page keeps the exact one if unchanged."""
    return _number(name, None if share is None else round(100 * share, 4), most=100)


def _number(
    name: str,
    value: float | None,
    *,
    required: bool = False,
    hint: str = "",
    most: float | None = None,
) -> Component:
    return dcc.Input(
        name=name,
        type="number",
        value=value,
        min=0,
        max=most,
        step="any",
        required=required,
        placeholder=hint,
        autoComplete="off",
    )


def _select(name: str, options: Mapping[str, str], value: str | None) -> Component:
    """Return a native select: dcc has none that a form can read."""
    return html.Select(
        [
            html.Option(lower_first(label), value=key, selected=key == value)
            for key, label in options.items()
        ],
        name=name,
        key=f"{name}-{value}",
    )


def _plain(event: Event) -> PlainEvent:
    (held,) = Scenario(world="", events=(event,)).to_dict()["events"]
    return cast("PlainEvent", held)

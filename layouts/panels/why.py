"""*Why*: a sentence, the chain behind it, savings, and the sources of each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import acting, extra, selecting, sentence
from layouts.words import (
    Labels,
    basis_of,
    basis_words,
    confidence_words,
    link_label,
    lower_first,
)
from models.explain.savings import Saving
from models.explain.why import ChainStep, Explanation, store_words
from models.rights.need_to_know import covered
from models.scenario import Event, Measure, Scenario
from models.units import hours_text, to_ms
from models.wording import _
from models.world import Group, World


def why_shell() -> Component:
    """Return the panel before anything is selected."""
    return html.Section(
        [
            html.Div(why_nothing(), id=ids.WHY_BODY),
            html.Div(id=ids.WHY_SAVED),
        ],
        className="panel why",
        **extra({"aria-label": _("Why"), "aria-live": "polite"}),
    )


def why_nothing() -> list[Component]:
    """Return the panel without a selection."""
    return [
        html.H2(_("Why")),
        html.P(
            _(
                "Select an asset on the map, in the graph or in a list to see why it "
                "is lost, or what it depends on."
            ),
            className="empty",
        ),
    ]


def why_problem(world: World, asset_id: str, problem: str) -> list[Component]:
    """Return the panel with an error instead of a reason."""
    return [_title(world, asset_id), html.P(problem, className="problem")]


def why_asset(world: World, explanation: Explanation, labels: Labels) -> list[Component]:
    """Return the sentence, the chain, and the grounds of each step."""
    asset_id = explanation.asset
    return [
        _title(world, asset_id),
        html.P(explanation.sentence, className="why-sentence"),
        _chain(world, explanation.chain, asset_id, labels),
        _grounds(world, explanation.chain, labels) if explanation.chain else html.Div(),
        _needs(world, asset_id, labels),
    ]


def _title(world: World, asset_id: str) -> Component:
    return html.H2(sentence(_("Why · {name}"), name=html.Span(world.label(asset_id))))


# ------------------------------------------------------------------ the chain


def _chain(world: World, chain: Sequence[ChainStep], asset_id: str, labels: Labels) -> Component:
    if not chain:
        return html.Div()
    return html.Ol(
        [html.Li(_chip(world, s, asset_id, labels)) for s in chain if not _is_nameless(world, s)],
        className="chain",
        **extra({"aria-label": _("From the beginning to this asset")}),
    )


def _is_nameless(world: World, step: ChainStep) -> bool:
    """Whether a step is at a point that only joins lines: its id would explain nothing."""
    asset = None if step.link or step.asset is None else world.assets[step.asset]
    return asset is not None and asset.is_junction and not asset.name


def _chip(world: World, step: ChainStep, asset_id: str, labels: Labels) -> Component:
    hour = html.Span(hours_text(step.t_ms), className="chip-hour")
    if step.unseen:
        return html.Span([covered(step.unseen), hour], className="chip chip-line")
    words = _("{what} at {at}").format(what=_step_words(step, labels), at=hours_text(step.t_ms))
    if step.asset is None or world.assets[step.asset].is_junction:
        name = link_label(world, step.link) if step.link else world.label(step.asset or "")
        return html.Span([name, hour], className="chip chip-line", title=words)
    here = " chip-here" if step.asset == asset_id else ""
    return selecting(
        [world.label(step.asset), hour], step.asset, className=f"chip{here}", title=words
    )


def _step_words(step: ChainStep, labels: Labels) -> str:
    if step.kind in ("direct", "common-cause"):
        return _("hit")
    service = lower_first(labels.service(step.service)) if step.service else _("supply")
    if step.kind == "autonomy":
        store = store_words(step.group) if step.group else ""
        text = _("{store} for {service} used up") if store else _("for {service} used up")
        return text.format(store=store, service=service)
    return _("lost {service}").format(service=service)


# ---------------------------------------------------------------- the grounds


def _grounds(world: World, chain: Sequence[ChainStep], labels: Labels) -> Component:
    """Return the basis of each step; a user who doubts one finds its rule here."""
    rows = [_ground(world, step, labels) for step in chain if step.group is not None]
    weakest = _weakest([step.group for step in chain if step.group is not None])
    if not rows:
        return html.P(_("Every step is damage stated in the scenario."), className="fine-print")
    return html.Details(
        [html.Summary([_("How we know"), weakest]), html.Ul(rows, className="grounds")],
        className="fine-print",
    )


def _ground(world: World, step: ChainStep, labels: Labels) -> Component:
    group = step.group
    assert group is not None  # noqa: S101  the caller chose only steps with one
    basis = basis_of(group.origin)
    rule = _rule(group, labels) if basis == "inferred" else ""
    return html.Li(
        [
            *sentence(
                _("{who} needs {what}"),
                who=html.Span(world.label(group.consumer_id)),
                what=html.Span(lower_first(labels.service(group.service))),
            ),
            html.Span(basis_words(basis), className=f"tag tag-{basis}"),
            html.Small(
                " · ".join(
                    part
                    for part in (rule, confidence_words(group.confidence), group.source)
                    if part
                )
            ),
        ]
    )


def _rule(group: Group, labels: Labels) -> str:
    text = labels.rules.get(group.origin, "")
    return _("rule {rule}").format(rule=group.origin) + (f" ({text})" if text else "")


def _weakest(groups: Sequence[Group]) -> Component:
    """Return the weakest basis of the chain, which limits the reason's confidence."""
    if any(basis_of(g.origin) == "assumed" for g in groups):
        return html.Span(_("based on an assumption"), className="tag tag-assumed")
    letters = sorted(g.confidence for g in groups if g.confidence)
    if not letters:
        return html.Span()
    worst = _("at worst {confidence}").format(confidence=confidence_words(letters[-1]))
    return html.Span(worst, className="tag")


# ------------------------------------------------------------------ its needs


def _needs(world: World, asset_id: str, labels: Labels) -> Component:
    groups = world.groups_of.get(asset_id, ())
    unknown = [need for need in world.unknown_needs if need.asset_id == asset_id]
    rows = [_need(world, group, labels) for group in groups] + [
        html.Li(
            [
                _("{service}: supplier not known").format(service=labels.service(need.service)),
                html.Span(_("unknown"), className="tag tag-unknown"),
                html.Small(need.note),
            ]
        )
        for need in unknown
    ]
    if not rows:
        return html.P(_("It has no known dependencies."), className="fine-print")
    return html.Details(
        [
            html.Summary(_("What it needs ({n})").format(n=len(rows))),
            html.Ul(rows, className="grounds"),
        ],
        className="fine-print",
    )


def _need(world: World, group: Group, labels: Labels) -> Component:
    unseen = world.unseen.get(group.group_id)
    suppliers: list[Any] = [
        selecting(world.label(supplier.asset_id), supplier.asset_id, className="link")
        for supplier in group.suppliers
        if not world.assets[supplier.asset_id].is_junction
    ]
    if unseen:
        suppliers.append(covered(unseen))
    suppliers = suppliers or [
        _("the {service} network").format(service=lower_first(labels.service(group.service)))
    ]
    what = labels.service(group.service)
    if len(group.suppliers) > 1 and not unseen:
        what = _("{service} (any {k} of {n})").format(
            service=what, k=group.k, n=len(group.suppliers)
        )
    hours = ""
    if group.autonomy_h > 0:
        hours = _("{store} for {hours}").format(
            store=store_words(group) or _("reserve"), hours=hours_text(to_ms(group.autonomy_h))
        )
    basis = basis_of(group.origin)
    return html.Li(
        [
            *sentence(
                _("{what} from {whom}"),
                what=html.Span(what),
                whom=html.Span(_joined(suppliers)),
            ),
            html.Span(basis_words(basis), className=f"tag tag-{basis}"),
            html.Small(hours),
        ]
    )


def _joined(parts: Sequence[Any]) -> list[Any]:
    return [piece for part in parts for piece in (part, " ")]


# ------------------------------------------------------- what would have saved it


def saved_looking() -> list[Component]:
    """Return the placeholder while the savings are computed."""
    return [html.P(_("Searching for what would have prevented it…"), className="fine-print")]


def saved_problem(problem: str) -> list[Component]:
    """Return the message if the savings cannot be computed."""
    return [
        html.P(
            _("The search for what would have prevented it failed: {problem}").format(
                problem=problem
            ),
            className="problem",
        )
    ]


def saved_by(savings: Sequence[Saving]) -> list[Component]:
    """Return the changes that would have kept it, each with a button to apply it."""
    if not savings:
        return []
    return [
        html.H3(_("Would have prevented it")),
        html.Ul([_saving(saving) for saving in savings], className="savings"),
    ]


def _saving(saving: Saving) -> Component:
    text = saving.text
    if saving.until_ms is not None:
        text = _("{what} (until {at})").format(what=text, at=hours_text(saving.until_ms))
    return html.Li(
        [
            html.Span(text),
            acting(
                _("Apply"),
                saving_action(saving),
                **extra({"aria-label": _("Apply: {what}").format(what=text)}),
            ),
        ]
    )


def saving_action(saving: Saving) -> dict[str, Any]:
    """Return the action that makes a saving part of the scenario."""
    if saving.measure is not None:
        return {"do": "add_measure", "measure": _plain(saving.measure)}
    event = _plain(saving.event) if saving.event is not None else {}
    event.pop("asset", None)
    event.pop("link", None)
    assets = [item.asset for item in saving.events if item.asset]
    if event.get("do") == "repair":
        return {**event, "assets": assets, "links": [e.link for e in saving.events if e.link]}
    return {**event, "assets": assets}


def _plain(thing: Event | Measure) -> dict[str, Any]:
    if isinstance(thing, Event):
        return dict(Scenario("", events=(thing,)).to_dict()["events"][0])
    return dict(Scenario("", measures=(thing,)).to_dict()["measures"][0])

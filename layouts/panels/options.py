"""*Options*: the branches of the scenario on show, each one click away; a new one from here."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.parts import acting, extra
from models.wording import N_, _

#: Name of the original option: users cannot change it.
FIRST = N_("Option A")
MAX_NAME = 80


def options_panel() -> Component:
    """Return the panel before anything is saved."""
    return html.Details(
        [
            html.Summary(_("Options")),
            html.Div(options_list([], None), id=ids.OPTIONS_LIST),
        ],
        className="options",
    )


def named(family: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (id, name) of each option; the first gets the default name."""
    taken = {name for _one, name in family}
    first = _(FIRST) if _(FIRST) not in taken else _("Original")
    return [(relative, name or first) for relative, name in family]


def next_name(family: Sequence[tuple[str, str]]) -> str:
    """Return a name that no option has yet, such as Option B."""
    taken = {name for _, name in named(family)}
    letters = (_option(chr(code)) for code in range(ord("B"), ord("Z") + 1))
    return next((name for name in letters if name not in taken), _option(str(len(family) + 1)))


def _option(letter: str) -> str:
    return _("Option {letter}").format(letter=letter)


def options_list(family: Sequence[tuple[str, str]], shown: str | None) -> list[Component]:
    """Return the options of a family, the one on show marked, and the form for a new one."""
    if shown is None:
        return [
            html.P(
                _("Change something first; then try another option from there."), className="empty"
            )
        ]
    rows = [
        _row(relative, name, relative == shown, len(family) > 1) for relative, name in named(family)
    ]
    return [
        html.Ul(rows, className="options-rows"),
        html.Form(
            [
                html.Label(
                    [
                        html.Span(_("Name of the new option"), className="sr-only"),
                        dcc.Input(
                            name="name",
                            value=next_name(family),
                            maxLength=MAX_NAME,
                            required=True,
                        ),
                    ],
                    # a new suggestion is a new field: text typed before is dropped
                    key=next_name(family),
                ),
                html.Button(_("Start from here"), type="submit", className="primary"),
            ],
            className="inline-form options-form",
            **extra({"data-branch": "1"}),
        ),
    ]


def _row(option: str, name: str, here: bool, several: bool) -> Component:
    switch = acting(
        name,
        {"do": "open_option", "id": option},
        className="option-name",
        **extra({"aria-current": "true" if here else "false"}),
    )
    put_away = _("Delete {name}").format(name=name)
    away = html.Button(
        "×",
        type="button",
        title=put_away,
        **extra({"data-option-away": option, "data-name": name, "aria-label": put_away}),
    )
    return html.Li([switch, *([away] if several else [])])

"""The table of the kinds of events, and what is made from it at both doors."""

from typing import get_args

import pytest

from data.documents.scenarios import parse_scenario
from models.errors import BadInputError
from models.scenario import EVENT_KINDS, HARM, HELP, Do, Event
from usecases.editing.actions import apply_action, parse_action


def test_every_kind_of_event_is_in_the_table_and_the_table_is_all_there_is():
    assert set(EVENT_KINDS) == set(get_args(Do)) == HARM | HELP
    assert not HARM & HELP
    values = {"share": 50, "service": "water", "until": "3 h"}
    for kind in EVENT_KINDS.values():
        assert kind.sentence.format(**values)
        assert all(field_.name in Event.__dataclass_fields__ for field_ in kind.fields)
        assert "link" in kind.things or kind.refusal or not kind.things


@pytest.mark.parametrize("do", [do for do, kind in EVENT_KINDS.items() if kind.things])
def test_file_and_page_take_the_same_fields_of_a_kind(tiny_world, do):
    kind = EVENT_KINDS[do]
    values = {"share": 0.5, "h": 9.0, "service": "electricity"}
    content = {field_.name: values[field_.unit] for field_ in kind.fields}
    act = parse_action({"do": do, "assets": ["works"], "at_h": 2.0, **content})
    plain = apply_action(tiny_world, {"world": "tiny"}, act)
    event = {"do": do, "asset": "works", "at_h": 2.0, **content}
    assert plain["events"] == [event]
    assert parse_scenario(plain, tiny_world).events == (Event(**event),)
    for field_ in kind.fields:
        less = {name: value for name, value in content.items() if name != field_.name}
        for form in (
            lambda some: parse_action({"do": do, "assets": ["works"], **some}),
            lambda some: parse_scenario(
                {"world": "tiny", "events": [{"do": do, "asset": "works", "at_h": 2.0, **some}]},
                tiny_world,
            ),
        ):
            if field_.unit != "service":
                with pytest.raises(BadInputError):
                    form({**content, field_.name: field_.high * 1.01})
            if field_.required:
                with pytest.raises(BadInputError):
                    form(less)
            else:
                form(less)
    other = {"to": 0.5, "service": "electricity", "until_h": 9.0}
    for name in other.keys() - content.keys():
        with pytest.raises(BadInputError):
            parse_action({"do": do, "assets": ["works"], **content, name: other[name]})

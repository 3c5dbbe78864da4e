"""Ids in addresses: each has a name of its own that no browser or server changes."""

from posixpath import normpath
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.addresses import address_name, world_address

LETTERS = st.sampled_from("aZ09-_.~/#?%&+ '\"\\äü→٣")
IDS = st.text(LETTERS | st.characters(exclude_categories=("Cs",)), min_size=1)


@given(IDS)
def test_a_name_stays_itself_on_its_way(thing_id):
    name = address_name(thing_id)
    assert quote(name, safe="~") == unquote(name) == name
    assert normpath(f"/api/{name}/x") == f"/api/{name}/x"


@given(IDS, IDS)
def test_two_ids_have_two_names(one, two):
    assert (address_name(one) == address_name(two)) == (one == two)


@pytest.mark.parametrize(
    ("world_id", "address"),
    [
        ("neubrandenburg", "/api/worlds/neubrandenburg"),
        ("v1.2_x-y", "/api/worlds/v1.2_x-y"),
        ("a/b", "/api/worlds/a~2fb"),
        ("..", "/api/worlds/~2e~2e"),
        ("50%20", "/api/worlds/50~2520"),
        ("ü", "/api/worlds/~c3~bc"),
    ],
)
def test_an_address_can_be_read(world_id, address):
    assert world_address(world_id) == address

"""Assets of any name, and several at one place: each is found, selected and kept in the address."""

import pytest

from tests.e2e.board import open_page, selection, wait_for_selection, wait_until, wait_until_usable
from tests.e2e.running import running_app

#: ids that addresses, lists and scripts give a meaning to; the last four stand at one place
IDS = ["UW-1,T2", "UW-1", "a/b#c?d&e=f", "50%25", "DE→FR", "__proto__", "Mu\u0308hle", "A0", "A1",
       "A2", "A3"]  # fmt: skip
ONE_PLACE = IDS[-4:]
NAMES = {"UW-1": "Whole station", "Mu\u0308hle": "Klinik Mu\u0308ller"}


@pytest.fixture(scope="module")
def page(tmp_path_factory, chromium):
    folder = tmp_path_factory.mktemp("names")
    world = folder / "world"
    world.mkdir()
    (world / "world.json").write_text('{"id": "a/b#c?", "title": "Names"}', encoding="utf-8")
    lon = {
        item_id: 13.2 if item_id in ONE_PLACE else 13.3 + n / 50 for n, item_id in enumerate(IDS)
    }
    rows = [
        f'"{item_id}",{NAMES.get(item_id, "")},hospital,health,{lon[item_id]},53.5'
        for item_id in IDS
    ]
    text = "\n".join(["asset_id,name,asset_type,sector,lon,lat", *rows])
    (world / "assets.csv").write_text(text, encoding="utf-8")
    with running_app(folder, KNOCKON_WORLD=str(world)) as app:
        context = chromium.new_context(
            base_url=app.address, viewport={"width": 1440, "height": 900}
        )
        context.add_init_script("try { localStorage.setItem('knockon-tour', 'done'); } catch {}")
        page = context.new_page()
        open_page(page)
        yield page
        context.close()


@pytest.mark.parametrize("asset", IDS)
def test_an_address_keeps_the_selection_whatever_the_id(page, asset):
    page.evaluate("id => knockon.select([id, 'A0'], 'map')", asset)
    wait_until(page, "location.search.includes('sel=')")
    page.wait_for_timeout(500)
    page.reload()
    wait_until_usable(page, 45)
    assert selection(page)[0] == asset


def test_a_name_in_decomposed_letters_and_an_id_are_found(page):
    search = "t => knockon.found(t, 10).found.map(hit => hit.id)"
    assert page.evaluate(search, "m\u00fcller") == ["Mu\u0308hle"]
    assert page.evaluate(search, "UW-1")[0] == "UW-1"
    assert page.evaluate("t => knockon.thingNamed(t).id", "M\u00fchle") == "Mu\u0308hle"
    assert page.evaluate("t => knockon.thingNamed(t).id", "Whole station \u00b7 UW-1") == "UW-1"


def test_a_click_again_reaches_the_next_asset_at_the_same_place(page):
    page.evaluate("knockon.select([], 'map')")
    box = page.locator(".maplibregl-canvas").first.bounding_box()
    x, y = page.evaluate("knockon.screenOf(knockon.world.index.get('A0'))")
    reached = []
    for _ in range(5):
        before = selection(page)
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_function("b => String(knockon.selection) !== b", arg=",".join(before))
        reached += selection(page)
    assert set(reached[:4]) == set(ONE_PLACE)
    assert reached[4] == reached[0]
    assert "4 assets are at this place" in page.locator("#asset-card").inner_text()
    page.locator("#asset-card").get_by_role("button", name="Select A3").click()
    wait_for_selection(page, "A3")

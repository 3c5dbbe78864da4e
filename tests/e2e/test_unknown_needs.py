"""Somebody asks what the picture does not know."""

from playwright.sync_api import expect

from tests.e2e.board import open_ready


def test_needs_without_a_known_supplier_are_counted_and_lead_to_their_assets(page):
    open_ready(page)
    counted = page.evaluate(
        """() => {
            const found = {};
            for (const asset of knockon.world.assets)
                for (const [service, basis] of asset.needs)
                    if (basis === "unknown") (found[service] ??= []).push(asset.id);
            return found;
        }"""
    )
    assert counted
    panel = page.locator("#unknown-needs")
    total = sum(map(len, counted.values()))
    expect(panel.locator("summary")).to_contain_text(f"{total:,} needs have no known supplier")
    panel.locator("summary").click()
    rows = panel.locator("li")
    expect(rows).to_have_count(len(counted))

    most = max(map(len, counted.values()))
    expect(rows.first).to_contain_text(f"{most:,} asset")
    rows.first.get_by_role("button").click()
    page.wait_for_function(f"knockon.selection.length === {most}")
    chosen = page.evaluate("knockon.selection")
    assert sorted(chosen) in [sorted(ids) for ids in counted.values()]

"""Labels of page and briefing from the knowledge tables, for app and commands."""

from __future__ import annotations

from data.knowledge import reader as knowledge
from layouts.words import Labels, ServiceWords, readable


def page_labels() -> Labels:
    """Return the page's words from the knowledge tables."""
    types, rules = knowledge.asset_types().values(), knowledge.rules()
    return Labels(
        services={
            one.service: ServiceWords(one.label, one.people_label, one.unit, one.people_panel)
            for one in knowledge.services().values()
        },
        sectors={one.display_sector: readable(one.display_sector) for one in types},
        types={one.asset_type: one.label for one in types},
        rules={rule.rule_id: rule.note for rule in rules},
        special_types=frozenset(one.asset_type for one in types if one.special_user),
        feeder_types=frozenset(one.asset_type for one in types if one.can_feed),
        is_possible=knowledge.measures(),
    )

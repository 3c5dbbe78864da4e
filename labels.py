"""Labels of page and briefing from the knowledge tables, for app and commands."""

from __future__ import annotations

from data.knowledge import reader as knowledge
from layouts.words import Labels, ServiceWords, readable


def page_labels() -> Labels:
    """Return the page's words from the knowledge tables."""
    types, rules = knowledge.asset_types().values(), knowledge.rules()
    return Labels(
        services={
            service.service: ServiceWords(
                service.label, service.people_label, service.unit, service.people_panel
            )
            for service in knowledge.services().values()
        },
        sectors={kind.display_sector: readable(kind.display_sector) for kind in types},
        types={kind.asset_type: kind.label for kind in types},
        rules={rule.rule_id: rule.note for rule in rules},
        special_types=frozenset(kind.asset_type for kind in types if kind.special_user),
        feeder_types=frozenset(kind.asset_type for kind in types if kind.can_feed),
        is_possible=knowledge.measures(),
    )

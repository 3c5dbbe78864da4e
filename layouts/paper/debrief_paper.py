"""The hot debrief on paper: the same content as its page, made for the writer of briefings.

What fits no paper is cut and said: a decision to its first lines, a list to its first rows. The
table (CSV) has all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layouts.paper.exercise_sheets import VERDICT_WORDS, change, discuss, minute
from models.exercise.debrief import Asked, CourseItem, Debrief, Decision
from models.exercise.predictions import Reveal
from models.papers.briefing import (
    Block,
    Briefing,
    Bullets,
    Numbers,
    Section,
    Table,
    Text,
    cut,
)
from models.units import hours_text, to_ms
from models.wording import _, n_, number, spoken
from models.world import World

#: So many rows of each list are printed at most; so many questions and reveals, and tables in each.
MOST_ROWS, MOST_PARTS, MOST_TABLES = 100, 15, 30
#: Letters of a name, and of a sentence, that stand in a row.
_NAME, _SENTENCE = 60, 300


def debrief_paper(world: World, found: Debrief, label: str = "") -> Briefing:
    """Return the hot debrief of a run; ``label`` is the TLP line of every page."""
    spent = _("{time} h on the exercise clock").format(time=minute(found.minutes))
    takes = n_("{n} take", "{n} takes", found.takes).format(n=number(found.takes))
    return Briefing(
        title=_("Hot debrief: {title}").format(title=cut(found.title, 100)),
        subtitle=f"{cut(world.title, 100)} · {spent} · {takes}",
        label=cut(label, 80),
        sections=(
            _whole(found),
            Section(_("What was decided, and what it changed"), tuple(_decisions(found))),
            Section(_("What was predicted"), tuple(_reveals(world, found.reveals))),
            Section(_("Questions and answers"), tuple(_questions(found))),
            Section(_("Still open"), tuple(_open_points(found.open_points))),
            Section(_("Course of events"), tuple(_course(found))),
        ),
        foot=" · ".join(part for part in (cut(world.attribution, 120), "Knock-on") if part),
        language=spoken().code,
    )


def _whole(found: Debrief) -> Section:
    """Return what the exercise was about, and what its course costs as it stands."""
    blocks: list[Block] = []
    if found.about:
        blocks.append(Text(cut(found.about, 600)))
    n = len(found.decisions)
    decisions = (number(n), n_("decision", "decisions", n))
    if found.toll is None:
        blocks.append(Numbers((decisions,)))
    else:
        hours = (number(found.toll.person_hours), _("person-hours in this course of events"))
        people = (
            number(found.toll.people),
            _("people lack something at the worst moment"),
        )
        blocks.append(Numbers((hours, people, decisions)))
    return Section(_("Overview"), tuple(blocks))


def _rows_of(found: Debrief, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[Block]:
    """Return rows as a table, with the take in front where there are several."""
    several = found.takes > 1
    listed = [tuple(row if several else row[1:]) for row in rows]
    told = tuple(head if several else head[1:])
    yield Table(_("By the exercise clock"), told, tuple(listed[:MOST_ROWS]))
    yield from _left(len(listed) - MOST_ROWS)


def _left(more: int) -> Iterable[Block]:
    if more > 0:
        text = n_(
            "{n} more row is in the table (CSV).", "{n} more rows are in the table (CSV).", more
        )
        yield Text(text.format(n=number(more)), "note")


# ---------------------------------------------------------------- decisions


def _decisions(found: Debrief) -> Iterable[Block]:
    if not found.decisions:
        none = _("Nothing was decided in the scenario, and no decision was written down.")
        yield Text(none)
        return
    head = (_("Take"), _("Time"), _("Who"), _("Decision"), _("People"), _("Person-hours"))
    yield from _rows_of(found, head, map(_decided, found.decisions))


def _decided(one: Decision) -> tuple[str, ...]:
    told = cut(one.what, _SENTENCE)
    if one.reason:
        why = _("Why: {reason}").format(reason=cut(one.reason, _SENTENCE))
        told = f"{told} – {why}"
    if one.person_hours is None:
        effect = (_("a decision in words"), "")
    else:
        effect = (change(one.people, "people"), change(one.person_hours, "person-hours"))
    return (str(one.take), minute(one.minute), cut(one.who, _NAME), told, *effect)


# -------------------------------------------------------------- predictions


def _reveals(world: World, reveals: Sequence[Reveal]) -> Iterable[Block]:
    if not reveals:
        yield Text(_("No prediction was revealed."))
    for one in reveals[:MOST_PARTS]:
        yield from _reveal(world, one)
    yield from _left(len(reveals) - MOST_PARTS)


def _reveal(world: World, one: Reveal) -> Iterable[Block]:
    since, until = (hours_text(to_ms(h)) for h in (one.window.from_h, one.window.until_h))
    told = _("Hour {since} to {until}").format(since=since, until=until)
    if one.scores:
        head = (_("Who"), _("Hits"), _("Right asset, other time"), _("Did not fail"))
        rows = (
            (cut(s.by, _NAME), *map(number, (s.hits, s.near, s.misses, s.surprises)))
            for s in one.scores[:MOST_TABLES]
        )
        numbers = frozenset({1, 2, 3, 4})
        yield Table(told, (*head, _("Not expected")), tuple(rows), numbers)
        yield from _left(len(one.scores) - MOST_TABLES)
    else:
        yield Text(_("{hours}: nobody predicted anything.").format(hours=told))
    if one.discussion:
        yield Text(_("To discuss:"))
        yield Bullets(
            tuple(
                f"{_(VERDICT_WORDS[judged.verdict])}: {cut(discuss(world, judged), _SENTENCE)}"
                for judged in one.discussion
            )
        )
    else:
        yield Text(_("Nothing to discuss: the participants agreed and were right."))


# ------------------------------------------- questions, what is open, the course


def _questions(found: Debrief) -> Iterable[Block]:
    if not found.questions:
        yield Text(_("No question was asked."))
    for one in found.questions[:MOST_PARTS]:
        yield from _asked(one, several=found.takes > 1)
    yield from _left(len(found.questions) - MOST_PARTS)


def _asked(one: Asked, *, several: bool) -> Iterable[Block]:
    title = cut(one.title, _SENTENCE)
    if several:
        title = _("{title} (take {take})").format(title=title, take=number(one.take))
    if not one.answers:
        yield Text(_("{title}: nobody answered.").format(title=title))
        return
    rows = tuple((cut(who, _NAME), cut(said, _SENTENCE)) for who, said in one.answers[:MOST_TABLES])
    yield Table(title, (_("Who"), _("Answer")), rows)
    yield from _left(len(one.answers) - MOST_TABLES)


def _open_points(points: Sequence[str]) -> Iterable[Block]:
    if not points:
        yield Text(_("Nothing."))
        return
    yield Bullets(tuple(cut(point, _SENTENCE) for point in points[:MOST_ROWS]))
    yield from _left(len(points) - MOST_ROWS)


def _course(found: Debrief) -> Iterable[Block]:
    if found.course:
        head = (_("Take"), _("Time"), _("What"), _("Inject"), _("Person-hours"))
        yield from _rows_of(found, head, map(_stepped, found.course))
    else:
        yield Text(_("No inject was released."))
    yield Text(
        _(
            "People are those who lack something at the worst moment, each counted once; "
            "person-hours run up to the scenario's horizon."
        ),
        "note",
    )


def _stepped(one: CourseItem) -> tuple[str, ...]:
    changed = "" if one.person_hours is None else change(one.person_hours, "person-hours")
    return (str(one.take), minute(one.minute), _(one.what), cut(one.title, _SENTENCE), changed)

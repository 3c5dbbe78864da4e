"""The hot debrief on paper: the same content as its page, as a briefing for the PDF writer.

Content that does not fit is cut with a notice: a decision to its first lines, a list to its first
rows. The table (CSV) is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layouts.paper.exercise_sheets import (
    VERDICT_WORDS,
    change,
    discuss,
    minute,
    service_changes,
    service_tolls,
)
from models.exercise.debrief import CourseItem, Debrief, Decision, QuestionAsked
from models.exercise.predictions import Reveal
from models.explain.why import Words, plain_words
from models.papers.briefing import (
    Block,
    Briefing,
    Bullets,
    Numbers,
    Section,
    TableBlock,
    Text,
    cut,
)
from models.units import hours_text, to_ms
from models.wording import _, n_, number, spoken
from models.world import World

#: Most printed rows of each list, questions, reveals, and tables in each.
MOST_ROWS, MOST_PARTS, MOST_TABLES = 100, 15, 30
#: Longest name, and longest sentence, in a row.
_NAME, _SENTENCE = 60, 300


def debrief_paper(
    world: World, debrief: Debrief, label: str = "", words: Words = plain_words
) -> Briefing:
    """Return the hot debrief of a run.

    Parameters
    ----------
    world
        The world of the run.
    debrief
        The debrief.
    label
        The TLP line of every page.
    words
        Service id → what people call it.
    """
    spent = _("{time} h on the exercise clock").format(time=minute(debrief.minutes))
    takes = n_("{n} take", "{n} takes", debrief.takes).format(n=number(debrief.takes))
    return Briefing(
        title=_("Hot debrief: {title}").format(title=cut(debrief.title, 100)),
        subtitle=f"{cut(world.title, 100)} · {spent} · {takes}",
        label=cut(label, 80),
        sections=(
            _whole(debrief, words),
            Section(_("What was decided, and what it changed"), tuple(_decisions(debrief, words))),
            Section(_("What was predicted"), tuple(_reveals(world, debrief.reveals))),
            Section(_("Questions and answers"), tuple(_questions(debrief))),
            Section(_("Still open"), tuple(_open_points(debrief.open_points))),
            Section(_("Course of events"), tuple(_course(debrief, words))),
        ),
        foot=" · ".join(part for part in (cut(world.attribution, 120), "Knock-on") if part),
        language=spoken().code,
    )


def _whole(debrief: Debrief, words: Words) -> Section:
    """Return the description of the exercise, and the consequences of its current course."""
    blocks: list[Block] = []
    if debrief.about:
        blocks.append(Text(cut(debrief.about, 600)))
    n = len(debrief.decisions)
    decisions = (number(n), n_("decision", "decisions", n))
    if debrief.toll is None:
        blocks.append(Numbers((decisions,)))
    else:
        hours = (number(debrief.toll.person_hours), _("person-hours in this course of events"))
        people = (
            number(debrief.toll.people),
            _("people lack something at the worst moment"),
        )
        blocks.append(Numbers((hours, people, decisions)))
        if services := service_tolls(debrief.toll.services, words):
            text = _("Without each service: {services}.").format(services=services)
            blocks.append(Text(text, "note"))
    return Section(_("Overview"), tuple(blocks))


def _rows_of(
    debrief: Debrief, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterable[Block]:
    """Return rows as a table, with a column for the take if there are several."""
    several = debrief.takes > 1
    listed = [tuple(row if several else row[1:]) for row in rows]
    columns = tuple(head if several else head[1:])
    yield TableBlock(_("By the exercise clock"), columns, tuple(listed[:MOST_ROWS]))
    yield from _left(len(listed) - MOST_ROWS)


def _left(more: int) -> Iterable[Block]:
    if more > 0:
        text = n_(
            "{n} more row is in the table (CSV).", "{n} more rows are in the table (CSV).", more
        )
        yield Text(text.format(n=number(more)), "note")


# ---------------------------------------------------------------- decisions


def _decisions(debrief: Debrief, words: Words) -> Iterable[Block]:
    if not debrief.decisions:
        none = _("Nothing was decided in the scenario, and no decision was written down.")
        yield Text(none)
        return
    head = (_("Take"), _("Time"), _("Who"), _("Decision"), _("People"), _("Person-hours"))
    yield from _rows_of(debrief, head, (_decided(one, words) for one in debrief.decisions))


def _decided(decision: Decision, words: Words) -> tuple[str, ...]:
    sentence = cut(decision.what, _SENTENCE)
    if decision.reason:
        why = _("Why: {reason}").format(reason=cut(decision.reason, _SENTENCE))
        sentence = f"{sentence} – {why}"
    if decision.person_hours is None:
        effect = (_("a decision in words"), "")
    else:
        hours = _hours(decision.person_hours, decision.services, words)
        effect = (change(decision.people, "people"), hours)
    return (
        str(decision.take),
        minute(decision.minute),
        cut(decision.who, _NAME),
        sentence,
        *effect,
    )


def _hours(changed: float, services: Sequence[tuple[str, float]], words: Words) -> str:
    """Return the person-hours that something changes, in all and by service."""
    said = change(changed, "person-hours")
    by_service = service_changes(services, words)
    return f"{said} ({cut(by_service, _SENTENCE)})" if by_service else said


# -------------------------------------------------------------- predictions


def _reveals(world: World, reveals: Sequence[Reveal]) -> Iterable[Block]:
    if not reveals:
        yield Text(_("No prediction was revealed."))
    for revealed in reveals[:MOST_PARTS]:
        yield from _reveal(world, revealed)
    yield from _left(len(reveals) - MOST_PARTS)


def _reveal(world: World, revealed: Reveal) -> Iterable[Block]:
    since, until = (hours_text(to_ms(h)) for h in (revealed.window.from_h, revealed.window.until_h))
    hours = _("Hour {since} to {until}").format(since=since, until=until)
    if revealed.scores:
        head = (_("Who"), _("Hits"), _("Right asset, other time"), _("Did not fail"))
        rows = (
            (cut(s.by, _NAME), *map(number, (s.hits, s.near, s.misses, s.surprises)))
            for s in revealed.scores[:MOST_TABLES]
        )
        numbers = frozenset({1, 2, 3, 4})
        yield TableBlock(hours, (*head, _("Not expected")), tuple(rows), numbers)
        yield from _left(len(revealed.scores) - MOST_TABLES)
    else:
        yield Text(_("{hours}: nobody predicted anything.").format(hours=hours))
    if revealed.discussion:
        yield Text(_("To discuss:"))
        yield Bullets(
            tuple(
                f"{_(VERDICT_WORDS[judged.verdict])}: {cut(discuss(world, judged), _SENTENCE)}"
                for judged in revealed.discussion
            )
        )
    else:
        yield Text(_("Nothing to discuss: the participants agreed and were right."))


# ------------------------------------------- questions, what is open, the course


def _questions(debrief: Debrief) -> Iterable[Block]:
    if not debrief.questions:
        yield Text(_("No question was asked."))
    for question in debrief.questions[:MOST_PARTS]:
        yield from _question_blocks(question, several=debrief.takes > 1)
    yield from _left(len(debrief.questions) - MOST_PARTS)


def _question_blocks(question: QuestionAsked, *, several: bool) -> Iterable[Block]:
    title = cut(question.title, _SENTENCE)
    if several:
        title = _("{title} (take {take})").format(title=title, take=number(question.take))
    if not question.answers:
        yield Text(_("{title}: nobody answered.").format(title=title))
        return
    rows = tuple(
        (cut(who, _NAME), cut(answer, _SENTENCE)) for who, answer in question.answers[:MOST_TABLES]
    )
    yield TableBlock(title, (_("Who"), _("Answer")), rows)
    yield from _left(len(question.answers) - MOST_TABLES)


def _open_points(points: Sequence[str]) -> Iterable[Block]:
    if not points:
        yield Text(_("Nothing."))
        return
    yield Bullets(tuple(cut(point, _SENTENCE) for point in points[:MOST_ROWS]))
    yield from _left(len(points) - MOST_ROWS)


def _course(debrief: Debrief, words: Words) -> Iterable[Block]:
    if debrief.course:
        head = (_("Take"), _("Time"), _("What"), _("Inject"), _("Person-hours"))
        yield from _rows_of(debrief, head, (_stepped(one, words) for one in debrief.course))
    else:
        yield Text(_("No inject was released."))
    yield Text(
        _(
            "People are those who lack something at the worst moment, each counted once; "
            "person-hours run up to the scenario's horizon."
        ),
        "note",
    )


def _stepped(item: CourseItem, words: Words) -> tuple[str, ...]:
    hours = item.person_hours
    changed = "" if hours is None else _hours(hours, item.services, words)
    return (str(item.take), minute(item.minute), _(item.what), cut(item.title, _SENTENCE), changed)

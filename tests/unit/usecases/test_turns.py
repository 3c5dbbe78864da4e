"""Who asks for much waits for themselves: the order of service, without any clock."""

import asyncio

import pytest

from usecases.turns import BusyError, Turns


class Desk:
    """Takes requests and notes whose are served in which order."""

    def __init__(self, **more):
        self.turns, self.served, self.tasks = Turns(1, **more), [], []
        self.done = asyncio.Event()
        self.first = self.ask("first", holds=True)

    def ask(self, person, ticket=None, *, holds=False):
        ticket = ticket or self.turns.ticket(person)
        self.tasks.append(asyncio.create_task(self._serve(person, ticket, holds)))
        return ticket

    async def _serve(self, person, ticket, holds):
        async with self.turns.taken(ticket):
            self.served.append(person)
            if holds:
                await self.done.wait()

    async def finish(self):
        await asyncio.sleep(0)
        self.done.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return self.served[1:]


def test_the_one_question_of_another_is_next_whoever_asked_150_before():
    async def story():
        desk = Desk(most_each=200)
        for _ in range(150):
            desk.ask("observer")
        desk.ask("facilitator")
        desk.ask("participant")
        return await desk.finish()

    served = asyncio.run(story())
    assert served[:3] == ["observer", "facilitator", "participant"]
    assert len(served) == 152


def test_persons_are_served_in_rotation_and_each_in_order():
    async def story():
        desk = Desk()
        for person in "aaabbc":
            desk.ask(person)
        return await desk.finish()

    assert "".join(asyncio.run(story())) == "abcaba"


def test_a_person_may_wait_for_so_much_and_others_still_may():
    async def story():
        desk = Desk(most_each=3, most=5)
        for _ in range(3):
            desk.ask("a")
        with pytest.raises(BusyError):
            desk.ask("a")
        desk.ask("b")
        desk.ask("c")
        with pytest.raises(BusyError):
            desk.ask("d")
        return await desk.finish()

    assert asyncio.run(story()) == ["a", "b", "c", "a", "a"]


def test_who_joins_anothers_question_brings_it_forward():
    async def story():
        desk = Desk()
        tickets = [desk.ask("observer") for _ in range(20)]
        desk.turns.join(tickets[-1], "facilitator")
        served = []
        tickets[-1].turn.add_done_callback(lambda _: served.append(len(desk.served)))
        await desk.finish()
        return served

    assert asyncio.run(story()) == [2]  # the first, one of the observer's, then it


def test_who_leaves_gives_up_their_place_and_none_is_lost():
    async def story():
        desk = Desk()
        for person in "abcd":
            desk.ask(person)
        await asyncio.sleep(0)
        for task in desk.tasks[1:4]:
            task.cancel()
        served = await desk.finish()
        desk.ask("e")
        await desk.tasks[-1]
        return served, desk.served[-1], desk.turns

    served, last, turns = asyncio.run(story())
    assert (served, last) == (["d"], "e")
    assert not turns._queues
    assert not turns._waiting


def test_a_turn_that_was_given_to_who_leaves_goes_on_to_the_next():
    async def story():
        desk = Desk()
        ticket = desk.ask("a")
        # called before the task that waits for it goes on
        ticket.turn.add_done_callback(lambda _: desk.tasks[1].cancel())
        desk.ask("b")
        return await desk.finish()

    assert asyncio.run(story()) == ["b"]

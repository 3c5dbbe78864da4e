"""The store against a model that a page of paper could hold: logs, undo per author, branches."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from data.store.scenarios import Store
from models.revisions import CannotTakeBackError, DeletedScenarioError, StaleRevisionError

AUTHORS = ("Anna", "Bea", "Carl")
authors = st.sampled_from(AUTHORS)


@dataclass(frozen=True)
class Diff:
    """What one change did: numbers of events that came and went, the title before and after."""

    came: frozenset = frozenset()
    went: frozenset = frozenset()
    title: tuple = ()

    def back(self):
        return Diff(self.went, self.came, self.title[::-1])

    def fits(self, events, title):
        return self.came <= events and (not self.title or self.title[1] == title)


@dataclass
class Model:
    """A scenario: current state, earlier states, and each author's undo and redo stacks."""

    id: str
    events: frozenset
    title: str
    revision: int = 1
    stood: dict = field(default_factory=dict)
    undos: dict = field(default_factory=lambda: {author: [] for author in AUTHORS})
    redos: dict = field(default_factory=lambda: {author: [] for author in AUTHORS})
    deleted: bool = False

    def apply(self, diff):
        self.events = (self.events - diff.went) | diff.came
        self.title = diff.title[1] if diff.title else self.title
        self.note()

    def note(self):
        self.revision += 1
        self.stood[self.revision] = (self.events, self.title)


def event(number):
    return {"at_h": number % 7, "do": "fail", "asset": f"a{number}"}


def plain(events, title):
    listed = sorted(map(event, sorted(events)), key=lambda item: item["at_h"])
    return {"world": "w", "title": title, "events": listed}


def content(stored):
    numbers = [int(event["asset"][1:]) for event in stored.plain["events"]]
    assert len(set(numbers)) == len(numbers)
    hours = [event["at_h"] for event in stored.plain["events"]]
    assert hours == sorted(hours)
    return frozenset(numbers), stored.plain["title"]


class Machine(RuleBasedStateMachine):
    """Three authors on up to four options; ``store`` is given by the test."""

    store: Store

    def __init__(self):
        super().__init__()
        self.count = 0
        made = self.store.create("w", "T", plain((), "T"), author="Anna")
        self.models = [Model(made.id, frozenset(), "T", stood={1: (frozenset(), "T")})]

    def pick(self, data):
        return data.draw(st.sampled_from([m for m in self.models if not m.deleted]))

    def change(self, model, author, diff):
        after = Model("", model.events, model.title)
        after.apply(diff)
        stored = self.store.write(
            model.id, plain(after.events, after.title), model.revision, author=author
        )
        model.apply(diff)
        model.undos[author].append(diff)
        model.redos[author].clear()
        self.agree(model, author, stored)

    def agree(self, model, author, stored):
        assert content(stored) == (model.events, model.title)
        assert stored.revision == model.revision
        assert stored.can_undo == bool(model.undos[author])
        assert stored.can_redo == bool(model.redos[author])

    @rule(author=authors, data=st.data(), how_many=st.integers(1, 2))
    def add(self, author, data, how_many):
        came = range(self.count, self.count + how_many)
        self.count += how_many
        self.change(self.pick(data), author, Diff(came=frozenset(came)))

    @rule(author=authors, data=st.data())
    def remove(self, author, data):
        model = self.pick(data)
        if model.events:
            went = data.draw(st.sampled_from(sorted(model.events)))
            self.change(model, author, Diff(went=frozenset([went])))

    @rule(author=authors, data=st.data(), title=st.sampled_from("TUV"))
    def rename(self, author, data, title):
        model = self.pick(data)
        if title != model.title:
            self.change(model, author, Diff(title=(model.title, title)))

    @rule(author=authors, data=st.data(), redo=st.booleans())
    def step(self, author, data, redo):
        model = self.pick(data)
        source, target = (model.redos, model.undos) if redo else (model.undos, model.redos)
        ask = self.store.redo if redo else self.store.undo
        if not source[author]:
            self.agree(model, author, ask(model.id, model.revision, author=author))
            return
        diff = source[author][-1]
        if not diff.fits(model.events, model.title):
            with pytest.raises(CannotTakeBackError):
                ask(model.id, model.revision, author=author)
            return
        stored = ask(model.id, model.revision, author=author)
        model.apply(diff.back())
        target[author].append(source[author].pop().back())
        self.agree(model, author, stored)

    @rule(author=authors, data=st.data())
    def be_late(self, author, data):
        model = self.pick(data)
        old = data.draw(st.integers(0, model.revision - 1))
        with pytest.raises(StaleRevisionError):
            self.store.write(model.id, plain((), ""), old, author=author)
        with pytest.raises(StaleRevisionError):
            self.store.undo(model.id, old, author=author)

    @precondition(lambda self: len(self.models) < 4)
    @rule(author=authors, data=st.data())
    def branch(self, author, data):
        model = self.pick(data)
        revision = data.draw(st.sampled_from(sorted(model.stood)))
        option = self.store.branch(model.id, f"option {len(self.models)}", revision, author=author)
        events, title = model.stood[revision]
        made = Model(option.id, events, title, stood={1: (events, title)})
        self.models.append(made)
        self.agree(made, author, option)

    @precondition(lambda self: sum(not model.deleted for model in self.models) > 1)
    @rule(author=authors, data=st.data())
    def delete(self, author, data):
        model = self.pick(data)
        self.store.delete(model.id, model.revision, author=author)
        model.deleted = True
        model.note()

    @rule(author=authors)
    def restore(self, author):
        for model in self.models:
            if model.deleted:
                with pytest.raises(DeletedScenarioError):
                    self.store.get(model.id)
                stored = self.store.restore(model.id, author=author)
                model.deleted = False
                model.note()
                self.agree(model, author, stored)

    @invariant()
    def each_stands_as_it_should(self):
        assert self.store.revisions([m.id for m in self.models]) == {
            m.id: m.revision for m in self.models
        }

    def teardown(self):
        """Nothing that was is lost, whatever came after it."""
        for model in self.models:
            if not model.deleted:
                for revision, stood in model.stood.items():
                    assert content(self.store.get(model.id, revision)) == stood
            log = self.store.history(model.id)
            assert [change.revision for change in log] == list(range(1, model.revision + 1))


def test_the_store_does_what_the_model_does(database_url):
    store = Store(database_url)
    bound = type("Bound", (Machine,), {"store": store})
    run(bound, settings=settings(max_examples=12, stateful_step_count=25))
    store.close()

"""What the callbacks need from the composition root, as types: the store, the parser, the picture.

The callbacks never import a file reader or a database; they are handed one that fits here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from models.access import LOCAL
from models.exercise.plan import Exercise
from models.exercise.reached import Reached
from models.exercise.run import Line, Written
from models.log import Decide
from models.revisions import DecideRevision, LogLine
from models.rights.sharing import (
    Account,
    AuditLine,
    Entered,
    Grant,
    Invitation,
    Member,
    Shared,
    Trying,
)
from models.scenario import Scenario
from models.wording import N_
from models.world import World

Plain = dict[str, Any]
#: id and revision of the scenario on a page; None before the first change
Shown = tuple[str, int] | None


class Saved(Protocol):
    """A scenario as it is, or was, in the store; ``revision`` grows with every change."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def revision(self) -> int: ...  # noqa: D102
    @property
    def plain(self) -> Plain: ...  # noqa: D102
    @property
    def can_undo(self) -> bool: ...  # noqa: D102
    @property
    def can_redo(self) -> bool: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def signature(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A scenario without changes: it is not stored and has no id."""

    plain: Plain
    id: str = ""
    revision: int = 0
    can_undo: bool = False
    can_redo: bool = False
    name: str = ""
    signature: str = ""


class ScenarioStore(Protocol):
    """Scenarios under an id, each with its revisions. Calls may block: use a thread.

    Every call may raise a ``KnockOnError``; then nothing is changed.
    """

    def within(self, session: str | None) -> ScenarioStore:
        """Return the scenarios of one shared session alone; with None those outside any."""

    def recent(self, limit: int = 20, author: str = LOCAL) -> Sequence[Saved]:
        """Return the scenarios changed last, newest first."""

    def create(
        self,
        world_id: str,
        title: str,
        plain: Mapping[str, Any],
        *,
        author: str = LOCAL,
        reason: str = "",
        then: DecideRevision | None = None,
    ) -> Saved:
        """Keep a new scenario, with the first change that is decided upon.

        Parameters
        ----------
        world_id
            Id of the world.
        title
            As shown to users.
        plain
            The scenario in its plain form.
        author
            Id of the user who does it.
        reason
            What was done, in the page's words.
        then
            Decides the first change; None for none.
        """

    def get(self, scenario_id: str, revision: int | None = None, author: str = LOCAL) -> Saved:
        """Return the current revision of a scenario, or an earlier one.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        revision
            The revision wanted; None for the newest.
        author
            The user whose undo and redo are looked up.
        """

    def append(self, scenario_id: str, decide: DecideRevision, *, author: str = LOCAL) -> Saved:
        """Add the line that ``decide`` returns to its log, under the write lock.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        decide
            A pure function of the log; it returns the line to add.
        author
            Id of the user who does it.
        """

    def history(self, scenario_id: str, after: int = 0, limit: int = 1_000) -> Sequence[LogLine]:
        """Return who changed what after a revision, oldest first.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        after
            The revision after which lines are returned.
        limit
            Most that are returned.
        """

    def revisions(self, scenario_ids: Collection[str]) -> Mapping[str, int]:
        """Return the newest revision of each, in one cheap question."""

    def branch(
        self,
        scenario_id: str,
        name: str,
        revision: int | None = None,
        *,
        author: str = LOCAL,
        signature: str = "",
    ) -> Saved:
        """Start an option with a name from a scenario's current revision, or an earlier one.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        name
            Name of the option.
        revision
            The revision to start from; None for the newest.
        author, signature
            Id of the user who does it, and their view, which stays with the name.
        """

    def branches(self, scenario_id: str, author: str = LOCAL) -> Sequence[Saved]:
        """Return all options of the same origin, this one included."""

    def delete(
        self, scenario_id: str, base_revision: int, reason: str = "", *, author: str = LOCAL
    ) -> None:
        """Hide a scenario; nothing of it is lost.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        base_revision
            The revision that the deletion is based on.
        reason
            What was done, in the page's words.
        author
            Id of the user who does it.
        """

    def restore(self, scenario_id: str, reason: str = "", *, author: str = LOCAL) -> Saved:
        """Bring a deleted scenario back.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        reason
            What was done, in the page's words.
        author
            Id of the user who does it.
        """


class Note(Protocol):
    """A note of another web process about a scenario; without its body if that was read before."""

    @property
    def scenario_id(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def mark(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> Plain | None: ...  # noqa: D102
    @property
    def key(self) -> tuple[str, str, str]: ...  # noqa: D102


class LiveNotes(Protocol):
    """Notes between the web processes of one database. Calls may block: use a thread."""

    def put(self, scenario_id: str, kind: str, source: str, body: Mapping[str, Any]) -> str:
        """Leave a note in place of the one before.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        kind
            Kind of the note: one of each is kept.
        source
            The process that says it.
        body
            The content, as JSON.
        """

    def take_back(self, scenario_id: str, kind: str, source: str) -> None:
        """Remove a note.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        kind
            Kind of the note.
        source
            The process that says it.
        """

    def notes(
        self, scenario_ids: Collection[str], known: Mapping[tuple[str, str, str], str]
    ) -> Sequence[Note]:
        """Return all notes about these; with their body where their mark is not in ``known``."""


class SessionStore(Protocol):
    """Sessions, invitations, members and sign-ins. Calls may block: use a thread.

    Every call may raise a ``KnockOnError``; each act is noted in the audit log as done by ``by``.
    """

    def enter(self, cookie: str, *, note_use: bool = True) -> Entered | None:
        """Return who a cookie belongs to; ``note_use``: and keep them signed in."""

    def note_use(self, cookie: str) -> None:
        """Keep a browser signed in that is used now."""

    def sign_in(
        self, *, account: str | None = None, member: str | None = None, alone: bool = False
    ) -> str:
        """Note a browser as signed in (``alone``: and no other), and return its cookie.

        Parameters
        ----------
        account
            The account; None for a member.
        member
            The member; None for an account.
        alone
            Whether all other browsers of theirs are signed out.
        """

    def sign_out(self, cookie: str, by: str) -> None:
        """End one browser's sign-in."""

    def sit_down(self, cookie: str, session: str | None, by: str) -> None:
        """Take an account's browser into a session that it leads; None for outside.

        Parameters
        ----------
        cookie
            Of the browser.
        session
            Id of the session; None for outside.
        by
            Who does it, for the audit log.
        """

    def start(self, name: str, world_id: str, account: Account, by: str) -> Shared:
        """Begin a session that an account leads.

        Parameters
        ----------
        name
            Name of the session.
        world_id
            Id of the world.
        account
            The account that leads it.
        by
            Who does it, for the audit log.
        """

    def end(self, session: str, by: str) -> None:
        """End the session: revoke the access of all its members."""

    def publish(self, session: str, scenario: str | None, by: str) -> None:
        """Publish the safe public map of a scenario; None withdraws it.

        Parameters
        ----------
        session
            Id of the session.
        scenario
            Id of the scenario; None for none.
        by
            Who does it, for the audit log.
        """

    def published(self, session: str) -> str | None:
        """Return the scenario whose public map is published."""

    def get(self, session: str) -> Shared | None:
        """Return a session."""

    def led_by(self, account: str) -> Sequence[Shared]:
        """Return the sessions that an account leads."""

    def invite(
        self, session: str, grant: Grant, hours: float, max_uses: int, by: str
    ) -> tuple[Invitation, str]:
        """Make an invitation; return it with its token, this once.

        Parameters
        ----------
        session
            Id of the session.
        grant
            Role, sectors and clearance that it gives.
        hours
            So long it can be used.
        max_uses
            So many may join by it.
        by
            Who does it, for the audit log.
        """

    def invited(self, token: str) -> tuple[Shared, Invitation]:
        """Return what a link lets into."""

    def join(self, token: str, name: str) -> tuple[Member, str]:
        """Admit a participant; return them with their browser's cookie."""

    def invitations(self, session: str) -> Sequence[Invitation]:
        """Return the invitations of a session."""

    def members(self, session: str) -> Sequence[Member]:
        """Return who is or was in a session."""

    def revoke_invitation(self, session: str, invitation: str, by: str) -> None:
        """Revoke a link and the access of those who joined by it.

        Parameters
        ----------
        session
            Id of the session.
        invitation
            Id of the invitation.
        by
            Who does it, for the audit log.
        """

    def revoke_member(self, session: str, member: str, by: str) -> None:
        """Revoke a member's access.

        Parameters
        ----------
        session
            Id of the session.
        member
            The member; None for an account.
        by
            Who does it, for the audit log.
        """

    def note(self, who: str, what: str, session: str | None = None, detail: str = "") -> None:
        """Add a line to the audit log.

        Parameters
        ----------
        who
            The user.
        what
            The act, as the audit log has it.
        session
            Id of the session; None outside any.
        detail
            What it was about.
        """

    def audit(self, session: str | None = None) -> Sequence[AuditLine]:
        """Return the audit log of a session, or of all."""


class AccountStore(Protocol):
    """Who may start sessions. Calls may block: use a thread."""

    def trying(self, login: str, device: str) -> Trying:
        """Return whose password is tried under a name as typed, and from which known browser."""

    def device(self, login: str) -> str:
        """Return what a browser shows to be known for an account."""

    def check(self, login: str, password: str) -> Account | None:
        """Return the account if the password is its own."""

    def from_issuer(self, issuer: str, subject: str, name: str) -> Account | None:
        """Return the account of a user whom an issuer vouches for.

        Parameters
        ----------
        issuer
            Address of the organisation's issuer.
        subject
            The user's id at the issuer.
        name
            The user's name at the issuer.
        """

    def lost_claim(self, issuer: str, subject: str) -> None:
        """Sign out whoever an issuer vouches for no longer."""


@dataclass(frozen=True)
class ReadyScenario:
    """A scenario that ships with the region."""

    name: str
    plain: Plain
    label: str = N_("constructed")

    @property
    def title(self) -> str:
        """Return what people call it."""
        return str(self.plain.get("title") or self.name)


#: which scenario the public map of a shared session shows; None where it has none
Published = Callable[[str], Awaitable[str | None]]


async def nothing_published(_: str) -> str | None:
    """Answer for an installation without sessions: a map is there for who may look anyway."""
    return None


#: called after a change in this process: scenario, revision, nonce of the page's request
OnChange = Callable[[str, int, object], None]


def nobody_listens(_scenario_id: str, _revision: int, _nonce: object) -> None:
    """Do nothing about a change: for an installation without a live view.

    Parameters
    ----------
    _scenario_id
        Not used.
    _revision
        Not used.
    _nonce
        Not used.
    """


#: reads a plain scenario for a world; raises BadInputError with a line per problem
Parse = Callable[[Mapping[str, Any], World], Scenario]
#: reads a plain exercise for a world; raises BadInputError with a line per problem
ParseExercise = Callable[[Mapping[str, Any], World], Exercise]


class LogHead(Protocol):
    """What never changes about the plan or a run of an exercise."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> Literal["plan", "run"]: ...  # noqa: D102
    @property
    def world_id(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def session(self) -> str: ...  # noqa: D102
    @property
    def created(self) -> str: ...  # noqa: D102
    @property
    def signature(self) -> str: ...  # noqa: D102


class ExerciseLogs(Protocol):
    """Plans and runs of exercises, each an append-only log. Calls may block: use a thread."""

    def create(
        self,
        kind: Literal["plan", "run"],
        world_id: str,
        title: str,
        session: str,
        first: Written,
        signature: str = "",
    ) -> LogHead:
        """Begin a log with its first line.

        Parameters
        ----------
        kind
            ``plan`` or ``run``.
        world_id
            Id of the world.
        title
            As shown to users.
        session
            Id of the session; empty outside any.
        first
            The first line.
        signature
            The view of the title's author.
        """

    def head(self, log_id: str) -> LogHead:
        """Return what never changes about a log; raises a KnockOnError without one."""

    def newest(self, log_id: str) -> Line:
        """Return the last line."""

    def line(self, log_id: str, number: int) -> Line:
        """Return one line."""

    def lines(self, log_id: str, after: int = 0) -> Sequence[Line]:
        """Return all lines behind a number, in order."""

    def append(self, log_id: str, decide: Decide[Line, Written]) -> Line:
        """Add the line that ``decide`` returns, under the write lock; return the newest."""

    def recent(self, world_id: str, session: str, limit: int = 40) -> Sequence[LogHead]:
        """Return the plans and runs of a world and session, newest first.

        Parameters
        ----------
        world_id
            Id of the world.
        session
            Id of the session; empty outside any.
        limit
            Most that are returned.
        """

    def of_scenario(self, scenario_id: str) -> str | None:
        """Return the newest run, going on or ended, of a scenario or of one of its options."""


class Curtain(Protocol):
    """How far into the cascade those who do not lead may see."""

    async def reached(self, scenario_id: str) -> Reached | None:
        """Return what is to be shown of a scenario; None for all of it."""

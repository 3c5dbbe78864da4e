"""What can go wrong, in the user's words: what happened, where, and what to do next.

Every error a user can cause derives from :class:`KnockOnError`; its text is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from models.wording import N_, _


class KnockOnError(Exception):
    """Base of all errors whose text is meant for the user."""


class BadInputError(KnockOnError):
    """A world, scenario or request that cannot be used; ``problems`` has one line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def did_you_mean(wrong: str, known: Iterable[str], otherwise: str) -> str:
    """Return a hint with the closest known id, or ``otherwise`` where nothing is close.

    Parameters
    ----------
    wrong
        The id that is not known.
    known
        The ids that are.
    otherwise
        What to say where nothing is close, translated.
    """
    close = get_close_matches(wrong, list(known), n=1)
    return _("Did you mean '{known}'?").format(known=close[0]) if close else otherwise


_MISSING = {
    "asset": N_("No asset '{id}' in this world."),
    "link": N_("No link '{id}' in this world."),
    "service": N_("No service '{id}' in this world."),
    "inject": N_("No inject '{id}' in this world."),
    "ready scenario": N_("No ready scenario '{id}' in this world."),
    "ready exercise": N_("No ready exercise '{id}' in this world."),
}


class UnknownIdError(BadInputError):
    """An asset, link or service that the world does not have."""

    def __init__(self, thing: str, wrong: str, known: Iterable[str]) -> None:
        hint = did_you_mean(wrong, known, _("Is the scenario for another world?"))
        text = _(_MISSING[thing]).format(id=wrong)
        super().__init__([f"{text} {hint}"])

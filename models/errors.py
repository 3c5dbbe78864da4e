"""Errors in the user's words: what happened, where, and what to do next.

Every error a user can cause derives from :class:`KnockOnError`; its text is shown verbatim.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from models.lettering import look_alike, told_apart
from models.wording import N_, _

#: longer texts get no hint: comparing takes time proportional to their length
MAX_COMPARED = 200


class KnockOnError(Exception):
    """Base of all errors whose text is meant for the user."""


class BadInputError(KnockOnError):
    """A world, scenario or request that cannot be used; ``problems`` has one line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def did_you_mean(
    wrong: str, known: Iterable[str], otherwise: str, meant: Iterable[str] = ()
) -> str:
    """Return a hint that names the most similar known id, or ``otherwise`` if none is similar.

    Parameters
    ----------
    wrong
        The unknown id.
    known
        All valid ids.
    otherwise
        Returned if there is no hint.
    meant
        Ids that the word means, the likeliest first; they take precedence over similar spelling.

    Returns
    -------
    One sentence, in the current language.
    """
    likely = closest(wrong, known, meant)
    if likely is None:
        return otherwise
    if look_alike(wrong, likely):
        return told_apart(wrong, likely)
    return _("Did you mean '{known}'?").format(known=likely)


def closest(wrong: str, known: Iterable[str], meant: Iterable[str] = ()) -> str | None:
    """Return the known id that an unknown one most likely stands for, None if none is similar.

    Parameters
    ----------
    wrong
        The unknown id.
    known
        All valid ids.
    meant
        Ids that the word means, the likeliest first; they take precedence over similar spelling.
    """
    if len(wrong) > MAX_COMPARED:
        return None
    names = list(known)
    folded = wrong.casefold()
    close = [name for name in names if name.casefold() == folded]
    close = close or [name for name in meant if name in names]
    close = close or get_close_matches(wrong, names, n=1)
    return close[0] if close else None


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

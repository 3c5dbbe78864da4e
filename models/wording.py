"""Sentences, numbers and days in the language of the reader.

Code holds its sentences in English. ``_`` and ``n_`` return them in the current language: that of
the request, or English if none is set (commands, files, tests). How strings are marked is in
``docs/how-to/translate.md``.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the page can speak.

    ``locale`` determines the form of numbers and days; ``compiled`` is the catalogue as bytes of an
    ``.mo`` file, so that a language can be sent to a worker; without it texts are those in the
    code. ``marked``: each translated text is put in ⟦ ⟧, so that tests find untranslated ones.
    """

    code: str
    name: str
    locale: str
    compiled: bytes = field(default=b"", repr=False)
    marked: bool = False

    @property
    def tag(self) -> str:
        """Return the locale as browsers write it: ``en-GB``."""
        return self.locale.replace("_", "-")

    @property
    def keeps_capitals(self) -> bool:
        """Whether a noun has its capital in the middle of a sentence, too."""
        return self.code == "de"

    @property
    def translations(self) -> gettext.NullTranslations:
        """Return the catalogue, read once."""
        return _read(self.compiled, self.marked)


class _Marked(gettext.NullTranslations):
    """Puts every text in brackets: text without them on a page was not translated."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return f"⟦{message}⟧"


@lru_cache(maxsize=32)
def _read(compiled: bytes, marked: bool) -> gettext.NullTranslations:
    if marked:
        return _Marked()
    return gettext.GNUTranslations(io.BytesIO(compiled)) if compiled else gettext.NullTranslations()


ENGLISH = Language("en", "English", "en_GB")

_SPOKEN: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


def spoken() -> Language:
    """Return the language of the current request."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Use this language inside the context."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


# --- texts -----------------------------------------------------------------------------------


def _(text: str) -> str:
    """Return a text in the current language; insert values with ``.format(name=…)``."""
    # the empty text is the key of a catalogue's own header
    return _SPOKEN.get().translations.gettext(text) if text else ""


def n_(one: str, many: str, n: int) -> str:
    """Return the plural form of a text for a number; insert the number with ``.format``.

    Parameters
    ----------
    one, many
        The English text for one and for any other number, with placeholders of ``.format``.
    n
        The number that decides.
    """
    return _SPOKEN.get().translations.ngettext(one, many, n)


def p_(context: str, text: str) -> str:
    """Return a text that needs a context, because English uses it in several meanings."""
    return _SPOKEN.get().translations.pgettext(context, text)


def N_(text: str) -> str:  # noqa: N802  the name that everybody knows it by
    """Mark a text that ``_`` translates later: constants are created before any request."""
    return text


# --- numbers and days ------------------------------------------------------------------------


def number(value: float, digits: int = 0) -> str:
    """Return a number with separators, rounded alike in every language: ``12,345``."""
    # Python rounds, the locale only sets the separators: equal numbers look equal
    return f"{value:,.{digits}f}".translate(_separators(_SPOKEN.get().locale))


@lru_cache(maxsize=32)
def _separators(locale: str) -> dict[int, str]:
    return {ord(","): get_group_symbol(locale), ord("."): get_decimal_symbol(locale)}


def day(iso_date: str, form: Literal["medium", "long"] = "medium") -> str:
    """Return ``10 Feb 2016`` for ``2016-02-10``, the month in full if long; else unchanged."""
    try:
        match = date.fromisoformat(iso_date[:10])
    except ValueError:
        return iso_date
    return format_date(match, form, locale=_SPOKEN.get().locale)

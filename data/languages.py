"""Reads the catalogues of ``languages/``: texts of Python and of the page's scripts.

Only ``.po`` files are in the repository; they are compiled when the application starts.
"""

from __future__ import annotations

import gettext
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from models.errors import BadInputError
from models.wording import ENGLISH, Language

FOLDER = Path(__file__).resolve().parent.parent / "languages"
DOMAIN = "knock-on"
#: code → the language's own name; English texts are in the code
NAMES = {"de": "Deutsch", "fr": "Français", "it": "Italiano", "es": "Español"}
#: Languages that the page offers in its header, and to browsers that prefer them: those whose
#: catalogue is complete. Others are only available by ``?lang=``.
OFFERED: tuple[str, ...] = tuple(NAMES)
#: path prefix of the page's scripts in catalogues
SCRIPTS = "assets/"
#: for tests: puts every translated text in brackets
PSEUDO = Language("xx", "⟦pseudo⟧", "en_GB", marked=True)
_ENGLISH_PLURAL = "(n != 1)"
#: gettext's separator between a context and its text
_CONTEXT = "\x04"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language, and the script that sends its texts to the page."""

    language: Language
    script: bytes


def template_file() -> Path:
    """Return the catalogue of all texts, without a translation."""
    return FOLDER / f"{DOMAIN}.pot"


def catalogue_file(code: str) -> Path:
    """Return the catalogue of a language."""
    return FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(path: Path, code: str | None = None) -> Catalog:
    """Read a catalogue.

    Raises
    ------
    BadInputError
        If the file is missing, or a line is not valid in a catalogue.
    """
    try:
        with path.open("rb") as file:
            return read_po(file, locale=code, domain=DOMAIN, abort_invalid=True)
    except (OSError, ValueError, PoFileError) as error:
        raise BadInputError([f"{path.name} of '{code or 'en'}' cannot be read: {error}"]) from error


@lru_cache(maxsize=2)
def all_spoken(*, pseudo: bool = False) -> Mapping[str, Spoken]:
    """Return the languages by code, English first; ``pseudo`` adds the one for tests."""
    languages = {ENGLISH.code: Spoken(ENGLISH, _script(ENGLISH, _ENGLISH_PLURAL, {}))}
    for code in NAMES:
        catalogue = read_catalogue(catalogue_file(code), code)
        words = {
            key: said for key, script in _of_scripts(catalogue) if all(said := said_forms(script))
        }
        language = _language(code, catalogue)
        languages[code] = Spoken(language, _script(language, catalogue.plural_expr, words))
    if pseudo:
        texts = _of_scripts(read_catalogue(template_file()))
        words = {key: tuple(f"⟦{form}⟧" for form in key_forms(text)) for key, text in texts}
        languages[PSEUDO.code] = Spoken(PSEUDO, _script(PSEUDO, _ENGLISH_PLURAL, words))
    return languages


def _language(code: str, catalogue: Catalog) -> Language:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return Language(code, NAMES[code], code, compiled.getvalue())


def key_forms(message: Message) -> tuple[str, ...]:
    """Return the English of a message: one form, or one and many."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def said_forms(message: Message) -> tuple[str, ...]:
    """Return the forms of a message's translation; an empty text if there is none."""
    said = message.string
    return (said or "",) if said is None or isinstance(said, str) else tuple(said)


def _of_scripts(catalogue: Catalog) -> list[tuple[str, Message]]:
    """Return the messages of the page's scripts by their lookup key."""
    return [
        (
            (f"{message.context}{_CONTEXT}" if message.context else "") + key_forms(message)[0],
            message,
        )
        for message in catalogue
        if message.id and any(place.startswith(SCRIPTS) for place, _ in message.locations)
    ]


def _script(language: Language, plural: str, words: Mapping[str, tuple[str, ...]]) -> bytes:
    """Return the first script of the page, read by ``assets/page/base/words.js``."""
    form = gettext.c2py(plural)
    catalogue = {
        "code": language.code,
        "tag": language.tag,
        "keepsCapitals": language.keeps_capitals,
        # the form that goes with 0, with 1 and with all other whole numbers
        "plurals": [form(n) for n in (0, 1, 2)],
        "choice": [
            (ENGLISH.code, ENGLISH.name),
            *((language, NAMES[language]) for language in OFFERED),
        ],
        "words": words,
    }
    text = json.dumps(catalogue, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"(window.knockon = window.knockon || {{}}).spoken = {text};\n".encode()

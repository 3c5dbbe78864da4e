"""Catalogues are complete and valid; marked texts are translatable; plurals are right."""

import gettext
import io
import json
import pickle

import pytest

from data.languages import (
    NAMES,
    PSEUDO,
    all_spoken,
    catalogue_file,
    key_forms,
    read_catalogue,
    template_file,
)
from data.prepare import languages as prepare
from labels import page_labels
from layouts.parts import sentence, thousands
from layouts.words import lower_first
from models.errors import BadInputError
from models.wording import ENGLISH, N_, _, day, n_, number, p_, speaking, spoken

LABELS = page_labels()


@pytest.fixture(scope="module")
def texts():
    return prepare.find_all()


# --- the catalogues ----------------------------------------------------------------------------


@pytest.mark.parametrize("code", NAMES)
def test_a_catalogue_has_every_text_of_the_code_and_no_other(code, texts):
    problems = prepare.problems_of(code, texts)
    assert not problems, "run python -m data.prepare.languages, then translate:\n" + "\n".join(
        problems
    )


def test_the_files_are_what_the_tool_writes(texts):
    files = {template_file(): prepare.written(texts)} | {
        catalogue_file(code): prepare.written(prepare.updated(code, texts)) for code in NAMES
    }
    stale = [path.parts[-3:] for path, body in files.items() if path.read_bytes() != body]
    assert not stale, "run python -m data.prepare.languages"


@pytest.mark.parametrize("code", NAMES)
def test_the_page_counts_as_its_catalogue_does(code):
    language = all_spoken()[code]
    plurals = json.loads(language.script.decode().split("spoken = ")[1].rstrip(";\n"))["plurals"]
    expression = read_catalogue(catalogue_file(code), code).plural_expr
    form = gettext.c2py(expression)
    assert [form(n) for n in range(1001)] == [plurals[min(n, 2)] for n in range(1001)]


def test_every_label_of_the_tables_is_in_the_catalogue(texts):
    known = {(text.context, key_forms(text)[0]) for text in texts if text.id}
    services = LABELS.services.values()
    said = {("service", service.label) for service in services}
    said |= {("people without", service.people_label) for service in services}
    said |= {("sector", text) for text in LABELS.sectors.values()}
    said |= {("asset type", text) for text in LABELS.types.values()}
    assert said <= known


def test_no_translation_is_guessed_and_none_is_lost(texts, tmp_path, monkeypatch):
    path = tmp_path / "knock-on.po"
    monkeypatch.setattr(prepare, "catalogue_file", lambda code: path)
    before = prepare.updated("de", texts)
    share = next(item for item in before if item.id == "Share")
    share.string = "Teilen"
    before.add("Shares", "Anteile")  # nobody says this any more
    path.write_bytes(prepare.written(before))
    after = prepare.updated("de", texts)
    assert after.get("Share").string == "Teilen"
    assert after.get("Shares") is None
    assert not after.get("Language").string
    assert not any(item.fuzzy for item in after if item.id)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "empty"),
        ("{wer} fehlt", "lacks ['who']"),
        ("{who} fehlt um {at}", "has ['at']"),
        (" {who} fehlt", "begins or ends with a space"),
    ],
)
def test_a_wrong_translation_is_told(said, problem, tmp_path, monkeypatch):
    path = tmp_path / "knock-on.po"
    monkeypatch.setattr(prepare, "catalogue_file", lambda code: path)
    texts = prepare._empty(None)
    texts.add("{who} is lost")
    catalogue = prepare.updated("de", texts)
    catalogue.get("{who} is lost").string = said
    path.write_bytes(prepare.written(catalogue))
    assert any(problem in line for line in prepare.problems_of("de", texts))


def test_a_broken_catalogue_is_told_in_words(tmp_path):
    path = tmp_path / "knock-on.po"
    path.write_text('<<<<<<< one\nmsgid "Share"\nmsgstr "Teilen"\n', encoding="utf-8")
    with pytest.raises(BadInputError, match=r"knock-on\.po"):
        read_catalogue(path, "de")


# --- what can be marked ------------------------------------------------------------------------


def script(text):
    return list(prepare.texts_of_script(io.BytesIO(text.encode()), {}, (), {}))


def test_texts_are_found_wherever_a_script_says_them():
    result = script(
        'x(`a ${n ? `${t("In a \\"template\\"")}` : ""}`);\n'
        'tn("{n} person", "{n} people", n); // ok\ntp("theme", "Light");'
    )
    assert result == [
        (1, "t", 'In a "template"', []),
        (2, "tn", ("{n} person", "{n} people"), []),
        (3, "tp", ("theme", "Light"), []),
    ]


@pytest.mark.parametrize("text", ["t(text)", "t(`a`)", 't("a" + b)', 'tn("a", b, n)'])
def test_a_mark_in_a_script_without_a_plain_text_is_refused(text):
    with pytest.raises(BadInputError, match="line 1"):
        script(text)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('_(f"{a} is lost")', "plain text"),
        ('n_("a", "b" + c, 2)', "plain text"),
        ("f\"{_('a')} is lost\"", "inside an f-string"),
        ('def f():\n    for _ in x:\n        _("a")', "a value here"),
        ('def f(_):\n    return _("a")', "a value here"),
    ],
)
def test_a_mark_in_python_that_cannot_work_is_refused(code, said, tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    path = tmp_path / "one.py"
    path.write_text(code, encoding="utf-8")
    assert [said in line for line in prepare._unplain(path)] == [True]
    path.write_text('_("a")\n_(STALE)\nn_("a", "b", 1).format(n=1)', encoding="utf-8")
    assert not list(prepare._unplain(path))


# --- what is said ------------------------------------------------------------------------------


@pytest.fixture(params=NAMES)
def language(request):
    return all_spoken()[request.param].language


def test_english_is_spoken_where_nobody_chose():
    assert spoken() == ENGLISH
    assert (_("Share"), N_("Share"), p_("service", "Electricity")) == (
        "Share",
        "Share",
        "Electricity",
    )
    assert n_("{n} day", "{n} days", 2) == "{n} days"
    assert (number(1234567), thousands(999.6), day("2016-02-10"), day("today")) == (
        "1,234,567",
        "1,000",
        "10 Feb 2016",
        "today",
    )


def test_labels_and_texts_are_said_in_the_language(language):
    with speaking(language):
        assert _("Share") != "Share"
        assert LABELS.service("drinking_water") != "Drinking water"
        assert LABELS.people_label("drinking_water") != "without drinking water"
        assert LABELS.asset_type("hospital") == {"es": "Hospital"}.get(
            language.code, LABELS.asset_type("hospital")
        )
        assert LABELS.sector("energy") != "Energy"
        assert LABELS.sector("never_heard_of") == "Never heard of"
        assert _("") == ""
    assert _("Share") == "Share"


def test_each_language_has_its_own_numbers_and_days():
    said = {}
    for code, language in all_spoken().items():
        with speaking(language.language):
            said[code] = (number(12345.25, 1), number(1234), day("2016-02-10"))
    assert said == {
        "en": ("12,345.2", "1,234", "10 Feb 2016"),
        "de": ("12.345,2", "1.234", "10.02.2016"),
        "fr": ("12\u202f345,2", "1\u202f234", "10 févr. 2016"),
        "it": ("12.345,2", "1.234", "10 feb 2016"),
        "es": ("12.345,2", "1.234", "10 feb 2016"),
    }


def test_a_day_can_have_its_month_in_full():
    assert day("2016-02-01", "long") == "1 February 2016"
    with speaking(all_spoken()["de"].language):
        assert day("2016-02-01", "long") == "1. Februar 2016"


def test_german_nouns_keep_their_capital():
    assert lower_first("Drinking water") == "drinking water"
    with speaking(all_spoken()["de"].language):
        assert lower_first("Trinkwasser") == "Trinkwasser"
    with speaking(all_spoken()["fr"].language):
        assert lower_first("Eau potable") == "eau potable"


def test_components_stand_where_the_language_wants_them():
    assert sentence("{what} braucht {who}.", who=1, what=2) == [2, " braucht ", 1, "."]


def test_a_language_can_be_sent_to_a_worker(language):
    again = pickle.loads(pickle.dumps(language))  # noqa: S301  our own
    with speaking(again):
        assert _("Share") != "Share"


def test_the_language_of_tests_marks_every_text_and_is_offered_to_nobody():
    assert PSEUDO.code not in all_spoken()
    script = all_spoken(pseudo=True)[PSEUDO.code].script.decode()
    assert '"Language":["⟦Language⟧"]' in script
    assert '["xx"' not in script
    with speaking(PSEUDO):
        assert (_("Share"), n_("a", "b", 2), p_("service", "Gas")) == ("⟦Share⟧", "⟦b⟧", "⟦Gas⟧")

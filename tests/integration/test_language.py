"""Each request is answered in its language: address, cookie, what the browser prefers, English."""

import json

import pytest

from app import create_app
from data.documents.scenarios import parse_scenario
from data.languages import NAMES
from data.store.scenarios import Store
from labels import page_labels
from models.wording import spoken
from settings import Settings
from tests.integration.test_app import Page
from usecases.compute import jobs

COOKIE = "knockon-language"


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    yield store
    store.close()


@pytest.fixture
def make(tiny_world, store):
    def made(**settings):
        chosen = Settings(workers=0, **settings)
        app = create_app(tiny_world, store, chosen, parse=parse_scenario, labels=page_labels())
        return Page(app)

    return made


@pytest.fixture(autouse=True)
def _all_are_offered(monkeypatch):
    monkeypatch.setattr("app.OFFERED", tuple(NAMES))


def test_a_language_that_is_not_offered_is_spoken_to_who_asks_for_it_alone(make, monkeypatch):
    monkeypatch.setattr("app.OFFERED", ())
    page = make()
    assert language_of(page.get("/", headers={"Accept-Language": "fr"})) == "en"
    assert language_of(page.get("/?lang=fr")) == "fr"


@pytest.mark.parametrize(
    ("preferred", "spoken_then"),
    [
        ("fr-FR,en-US;q=0.7,en;q=0.3", "fr"),
        ("de-AT, en;q=0.5", "de"),
        ("de-CH, fr;q=0.3", "de"),
        ("it-CH, de-CH;q=0.9, en;q=0.1", "it"),
        ("en;q=0.2, de-Latn-AT-1996;q=0.9", "de"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("pt-BR, es-419;q=0.4, en;q=0.3", "es"),
        ("DE_at", "de"),
        ("*, fr;q=0.5", "fr"),
        ("x-klingon, ja", "en"),
        ("de-" * 200, "de"),
        (";;;q=,", "en"),
    ],
)
def test_what_the_browser_prefers_is_looked_up_whatever_its_region(page, preferred, spoken_then):
    assert language_of(page.get("/", headers={"Accept-Language": preferred})) == spoken_then


@pytest.fixture
def page(make):
    return make()


def language_of(answer):
    return answer.text.split('<html lang="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("/", {}, "en"),
        ("/", {"Accept-Language": "fr-CH, fr;q=0.9, de;q=0.5"}, "fr"),
        ("/", {"Accept-Language": "pt, it;q=0.2"}, "it"),
        ("/", {"Accept-Language": "zz;q=nonsense,,,;" + "x" * 9_000}, "en"),
        ("/", {"Accept-Language": "fr", "Cookie": f"{COOKIE}=es"}, "es"),
        ("/", {"Accept-Language": "fr", "Cookie": f"{COOKIE}=../../etc"}, "fr"),
        ("/?lang=de", {"Accept-Language": "fr", "Cookie": f"{COOKIE}=es"}, "de"),
        ("/?lang=klingon", {"Cookie": f"{COOKIE}=es"}, "es"),
        ("/?lang=xx", {}, "en"),
    ],
)
def test_address_then_cookie_then_browser(page, path, headers, language):
    answer = page.get(path, headers=headers)
    assert language_of(answer) == answer.headers["content-language"] == language
    assert f"/words/{language}.js?v=" in answer.text
    assert "Cookie, Accept-Language" in answer.headers["vary"]


def test_a_language_from_the_address_is_kept_in_a_cookie_that_scripts_cannot_read(page, make):
    kept = page.get("/?lang=de").headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=de;")
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"} <= set(kept.split("; "))
    assert "set-cookie" not in page.get("/").headers
    assert "set-cookie" not in page.get("/?lang=klingon").headers
    behind_tls = make(public_url="https://127.0.0.1:8050").get("/?lang=de").headers["set-cookie"]
    assert behind_tls.startswith(f"__Host-{COOKIE}=de;")
    assert "Secure" in behind_tls


def test_the_words_come_before_the_scripts_and_stay_as_long_as_they_are_the_same(page):
    text = page.get("/?lang=de").text
    address = text.split('<script src="/words/')[1].split('"')[0]
    assert text.index("/words/") < text.index("/main.js")
    answer = page.get(f"/words/{address}")
    assert '"Language":["Sprache"]' in answer.text
    assert "immutable" in answer.headers["cache-control"]
    assert "Cookie" not in answer.headers["vary"]
    assert page.get("/words/xx.js").status_code == 404


def test_layout_and_features_are_in_the_language(page):
    german = page.get("/_dash-layout", headers={"Cookie": f"{COOKIE}=de"})
    assert "Dieses Lagebild mit anderen teilen" in german.text
    assert "Share this picture" in page.get("/_dash-layout").text
    addresses = {
        code: json.loads(page.get(f"/_dash-layout?lang={code}").text)["props"]["data-features"]
        for code in ("en", "de")
    }
    assert addresses["en"] != addresses["de"]
    payload = page.get(addresses["de"], headers={"Cookie": f"{COOKIE}=de"}).json()
    assert "Energie" in {sector["label"] for sector in payload["sectors"]}


def test_answers_of_workers_are_kept_for_each_language(page, monkeypatch):
    """A cached answer must not reach a viewer in another's language."""
    seen, pictures = [], jobs.draw

    def draw(form, clearance):
        seen.append(spoken().code)
        return pictures(form, clearance)

    monkeypatch.setattr(jobs, "draw", draw)
    for code in ("de", "en", "de"):
        page.request(
            "POST",
            "/_dash-update-component",
            headers={"Cookie": f"{COOKIE}={code}"},
            json=page.body("location.search", [""]),
        )
    assert seen == ["de", "en"]


def test_the_language_of_tests_is_there_only_where_it_was_asked_for(make):
    page = make(pseudo_language=True)
    assert language_of(page.get("/?lang=xx")) == "xx"
    assert json.dumps("⟦Share⟧") in page.get("/_dash-layout?lang=xx").text
    # a browser cannot come to it by what it prefers
    assert language_of(page.get("/", headers={"Accept-Language": "xx"})) == "en"


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [
        ("GET", {}, 405),
        ("POST", {"json": {}, "headers": {"host": "evil.example"}}, 421),
        ("POST", {"json": {}, "headers": {"sec-fetch-site": "cross-site"}}, 403),
        ("POST", {"content": "{}", "headers": {"content-type": "text/plain"}}, 415),
        ("POST", {"json": "x" * 1_000_000}, 413),
        ("POST", {"content": "[" * 9, "headers": {"content-type": "application/json"}}, 400),
        ("POST", {"json": []}, 400),
        ("POST", {"json": {"output": "no such"}}, 400),
    ],
)
def test_what_is_refused_at_the_door_is_told_in_the_language(make, method, more, status):
    page = make(pseudo_language=True)
    headers = {"host": "127.0.0.1:8050", "x-knockon-language": "xx"} | more.pop("headers", {})
    answer = page.request(method, "/_dash-update-component", headers=headers, **more)
    assert answer.status_code == status
    assert answer.json()["error"].startswith("⟦"), answer.text


def test_a_malformed_call_of_a_callback_is_told_in_the_language(make):
    page = make(pseudo_language=True)
    sound = page.body("location.search", [""])
    for part, value in [
        ("inputs", 1), ("inputs", []), ("changedPropIds", [1]), ("outputs", []), ("outputs", {}),
    ]:  # fmt: skip
        answer = page.request(
            "POST",
            "/_dash-update-component",
            headers={"x-knockon-language": "xx"},
            json=sound | {part: value},
        )
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"].startswith("⟦"), answer.text


def test_a_refusal_follows_what_the_browser_prefers(page):
    answer = page.get("/nowhere", headers={"Accept-Language": "de"})
    assert answer.status_code == 404
    assert answer.headers["content-language"] == "de"
    assert "Nothing here" not in answer.text

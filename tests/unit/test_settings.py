"""Settings come from the environment; one that cannot be used is said in a line."""

import pytest

from models.errors import BadInputError
from settings import Settings, from_environment, require_sign_in_for_others

OIDC = {
    "KNOCKON_OIDC_ISSUER": "https://id.example/",
    "KNOCKON_OIDC_CLIENT_ID": "knock-on",
    "KNOCKON_OIDC_CLIENT_SECRET": "hush",
    "KNOCKON_OIDC_LEADS": "groups=crisis-team",
}


@pytest.fixture
def environment(monkeypatch):
    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return from_environment()

    return put


def test_alone_is_what_one_gets_without_any_setting(environment):
    settings = environment()
    assert (settings.sign_in, settings.is_local, settings.oidc) == (False, True, None)
    require_sign_in_for_others(settings)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "map.example", ""])  # noqa: S104
def test_others_are_served_only_with_sign_in(host):
    with pytest.raises(BadInputError, match="KNOCKON_SIGN_IN=on"):
        require_sign_in_for_others(Settings(host=host))
    require_sign_in_for_others(Settings(host=host, sign_in=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_alone_needs_none(host):
    require_sign_in_for_others(Settings(host=host))


def test_a_proxy_that_passes_others_on_needs_sign_in_too():
    with pytest.raises(BadInputError, match="KNOCKON_PUBLIC_URL"):
        require_sign_in_for_others(Settings(public_url="https://map.example"))


@pytest.mark.parametrize(
    "url",
    ["map.example", "ftp://map.example", "https://", "https://map.example/path", "https://a@b",
     "https://map.example?x=1", "https://map.example:port", "https://[::1"],
)  # fmt: skip
def test_a_public_url_is_an_address_alone(environment, url):
    with pytest.raises(BadInputError, match="KNOCKON_PUBLIC_URL"):
        environment(KNOCKON_SIGN_IN="on", KNOCKON_PUBLIC_URL=url)


def test_an_organisations_sign_in_is_given_whole(environment):
    settings = environment(KNOCKON_SIGN_IN="on", **OIDC)
    assert (settings.oidc.issuer, settings.oidc.claim) == ("https://id.example", "groups")
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("missing", sorted(OIDC))
def test_what_an_organisations_sign_in_lacks_is_named(environment, missing):
    with pytest.raises(BadInputError, match=missing):
        environment(KNOCKON_SIGN_IN="on", **{**OIDC, missing: ""})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"KNOCKON_OIDC_ISSUER": "http://id.example"}, "https"),
        ({"KNOCKON_OIDC_LEADS": "groups"}, "KNOCKON_OIDC_LEADS"),
        ({"KNOCKON_SIGN_IN": "off"}, "KNOCKON_SIGN_IN"),
        ({"KNOCKON_SIGN_IN": "maybe"}, "off or on"),
    ],
)
def test_settings_that_do_not_fit_are_said(environment, change, word):
    with pytest.raises(BadInputError, match=word):
        environment(**{"KNOCKON_SIGN_IN": "on", **OIDC, **change})

"""Accounts, sessions and the audit log from the terminal of the server."""

import io
import json
import stat

import pytest

import cli
from data.store.accounts import Accounts
from data.store.database import Database
from data.store.sessions import Sessions

PASSWORD = "correct horse battery"  # noqa: S105  of tests alone


@pytest.fixture
def url(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'knockon.db'}"
    monkeypatch.setenv("KNOCKON_DATABASE_URL", url)
    return url


@pytest.fixture
def run_cli(capsys, monkeypatch, url):
    def command(*arguments, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert PASSWORD not in captured.out + captured.err
        return code, captured.out + captured.err

    return command


def test_an_account_is_added_listed_disabled_and_enabled(run_cli, url):
    assert run_cli("account", "list")[1].startswith("No accounts")
    assert run_cli("account", "add", "Ana", "--clearance", "GREEN", typed=f"{PASSWORD}\n")[0] == 0
    assert "up to GREEN" in run_cli("account", "list")[1]
    assert run_cli("account", "disable", "Ana")[0] == 0
    assert "disabled" in run_cli("account", "list")[1]
    database = Database(url)
    assert Accounts(database).check("Ana", PASSWORD) is None
    assert run_cli("account", "enable", "Ana")[0] == 0
    assert Accounts(database).check("Ana", PASSWORD) is not None
    assert run_cli("account", "password", "Ana", typed="another good password\n")[0] == 0
    assert Accounts(database).check("Ana", PASSWORD) is None
    database.close()


@pytest.mark.parametrize(
    ("command", "typed", "message"),
    [
        (["account", "add", "Ana"], "short\n", "12 to 256"),
        (["account", "add", "Ana"], "", "12 to 256"),
        (["account", "add", "Ana", "--clearance", "PINK"], f"{PASSWORD}\n", "no label"),
        (["account", "disable", "Nobody"], "", "No account 'Nobody'"),
        (["session", "end", "none"], "", "No session 'none'"),
        (["audit", "--out", "x.jsonl", "--session", "none"], "", "No session 'none'"),
        (["account"], "", "WHAT"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run_cli, command, typed, message):
    code, said = run_cli(*command, typed=typed)
    assert code == 2
    assert message in said
    assert len(said.strip().splitlines()) == 1


def test_a_session_is_listed_and_ended_and_its_audit_log_written(run_cli, url, tmp_path):
    assert run_cli("session", "list")[1] == "No sessions.\n"
    database = Database(url)
    account = Accounts(database).add("Ana", PASSWORD, by="test")
    shared = Sessions(database).start("Storm", "w", account, by="Ana")
    assert "open  Storm" in run_cli("session", "list")[1]
    assert run_cli("session", "end", shared.id)[0] == 0
    assert "ended" in run_cli("session", "list")[1]
    file = tmp_path / "audit.jsonl"
    assert run_cli("audit", "--out", file, "--session", shared.id)[0] == 0
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["what"] for line in lines] == ["started the session", "ended the session"]
    assert [line["who"] for line in lines] == ["Ana", "terminal"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    database.close()

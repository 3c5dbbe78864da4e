"""Backup and restore: whole, at one moment, from any database to any, and never by accident."""

import hashlib
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import cli
from data.store.access_rows import secret_hash
from data.store.accounts import Accounts
from data.store.backups import restore_backup, write_backup
from data.store.database import Database
from data.store.exercises import ExerciseStore
from data.store.scenarios import Store
from data.store.sessions import Sessions
from models.errors import BadInputError
from models.exercise.run import Written
from models.rights.sharing import Grant


def plain(number):
    return {"world": "w", "events": [{"at_h": 1, "do": "fail", "asset": f"Süd {number}"}]}


def filled(url):
    """Return a store with undone, branched and deleted things in it."""
    store = Store(url)
    made = store.create("w", "Störung", plain(1), author="Anna")
    store.write(made.id, plain(2), 1, "two", author="Bea")
    store.write(made.id, plain(3), 2, "three", author="Anna")
    store.undo(made.id, 3, author="Anna")
    option = store.branch(made.id, "Option B", 2)
    store.delete(option.id, 1)
    return store


def everything(url):
    """Return all lines of a backup but the first and last, which tell the time."""
    path = Path(os.environ["PYTEST_TMP"]) / "everything.jsonl"
    write_backup(url, path, replace=True)
    return path.read_text(encoding="utf-8").splitlines()[1:-1]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_TMP", str(tmp_path))


@pytest.fixture
def other_url(request, database_url, tmp_path):
    """An empty database of the other kind."""
    if database_url.startswith("sqlite"):
        return request.getfixturevalue("postgres").new_database()
    return f"sqlite:///{tmp_path / 'other.db'}"


def test_a_backup_moves_everything_to_the_other_kind_of_database(database_url, other_url, tmp_path):
    store = filled(database_url)
    file = tmp_path / "backup.jsonl"
    counts = write_backup(database_url, file)
    assert (counts.scenarios, counts.changes) == (2, 6)
    assert str(restore_backup(other_url, file)) == "2 scenarios with 6 changes"
    assert everything(other_url) == everything(database_url)
    moved = Store(other_url)
    (name,) = [head.id for head in store.recent()]
    assert moved.get(name, author="Anna") == store.get(name, author="Anna")
    assert moved.redo(name, 4, author="Anna").plain == plain(3)
    moved.close()
    store.close()


def test_a_backup_is_private_and_says_what_it_is(database_url, tmp_path):
    filled(database_url).close()
    file = tmp_path / "backup.jsonl"
    write_backup(database_url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    *lines, last = file.read_bytes().splitlines(keepends=True)
    head = json.loads(lines[0])
    assert (head["format"], head["version"]) == ("knock-on backup", 3)
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    assert json.loads(last) == {"end": {"scenarios": 2, "changes": 6, "sha256": digest}}


def test_a_backup_while_others_write_is_of_one_moment(database_url, other_url, tmp_path):
    store = Store(database_url)
    made = [store.create("w", str(n), plain(0)) for n in range(3)]

    def write(_):
        # one after the other: at no moment are they more than one change apart
        for number in range(1, 31):
            for item in made:
                store.write(item.id, plain(number), number)

    def backup(number):
        file = tmp_path / f"{number}.jsonl"
        write_backup(database_url, file)
        return file

    with ThreadPoolExecutor(2) as threads:
        writer = threads.submit(write, None)
        files = [backup(0)]
        while not writer.done():
            files.append(backup(len(files)))
        writer.result()
    for file in (files[0], files[len(files) // 2], files[-1]):
        restore_backup(other_url, file, replace=True)
        moved = Store(other_url)
        revisions = [moved.get(item.id).revision for item in made]
        assert revisions == sorted(revisions, reverse=True)
        assert revisions[0] - revisions[-1] <= 1
        moved.close()
    store.close()


def test_nothing_is_overwritten_without_being_told(database_url, tmp_path):
    filled(database_url).close()
    file = tmp_path / "backup.jsonl"
    write_backup(database_url, file)
    with pytest.raises(BadInputError, match="--replace"):
        write_backup(database_url, file)
    store = Store(database_url)
    later = store.create("w", "made after the backup", plain(9))
    before = everything(database_url)
    with pytest.raises(BadInputError, match=r"holds scenarios already.*--replace"):
        restore_backup(database_url, file)
    assert everything(database_url) == before
    restore_backup(database_url, file, replace=True)
    assert later.id not in [head.id for head in store.recent()]
    assert len(everything(database_url)) == 8
    store.close()


def lines_of(file):
    return file.read_bytes().splitlines(keepends=True)


def signed(lines):
    """Return the lines with a matching last line, as an edited file may have it."""
    kinds = [next(iter(json.loads(line))) for line in lines]
    end = {
        "scenarios": kinds.count("scenario"),
        "changes": kinds.count("change"),
        "sha256": hashlib.sha256(b"".join(lines)).hexdigest(),
    }
    return [*lines, json.dumps({"end": end}).encode() + b"\n"]


def edited(number, **fields):
    def edit(lines):
        line = json.loads(lines[number])
        kind = next(iter(line))
        line[kind] = line[kind] | fields if isinstance(line[kind], dict) else fields[kind]
        return signed([*lines[:number], json.dumps(line).encode() + b"\n", *lines[number + 1 : -1]])

    return edit


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: lines[:-1], "line 10: the file ends before its last line"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "line 10: the file ends before"),
        (lambda lines: [], "line 1: the file ends"),
        (lambda lines: lines[:3] + lines[4:], "checksum|before it"),
        (lambda lines: [lines[0], lines[1].replace(b"St", b"Sp"), *lines[2:]], "checksum"),
        (lambda lines: [*lines, b"{}\n"], "checksum"),
        (lambda lines: [b"SQLite format 3\n"], "line 1: this is no JSON"),
        (lambda lines: [b"[" * 100_000 + b"\n"], "line 1: this is no JSON"),
        (lambda lines: [b"x" * 2_000_000], "line 1: the file ends"),
        (lambda lines: [b"[]\n"], "no JSON object"),
        (lambda lines: [b"{}\n"], "no backup of Knock-on"),
        (edited(0, format="another"), "no backup"),
        (
            lambda lines: [lines[0].replace(b'"version":3', b'"version":4')],
            "form 4; .* reads form 1 to 3",
        ),
        (edited(4, revision="2"), "line 5: revision: .*integer"),
        (edited(4, revision=10**30), "line 5: revision"),
        (edited(4, kind="burnt"), "line 5: kind"),
        (edited(4, more=1), "line 5: more"),
        (edited(4, plain=[]), "line 5: plain"),
        (edited(4, plain={"text": "x" * 300_000}), "too large"),
        (edited(4, revision=1), "line 5: the revisions of a scenario must go up"),
        (edited(4, next_undo=77), "line 5: it refers to a revision"),
        (edited(4, scenario_id="nobody"), "line 5: its scenario is not in the file"),
        (lambda lines: signed([*lines[:2], lines[1], *lines[2:-1]]), "there twice"),
        (lambda lines: signed(lines[:3]), "has no log"),
    ],
)
def test_a_backup_that_is_not_whole_leaves_the_database(damage, message, tmp_path):
    url = f"sqlite:///{tmp_path / 'knockon.db'}"
    filled(url).close()
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    write_backup(url, good)
    before = everything(url)
    bad.write_bytes(b"".join(damage(lines_of(good))))
    with pytest.raises(BadInputError, match=message) as error:
        restore_backup(url, bad, replace=True)
    assert len(str(error.value).splitlines()) == 1
    assert everything(url) == before


# --- from the terminal -----------------------------------------------------------------------


def test_backup_and_restore_from_the_terminal(
    database_url, other_url, tmp_path, monkeypatch, capsys
):
    filled(database_url).close()
    file = str(tmp_path / "b.jsonl")
    monkeypatch.setenv("KNOCKON_DATABASE_URL", database_url)
    assert cli.main(["backup", "--out", file]) == 0
    assert capsys.readouterr().out == f"Written to {file}: 2 scenarios with 6 changes\n"
    assert cli.main(["backup", "--out", file]) == 2
    assert "--replace" in capsys.readouterr().err
    assert cli.main(["backup", "--out", file, "--replace"]) == 0
    assert cli.main(["restore", file]) == 2
    monkeypatch.setenv("KNOCKON_DATABASE_URL", other_url)
    assert cli.main(["restore", file]) == 0
    assert "Restored from" in capsys.readouterr().out
    assert everything(other_url) == everything(database_url)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["backup", "--out", "b.jsonl"], "there is no such file"),
        (["backup", "--out", "no/folder/b.jsonl"], "no such file|no folder"),
        (["restore", "none.jsonl"], "none.jsonl"),
        (["restore"], "FILE"),
    ],
)
def test_what_is_not_there_is_told_in_a_line(command, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KNOCKON_DATABASE_URL", f"sqlite:///{tmp_path / 'missing.db'}")
    assert cli.main(command) == 2
    error = capsys.readouterr().err
    assert message.split("|")[0] in error or message.split("|")[-1] in error
    assert len(error.strip().splitlines()) == 1
    if command[0] == "backup":
        assert list(tmp_path.iterdir()) == []


def test_sessions_accounts_and_the_audit_log_move_along_but_no_way_in(
    database_url, other_url, tmp_path
):
    database = Database(database_url)
    sessions, accounts = Sessions(database), Accounts(database)
    account = accounts.add("Mara", "correct horse battery", by="test")
    shared = sessions.start("Storm", "w", account, by="Mara")
    made = Store(database, shared.id).create("w", "Shared", plain(1), author="Mara")
    _, token = sessions.invite(shared.id, Grant("observer", None, "GREEN"), 8, 5, by="Mara")
    _, cookie = sessions.join(token, "Jonas")
    file = tmp_path / "backup.jsonl"
    write_backup(database_url, file)
    held = file.read_text(encoding="utf-8")
    assert token not in held
    assert secret_hash(token) not in held
    assert secret_hash(cookie) not in held
    restore_backup(other_url, file)
    moved = Database(other_url)
    there = Sessions(moved)
    assert [item.name for item in there.all()] == ["Storm"]
    assert [member.name for member in there.members(shared.id)] == ["Mara", "Jonas"]
    assert there.audit() == sessions.audit()
    assert there.enter(cookie) is None
    assert there.invitations(shared.id) == []
    assert Accounts(moved).check("Mara", "correct horse battery") is not None
    assert Store(moved, shared.id).get(made.id).plain == plain(1)
    assert Store(moved).recent() == []
    restore_backup(other_url, file, replace=True)
    assert len(there.members(shared.id)) == 2
    moved.close()
    database.close()


@pytest.mark.parametrize("form", [1, 2])
def test_a_backup_of_an_older_form_can_be_read(form, database_url, other_url, tmp_path):
    filled(database_url).close()
    file = tmp_path / "backup.jsonl"
    write_backup(database_url, file)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    lines[0]["version"] = form
    for line in lines:
        line.get("change", {}).pop("sequence", None)
        if form == 1:
            line.get("scenario", {}).pop("session_id", None)
    texts = [json.dumps(line, separators=(",", ":")) + "\n" for line in lines[:-1]]
    lines[-1]["end"]["sha256"] = hashlib.sha256("".join(texts).encode()).hexdigest()
    file.write_text("".join(texts) + json.dumps(lines[-1]) + "\n", encoding="utf-8")
    assert str(restore_backup(other_url, file)) == "2 scenarios with 6 changes"
    # they are put in order by time, which is as they were written here
    assert everything(other_url) == everything(database_url)


def test_places_of_the_sequence_are_behind_what_is_there_and_given_once(
    database_url, other_url, tmp_path
):
    filled(database_url).close()
    file = tmp_path / "backup.jsonl"
    write_backup(database_url, file)
    there = Database(other_url)
    Accounts(there).add("Mara", "correct horse battery", by="test")
    restore_backup(other_url, file)
    store = Store(there)
    store.create("w", "later", plain(0), author="Mara")
    acts = Sessions(there).audit()
    assert [line.what for line in acts][:2] == ["added an account", "scenario created"]
    assert (acts[-1].who, len(acts)) == ("Mara", 8)
    there.close()
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()][:-1]
    lines[-1]["change"]["sequence"] = lines[-2]["change"]["sequence"]
    texts = [json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines]
    file.write_bytes(b"".join(signed(texts)))
    with pytest.raises(BadInputError, match="two lines have the same sequence"):
        restore_backup(other_url, file, replace=True)


def test_a_member_of_a_session_that_is_not_there_is_refused(database_url, tmp_path):
    member = {"id": "m", "session_id": "none", "account_id": None, "name": "n", "role": "observer",
              "sectors": "[]", "clearance": "GREEN", "revoked": None,
              "created": "2026-11-30T12:00:00+00:00"}  # fmt: skip
    head = json.dumps({"format": "knock-on backup", "version": 3, "made_at": "x"})
    file = tmp_path / "backup.jsonl"
    file.write_text(f"{head}\n{json.dumps({'member': member})}\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="its session is not in the file before it"):
        restore_backup(database_url, file)


def test_plans_and_runs_of_exercises_move_along(tmp_path):
    there, here = (f"sqlite:///{tmp_path / name}.db" for name in ("there", "here"))
    store = Store(here)
    store.create("w", "", {"world": "w"})
    logs = ExerciseStore(store.database)
    head = logs.create("run", "w", "Storm", "", Written("opened", "lea", 1, "Lea", {"plan": {}}))
    logs.append(head.id, lambda *_: Written("started", "lea", 2, "Lea", {"scenario": 's"1"'}))
    kept = logs.lines(head.id)
    store.close()
    write_backup(here, tmp_path / "all.jsonl")
    restore_backup(there, tmp_path / "all.jsonl")
    restored = Store(there)
    again = ExerciseStore(restored.database)
    assert again.lines(head.id) == kept and again.recent("w", "") == [head]
    assert again.of_scenario('s"1"') == head.id
    restored.close()


def _lines_of_account(**fields):
    account = {"id": "a", "login": "anna", "name": "Anna", "password_hash": None, "issuer": None,
               "subject": None, "clearance": "RED", "created": "2026-11-30T12:00:00+00:00",
               "disabled": None, **fields}  # fmt: skip
    head = {"format": "knock-on backup", "version": 3, "made_at": "x"}
    lines = "".join(json.dumps(line) + "\n" for line in (head, {"account": account}))
    digest = hashlib.sha256(lines.encode()).hexdigest()
    return lines + json.dumps({"end": {"scenarios": 0, "changes": 0, "sha256": digest}}) + "\n"


HASH = f"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA${'q' * 42}o"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password_hash": "secret"}, "password_hash: .*no hash of a password"),
        ({"password_hash": "$argon2id$v=19$m=1"}, "password_hash: .*no hash of a password"),
        ({"password_hash": HASH.replace("65536", "4294967295")}, "takes too long to check"),
        ({"password_hash": HASH.replace("t=3", "t=99999")}, "takes too long to check"),
        ({"name": "x\ud800"}, "account.name: a text with half of a character"),
        ({"login": "x\x00"}, "account.login: a text with half of a character, or with a NUL"),
        ({"created": "yesterday"}, "created: .*no time"),
    ],
)
def test_a_line_that_would_be_a_fault_later_is_bad_input(database_url, tmp_path, fields, said):
    file = tmp_path / "backup.jsonl"
    file.write_text(_lines_of_account(**fields), encoding="utf-8")
    with pytest.raises(BadInputError, match=f"line 2: .*{said}"):
        restore_backup(database_url, file)
    assert everything(database_url) == []


def test_a_sound_hash_is_restored(database_url, tmp_path):
    file = tmp_path / "backup.jsonl"
    file.write_text(_lines_of_account(password_hash=HASH), encoding="utf-8")
    restore_backup(database_url, file)
    assert HASH in everything(database_url)[0]


def test_half_a_character_deep_in_a_scenario_is_bad_input(database_url, tmp_path):
    filled(database_url).close()
    file = tmp_path / "backup.jsonl"
    write_backup(database_url, file)
    file.write_text(file.read_text(encoding="utf-8").replace("Süd 2", "\\ud800"), encoding="utf-8")
    with pytest.raises(BadInputError, match="half of a character"):
        restore_backup(database_url, file, replace=True)

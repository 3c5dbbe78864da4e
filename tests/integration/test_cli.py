"""The terminal: exit codes, one line per problem, never a traceback."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import cli
from commands import shared
from data.languages import NAMES
from data.worlds.reader import read_world
from tests.conftest import SCENARIO

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run_cli(capsys):
    """Run a command in this process; gives its exit code, stdout and stderr."""

    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return command


def test_run_prints_the_outcome(run_cli, tiny_world_folder, tiny_scenario_file):
    code, out, err = run_cli("run", tiny_world_folder, tiny_scenario_file)
    assert (code, err) == (0, "")
    plain = json.loads(out)
    assert plain["assets"]["works"]["first_loss_h"] == 8.0
    assert plain["people"] == {"drinking water": {"peak": 1200, "person_hours": 48_000.0}}


@pytest.mark.parametrize("name", ["", "s1-110kv-fault", "s4-black-start-in-time"])
def test_a_small_world_has_the_same_outcome_by_either_engine(
    run_cli, tiny_world_folder, tiny_scenario_file, monkeypatch, name
):
    region = ROOT / "data" / "regions" / "neubrandenburg"
    world = region if name else tiny_world_folder
    scenario = region / "scenarios" / f"{name}.json" if name else tiny_scenario_file
    by_reference = run_cli("run", world, scenario)
    assert by_reference[0] == 0
    monkeypatch.setattr("models.cascade.reference.engine.run", lambda *_: 1 / 0)
    for bound in ("SMALL_WORLD", "FEW_EVENTS"):
        with monkeypatch.context() as patch:
            patch.setattr(f"models.cascade.once.{bound}", 0)
            assert run_cli("run", world, scenario) == by_reference
    assert run_cli("run", world, scenario)[0] == 1


def test_run_writes_a_file_and_says_what_happened(
    run_cli, tiny_world_folder, tiny_scenario_file, tmp_path
):
    out_file = tmp_path / "o.json"
    code, out, err = run_cli("run", tiny_world_folder, tiny_scenario_file, "--out", out_file)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Tiny town: 3 assets lost or impaired",
        "  1 hit directly, 2 by cascade",
        "  energy: 1 hit, 0 by cascade, of 2",
        "  health: 0 hit, 1 by cascade, of 1",
        "  water: 0 hit, 1 by cascade, of 1",
        "  special users among them: hospital 1",
        "People who lack something: 1,200 at the peak",
        "  drinking water: 1,200 at the peak, 48,000 person-hours",
        f"Written to {out_file}",
    ]
    _, printed, _ = run_cli("run", tiny_world_folder, tiny_scenario_file)
    assert out_file.read_text(encoding="utf-8") == printed


def test_connectivity_measures_before_and_after(
    run_cli, tiny_world_folder, tiny_scenario_file, tmp_path
):
    (tiny_world_folder / "flows.csv").write_text(
        "asset_id,service,demand\ngrid,electricity,3\n", encoding="utf-8"
    )
    code, out, err = run_cli("connectivity", tiny_world_folder, tiny_scenario_file)
    assert (code, err) == (0, "")
    measures = json.loads(out)["services"]["electricity"]
    # 9,000.5 m apart; the substation is out, so nothing is reached any more
    assert measures == {
        "mode": "demand", "weight": "length_m", "nodes": 2, "sources": 1, "demands": 1,
        "ccl": 1.0, "pcl": 1.0, "wcl": 1.0, "el": 1.0,
        "assets": {
            "grid": {
                "eff0": 0.000111104939, "eff": 0.0, "el": 1.0, "isolated": 1, "ns0": 1, "ns": 0,
                "ws0": 0.000111104939, "ws": 0.0, "pcl": 1.0, "wcl": 1.0,
            },
            "plant": {"eff0": 0.000111104939, "eff": 0.0, "el": 1.0},
        },
    }  # fmt: skip
    out_file = tmp_path / "c.json"
    named = ("--service", "electricity", "--out", out_file)
    code, said, err = run_cli("connectivity", tiny_world_folder, tiny_scenario_file, *named)
    assert (code, err) == (0, "")
    assert said.splitlines() == [
        "electricity: complete 100.0%, partial 100.0%, weighted 100.0%, efficiency 100.0% lost",
        f"Written to {out_file}",
    ]
    assert out_file.read_text(encoding="utf-8") == out


def test_connectivity_looks_at_the_hour_asked_for(run_cli, tiny_world_folder, tmp_path):
    scenario = SCENARIO | {"events": [{"at_h": 5, "do": "fail", "link": "line"}]}
    (tmp_path / "s.json").write_text(json.dumps(scenario))
    for hour, el in ((4.99, 0.0), (5, 1.0), (48, 1.0)):
        code, out, _ = run_cli("connectivity", tiny_world_folder, tmp_path / "s.json", "--at", hour)
        measures = json.loads(out)["services"]["electricity"]
        assert (code, measures["mode"], measures["el"], measures["pcl"]) == (0, "general", el, None)
        assert set(measures["assets"]["grid"]) == {"eff0", "eff", "el"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "49"], "--at 49: must be from 0 h to the scenario's horizon, 48 h."),
        (["--at", "-1"], "--at -1: must be from 0 h to the scenario's horizon, 48 h."),
        (["--at", "nan"], "--at nan: must be from 0 h to the scenario's horizon, 48 h."),
        (["--service", "electrcity"],
         "No link carries the service 'electrcity'. Did you mean 'electricity'?"),
        (["--service", "power"],
         "No link carries the service 'power'. Did you mean 'electricity'?"),
        (["--service", ""], "No link carries the service ''. Links carry electricity."),
    ],
)  # fmt: skip
def test_connectivity_tells_what_it_cannot_measure(
    run_cli, tiny_world_folder, tiny_scenario_file, arguments, message
):
    assert run_cli("connectivity", tiny_world_folder, tiny_scenario_file, *arguments) == (
        2, "", message + "\n",
    )  # fmt: skip


def test_a_measure_counts_before_and_after(run_cli, tiny_world_folder, tmp_path):
    """The substation gets a source of its own: it stays reached, by one instead of two."""
    (tiny_world_folder / "flows.csv").write_text(
        "asset_id,service,demand\nworks,electricity,1\n", encoding="utf-8"
    )
    with (tiny_world_folder / "links.csv").open("a", encoding="utf-8") as links:
        links.write("cable,grid,works,electricity,100\n")
    measure = {"do": "add_source", "asset": "grid", "service": "electricity"}
    event = {"at_h": 0, "do": "fail", "link": "line"}
    (tmp_path / "s.json").write_text(
        json.dumps(SCENARIO | {"events": [event], "measures": [measure]})
    )
    code, out, _ = run_cli("connectivity", tiny_world_folder, tmp_path / "s.json")
    measures = json.loads(out)["services"]["electricity"]
    works = measures["assets"]["works"]
    assert (code, measures["sources"], works["ns0"], works["ns"], measures["ccl"]) == (
        0,
        2,
        2,
        1,
        0.0,
    )


def test_connectivity_of_a_network_that_joins_nothing(
    run_cli, tiny_world_folder, tiny_scenario_file, tmp_path
):
    """The only link leads from the plant to itself: 0/0 throughout."""
    (tiny_world_folder / "links.csv").write_text(
        "link_id,from_id,to_id,service\nloop,plant,plant,steam\n", encoding="utf-8"
    )
    named = ("connectivity", tiny_world_folder, tiny_scenario_file, "--out", tmp_path / "c.json")
    code, out, _ = run_cli(*named)
    assert (code, out.splitlines()[0]) == (0, "steam: joins nothing")
    measures = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["services"]["steam"]
    assert (measures["nodes"], measures["el"], measures["assets"]["plant"]["el"]) == (1, None, 0.0)


def test_connectivity_of_a_world_without_links_has_no_services(
    run_cli, tiny_world_folder, tiny_scenario_file
):
    (tiny_world_folder / "links.csv").unlink()
    code, out, _ = run_cli("connectivity", tiny_world_folder, tiny_scenario_file)
    assert (code, json.loads(out)) == (0, {"services": {}})


def test_theory_reruns_published_cases(run_cli):
    code, out, err = run_cli("theory", "IIM-1", "ER-2")
    assert (code, err) == (0, "")
    assert "  q: agrees within 1e-09\n    expected [0.57142857, 0.71428571]\n" in out
    assert out.endswith("\n2 of 2 cases agree.\n")
    code, out, err = run_cli("theory", "--list", "ML")
    assert (code, err, len(out.splitlines())) == (0, "", 2)
    assert run_cli("theory", "IIM-9") == (
        2,
        "",
        "No published case 'IIM-9'. Did you mean 'IIM-5'?\n",
    )


def test_theory_says_and_exits_with_1_where_a_case_differs(run_cli, monkeypatch):
    monkeypatch.setattr("models.theory.percolation.giant_component", lambda k: 0.0)
    code, out, err = run_cli("theory", "ER")
    assert code == 1
    assert "S: DIFFERS, not within 1e-06" in out
    assert "0 of 4 cases agree." in out
    assert "these cases differ: ER-1.5, ER-2, ER-3, ER-4" in err


def test_a_world_without_dependencies_and_an_empty_list_of_events_run(
    run_cli, tiny_world_folder, tmp_path
):
    (tiny_world_folder / "dependencies.csv").unlink()
    (tmp_path / "s.json").write_text('{"world": "tiny", "events": []}')
    code, out, err = run_cli("run", tiny_world_folder, tmp_path / "s.json")
    assert (code, json.loads(out)["trace"]) == (0, [])
    assert err.startswith("note: no events")
    code, out, _ = run_cli("validate", tiny_world_folder)
    assert code == 0
    assert "note: tiny: no dependencies" in out


def test_validate_shows_how_complete_a_world_is(run_cli, tiny_world_folder):
    (tiny_world_folder / "unknowns.csv").write_text("asset_id,service\nclinic,oxygen\n")
    code, out, err = run_cli("validate", tiny_world_folder)
    assert (code, err) == (0, "")
    assert out.startswith("ok: Tiny town (tiny), 4 assets, 1 links, 3 dependencies\n")
    assert "drinking water 1/1; electricity 1/1; oxygen 0/1, 1 unknown" in out
    assert out.endswith("1 needs without a known supplier\n")


def test_validate_tells_every_problem(run_cli, tiny_world_folder):
    path = tiny_world_folder / "dependencies.csv"
    path.write_text(
        path.read_text().replace(",8,1", ",-8,1").replace("clinic,works", "clinic,wroks")
    )
    code, out, err = run_cli("validate", tiny_world_folder)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "dependencies.csv, row 2, column autonomy_h: -8 is negative.",
        "dependencies.csv, row 4, column supplier_id: no asset 'wroks'. Did you mean 'works'?",
    ]


def scenario(**changes):
    return json.dumps(SCENARIO | changes)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "s.json: the file is empty."),
        ("{}", "s.json: world: missing."),
        (scenario(events=[{"at_h": 0, "do": "fail", "asset": "gird"}]),
         "s.json: events[0].asset: no asset 'gird' in this world. Did you mean 'grid'?"),
        (scenario(horizon_h=float("nan")), "s.json: horizon_h: NaN is not a finite number."),
        (scenario(horizon_h=-5), "s.json: horizon_h: -5 is below 0."),
    ],
)  # fmt: skip
def test_a_bad_scenario_is_told_in_one_line(run_cli, tiny_world_folder, tmp_path, content, line):
    (tmp_path / "s.json").write_text(content)
    assert run_cli("run", tiny_world_folder, tmp_path / "s.json") == (2, "", line + "\n")


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("dependencies.csv", ",8,1", ",nan,1", "row 2, column autonomy_h: 'nan' is not a finite"),
        ("dependencies.csv", ",8,1", ",-8,1", "row 2, column autonomy_h: -8 is negative"),
        ("dependencies.csv", "ty,1,8", "ty,2,8", "row 2, column k: k is 2, but the group has only"),
        ("assets.csv", "works,W", "grid,W", "row 4, column asset_id: 'grid' is already used in"),
        ("dependencies.csv", "works,grid", "works,grdi", "row 2, column supplier_id: no asset 'gr"),
    ],
)
def test_a_bad_world_is_told(run_cli, tiny_world_folder, tiny_scenario_file, name, old, new, line):
    path = tiny_world_folder / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    code, out, err = run_cli("run", tiny_world_folder, tiny_scenario_file)
    assert (code, out) == (2, "")
    assert err.startswith(f"{name}, {line}")


def test_what_is_not_there_is_told(run_cli, tiny_world_folder, tiny_scenario_file, tmp_path):
    for arguments, text in [
        (("run", "nowhere", tiny_scenario_file), "No world 'nowhere'"),
        (("run", tiny_world_folder, tmp_path / "no.json"), "no.json: cannot be read"),
        (("run", tiny_world_folder, tmp_path), "cannot be read"),
        (("run", tiny_world_folder, tiny_scenario_file, "--out", tmp_path), "is a folder"),
        (("run", tiny_world_folder, tiny_scenario_file, "--out", tmp_path / "a/b"), "no folder"),
        (("run", tiny_world_folder), "are required: SCENARIO"),
        (("fly",), "invalid choice: 'fly'"),
        ((), "are required: COMMAND"),
        (("export", tiny_world_folder, "--to", "shp", "--out", "x"), "invalid choice: 'shp'"),
        (("export", tmp_path / "no.json", "--to", "csv", "--out", "x"), "cannot be read"),
    ]:
        code, out, err = run_cli(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert text in err


def test_help_lists_what_is_there(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("run", "validate", "export"))


@pytest.mark.parametrize("form", ["csv", "gpkg"])
def test_an_exported_world_is_the_same_world(run_cli, tiny_world_folder, tmp_path, form):
    out_file = tmp_path / f"copy.{form}"
    assert run_cli("export", tiny_world_folder, "--to", form, "--out", out_file)[0] == 0
    assert read_world(out_file) == read_world(tiny_world_folder)


@pytest.mark.parametrize("form", ["csv", "geojson", "gpkg"])
def test_an_outcome_is_exported_with_its_world(
    run_cli, tiny_world_folder, tiny_scenario_file, tmp_path, form
):
    outcome, out_file = tmp_path / "o.json", tmp_path / f"o.{form}"
    run_cli("run", tiny_world_folder, tiny_scenario_file, "--out", outcome)
    export = ("export", outcome, "--to", form, "--out", out_file)
    assert run_cli(*export, "--world", tiny_world_folder)[0] == 0
    assert out_file.stat().st_size > 100
    code, _, err = run_cli(*export)
    assert (code, "Name its world with --world" in err) == (2, True)
    (tiny_world_folder / "service_areas.csv").unlink()
    code, _, err = run_cli(*export, "--world", tiny_world_folder)
    assert (code, "as it is now" in err) == (2, True)
    assert run_cli(*export[:2], "--to", "graphml", *export[4:])[0] == 2


def test_a_fault_of_ours_is_told_without_a_traceback(
    run_cli, tiny_world_folder, tiny_scenario_file, monkeypatch
):
    monkeypatch.setattr("models.cascade.reference.engine.run", lambda *_: 1 / 0)
    code, out, err = run_cli("run", tiny_world_folder, tiny_scenario_file)
    assert (code, out) == (1, "")
    assert err.startswith("A fault in Knock-on (ZeroDivisionError")


def test_brief_writes_everything_into_a_folder(
    run_cli, tiny_world_folder, tiny_scenario_file, tmp_path
):
    made = tmp_path / "new" / "brief"
    arguments = (tiny_world_folder, tiny_scenario_file, "--at", 4, "--out", made)
    code, out, err = run_cli("brief", *arguments, "--label", "TLP:GREEN", "--compare",
                         tiny_scenario_file)  # fmt: skip
    assert (code, err) == (0, "")
    assert out.startswith(f"Written to {made}: briefing.pdf, briefing.html, map.png")
    assert sorted(path.name for path in made.iterdir()) == sorted(
        ["briefing.pdf", "briefing.html", "map.png", "map.svg", "mail.txt", "outcome.geojson",
         "outcome.gpkg", "outcome-csv.zip", "warning.cap.xml"]
    )  # fmt: skip
    assert "TLP:GREEN" in (made / "briefing.html").read_text(encoding="utf-8")
    assert run_cli("brief", *arguments)[0] == 0, "what was written before is written over"


@pytest.mark.parametrize("code", ["de", "en"])
def test_brief_is_in_the_language_that_is_asked_for(
    run_cli, tiny_world_folder, tiny_scenario_file, tmp_path, code
):
    arguments = (tiny_world_folder, tiny_scenario_file, "--at", 4, "--out", tmp_path / code)
    assert run_cli("brief", *arguments, "--language", code)[0] == 0
    assert f'<html lang="{code}">' in (tmp_path / code / "briefing.html").read_text("utf-8")
    assert f"<language>{code}<" in (tmp_path / code / "warning.cap.xml").read_text("utf-8")


def test_brief_knows_every_language_there_is():
    assert sorted(cli.LANGUAGES) == sorted([*NAMES, "en"])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--at", "4", "--label", "secret"), "invalid choice"),
        (("--at", "4", "--language", "pl"), "choose one of de, fr, it, es, en"),
        (("--at", "4", "--language", "DE_de\n"), "choose one of de, fr, it, es, en"),
        (("--at", "49"), "horizon"),
        ((), "--at"),
    ],
)
def test_brief_tells_a_wrong_option_in_one_line(
    run_cli, tiny_world_folder, tiny_scenario_file, tmp_path, more, message
):
    code, out, err = run_cli(
        "brief", tiny_world_folder, tiny_scenario_file, "--out", tmp_path / "b", *more
    )
    assert (code, out) == (2, "")
    assert message in err and len(err.splitlines()) == 1


def test_brief_does_not_write_over_a_file(run_cli, tiny_world_folder, tiny_scenario_file):
    code, _, err = run_cli("brief", tiny_world_folder, tiny_scenario_file, "--at", 1,
                       "--out", tiny_scenario_file)  # fmt: skip
    assert code == 2 and "is a file" in err


def test_an_interrupt_is_told(run_cli, tiny_world_folder, tiny_scenario_file, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("models.cascade.reference.engine.run", interrupted)
    assert run_cli("run", tiny_world_folder, tiny_scenario_file) == (130, "", "Interrupted.\n")


def test_a_closed_pipe_ends_quietly(tiny_world_folder, tiny_scenario_file):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, ROOT / "cli.py", "run", tiny_world_folder, tiny_scenario_file],
        stdout=writer, stderr=subprocess.PIPE, check=False, cwd=ROOT,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_names_are_printed_whatever_the_locale(tiny_world_folder, tiny_scenario_file):
    done = subprocess.run(
        [sys.executable, ROOT / "cli.py", "run", tiny_world_folder, "nö.json"],
        capture_output=True, check=False, cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "nö.json" in done.stderr.decode("utf-8")


def test_screen_ranks_every_asset_and_pair(run_cli, tiny_world_folder, tmp_path):
    (tiny_world_folder / "common_cause.csv").write_text(
        "group_id,basis,name,asset_id\ntrench,location,Trench,grid\ntrench,location,Trench,works\n",
        encoding="utf-8",
    )
    out_file = tmp_path / "s.json"
    code, out, err = run_cli("screen", tiny_world_folder, "--pairs", "--top", 2, "--out", out_file)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Tiny town: 4 assets, each knocked out by itself at 0 h; "
        "what is lost in the end, itself included, by people",
        "People lack something at the worst moment; each is counted once (people_distinct).",
        "assets  people  asset",
        "     4   1,200  Power plant (plant)",
        "     3   1,200  Substation (grid); also shares a location with Water works",
        "",
        "0 of 6 pairs take something that neither takes alone; of that:",
        "assets  people  pair",
        "",
        "The pairs that take most, all together:",
        "assets  people  pair",
        '     4   1,200  Hospital "Süd", east wing (clinic) + Power plant (plant)',
        "     4   1,200  Substation (grid) + Power plant (plant)",
        f"Written to {out_file}",
    ]
    plain = json.loads(out_file.read_text(encoding="utf-8"))
    assert [row["asset"] for row in plain["singles"]] == ["plant", "grid", "works", "clinic"]
    assert plain["singles"][2]["shares_cause_with"] == [
        {"group": "trench", "basis": "location", "assets": ["grid"], "links": []}
    ]
    assert (plain["horizon_h"], plain["pairs"], plain["pairs_hidden"]) == (None, 6, 0)
    assert len(plain["worst"]) == 2 and plain["singles"][0]["person_hours"] is None


def test_screen_by_person_hours_looks_at_a_horizon(run_cli, tiny_world_folder):
    code, out, _ = run_cli(
        "screen", tiny_world_folder, "--by", "person-hours", "--horizon", 48, "--top", 1
    )
    assert code == 0
    # the works themselves are lost at once; behind the plant they last for 8 h
    assert out.splitlines()[-1] == "     2   1,200        57,600  Water works (works)"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--top", "0"), "'0' is no whole number from 1 to 10,000"),
        (("--top", "x"), "'x' is no whole number"),
        (("--horizon", "-1"), "no number of hours from 0 to 87,600"),
        (("--horizon", "nan"), "no number of hours"),
        (("--by", "luck"), "invalid choice"),
    ],
)
def test_screen_tells_a_wrong_option_in_one_line(run_cli, tiny_world_folder, wrong, message):
    code, out, err = run_cli("screen", tiny_world_folder, *wrong)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_a_bar_shows_on_a_terminal_once_it_takes_long(monkeypatch):
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setattr(shared, "SHOW_AFTER_S", 0.05)
        monkeypatch.setattr(shared, "REDRAW_S", 0.05)
        with shared.progress("reading", 2) as step:
            step("computing")
            shown = _read_until(master, b"computing")
        shown += _read_until(master, b"\r\x1b[K")
    os.close(master)
    assert "█░" in shown.decode("utf-8")
    assert shown.endswith(b"\r\x1b[K")


def _read_until(master, wanted):
    """Read what the terminal shows until this has come."""
    shown = b""
    while wanted not in shown:
        shown += os.read(master, 4096)
    return shown


def test_an_interrupted_process_exits_with_130(tmp_path, tiny_world_folder):
    fifo = tmp_path / "s.json"
    os.mkfifo(fifo)  # reading it waits for ever
    process = subprocess.Popen(
        [sys.executable, ROOT / "cli.py", "run", tiny_world_folder, fifo],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        # tests that run in the background of a shell ignore the signal, and what they start, too
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    with fifo.open("w"):  # opens once there is a reader
        # a signal just before it waits for the first letter would wait with it: so Python is made
        state = Path(f"/proc/{process.pid}/stat")
        while state.read_text().rsplit(")", 1)[1].split()[0] != "S":
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err

"""The command `ensemble`, and the same chunks on a real Dask cluster with two workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cli import main
from data.documents.scenarios import parse_scenario
from data.worlds.reader import read_world
from models.ensemble.ensemble import StoppedError, ensemble
from models.ensemble.job import on_cluster, on_threads

ROOT = Path(__file__).resolve().parents[2]
STORM = {
    "world": "tiny",
    "seed": 3,
    "horizon_h": 72,
    "repairs": "typical",
    "common_cause": "sampled",
    "events": [
        {"at_h": 0, "do": "fail", "asset": "grid", "p": 0.7},
        {"at_h": 2, "do": "fail", "link": "line", "p": 0.1},
    ],
}


@pytest.fixture
def storm_file(tmp_path, tiny_world_folder):
    """A storm over the tiny world, whose battery and repair are uncertain."""
    for name, column, cells in (
        ("assets.csv", "repair_h", {"grid": "6,48"}),
        ("dependencies.csv", "autonomy_h", {"works-power": "4,12", "clinic-water": "0,4"}),
    ):
        path = tiny_world_folder / name
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        rows = [f"{row},{cells.get(row.split(',')[0], ',')}" for row in rows]
        head = f"{head},{column}_low,{column}_high"
        path.write_text("\n".join([head, *rows]), encoding="utf-8")
    (tiny_world_folder / "common_cause.csv").write_text(
        "group_id,basis,asset_id,beta\nc,location,grid,0.3\nc,location,works,0.3\n"
    )
    path = tmp_path / "storm.json"
    path.write_text(json.dumps(STORM))
    return path


def output_of(capsys):
    out, err = capsys.readouterr()
    return out, err.splitlines()


def test_the_summary_says_what_was_varied_and_what_came_of_it(
    tiny_world_folder, storm_file, tmp_path, capsys
):
    out = tmp_path / "found.json"
    command = ["ensemble", str(tiny_world_folder), str(storm_file), "--runs", "400"]
    assert main([*command, "--out", str(out)]) == 0
    text, errors = output_of(capsys)
    lines = text.splitlines()
    assert errors == []
    assert lines[:3] == [
        "Tiny town: 400 runs, seed 3",
        "Varied: assets.repair_h: 1, dependencies.autonomy_h: 2, events with a p: 2, "
        "shocks by a common cause: 1",
        "Not varied: numbers without bounds: all",
    ]
    assert any(
        line.startswith("  drinking water: 1,200 (0 to 1,200) at the peak") for line in lines
    )
    assert any(
        "Water works (shock c)" in line or "repair_h of Substation" in line for line in lines
    )
    assert lines[-1] == f"Written to {out}"
    plain = json.loads(out.read_text())
    assert (plain["runs"], plain["seed"], plain["route"]) == (400, 3, "timed")
    assert plain["scope"]["numbers"] == {"assets.repair_h": 1, "dependencies.autonomy_h": 2}
    grid = plain["assets"]["grid"]
    assert grid["low"] < 0.73 < grid["high"] and grid["share"] == grid["times"] / 400
    assert plain["people"]["drinking water"]["peak"]["p95"] == 1200
    assert plain["lost"]["convergence"][-1]["runs"] == 400


def test_the_same_seed_gives_the_same_bytes(tiny_world_folder, storm_file, tmp_path, capsys):
    def written(*further: str) -> bytes:
        out = tmp_path / "found.json"
        command = ["ensemble", str(tiny_world_folder), str(storm_file), "--runs", "100"]
        assert main([*command, "--out", str(out), *further]) == 0
        return out.read_bytes() + capsys.readouterr().out.encode()

    one = written()
    assert one == written("--threads", "3") == written("--seed", "3")
    assert one != written("--seed", "4")


@pytest.mark.parametrize(
    ("further", "text"),
    [
        (["--runs", "0"], "--runs 0: give a number from 1 to 1,000,000."),
        (["--seed", "-1"], "--seed -1: give a number from 0 to"),
        (["--threads", "0"], "--threads 0: give a number from 1 to 256."),
        (["--runs", "many"], "argument --runs: invalid int value: 'many'."),
        (["--dask", "tcp://127.0.0.1:1", "--threads", "2"], "--threads: the workers of a Dask"),
        (["--dask", "nonsense://x"], "--dask nonsense://x: no scheduler answers ("),
    ],
)
def test_a_bad_command_line_is_told_in_one_line(
    tiny_world_folder, storm_file, capsys, further, text
):
    assert main(["ensemble", str(tiny_world_folder), str(storm_file), *further]) == 2
    _, errors = output_of(capsys)
    assert len(errors) == 1 and errors[0].startswith(text)


# --- a cluster -------------------------------------------------------------------------------


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """Start a scheduler and workers as processes of their own; give its address, and them."""
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    place = {"cwd": folder, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    dask = [sys.executable, "-m", "distributed.cli.dask_"]

    def start(kind: str, *further: str) -> subprocess.Popen:
        line = [*dask[:2], dask[2] + kind, "--scheduler-file", str(file), *further]
        return subprocess.Popen(line, **quiet, **place)  # type: ignore[call-overload]

    local = ["--host", "127.0.0.1"]
    scheduler = start("scheduler", *local, "--port", "0", "--no-dashboard", "--no-show")
    running = []
    try:
        while not file.exists():
            assert scheduler.poll() is None
            time.sleep(0.05)
        running += [
            start("worker", *local, "--no-nanny", "--nthreads", "1", "--no-dashboard")
            for _ in range(workers)
        ]
        yield json.loads(file.read_text())["address"], running
    finally:
        for process in (*running, scheduler):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_bits_and_losing_a_worker_loses_nothing(
    tiny_world_folder, storm_file, tmp_path, capsys
):
    from distributed import Client

    world = read_world(tiny_world_folder)
    scenario = parse_scenario(STORM, world)
    threaded = ensemble(world, scenario, 300, chunk_runs=5, runner=on_threads(2))
    with cluster(tmp_path, workers=2) as (address, workers), Client(address) as client:
        client.wait_for_workers(2, timeout=60)
        assert ensemble(world, scenario, 300, chunk_runs=5, runner=on_cluster(client)) == threaded

        command = ["ensemble", str(tiny_world_folder), str(storm_file), "--runs", "100"]
        assert main(command) == 0
        here = capsys.readouterr().out
        assert main([*command, "--dask", address]) == 0
        assert capsys.readouterr().out == here

        pids, killed = client.run(os.getpid), []

        def lose_the_busiest(done: int, of: int) -> None:
            if done == 2:
                held, under_way = client.has_what(), client.processing()
                busiest = max(pids, key=lambda w: len(held.get(w, ())) + len(under_way.get(w, ())))
                killed.append((pids[busiest], held[busiest]))
                os.kill(pids[busiest], signal.SIGKILL)

        result = ensemble(
            world, scenario, 300, chunk_runs=5,
            runner=on_cluster(client), progress=lose_the_busiest,
        )  # fmt: skip
        ((pid, lost),) = killed
        (gone,) = [worker for worker in workers if worker.pid == pid]
        assert gone.wait(timeout=10) == -signal.SIGKILL
        assert lost and result == threaded

        done: list[int] = []
        with pytest.raises(StoppedError):
            ensemble(
                world, replace(scenario, seed=9), 5000, chunk_runs=5,
                runner=on_cluster(client), stop=lambda: len(done) > 2,
                progress=lambda n, of: done.append(n),
            )  # fmt: skip
        until = time.monotonic() + 30
        while client.processing() and any(client.processing().values()):
            assert time.monotonic() < until
            time.sleep(0.1)


def test_a_cluster_without_workers_is_told(tiny_world_folder, storm_file, tmp_path, capsys):
    with cluster(tmp_path, workers=0) as (address, _):
        command = ["ensemble", str(tiny_world_folder), str(storm_file), "--dask", address]
        assert main(command) == 2
    assert output_of(capsys)[1] == [f"--dask {address}: the cluster has no worker."]

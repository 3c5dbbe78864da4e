"""Commands that keep an installation: backup, restore, warmup."""

from __future__ import annotations

import argparse
import time

from commands.shared import progress


def backup(given: argparse.Namespace) -> None:
    """Write all that the database holds to a file."""
    from data.store.backups import write_backup
    from settings import from_environment

    with progress("writing", 1):
        counts = write_backup(from_environment().database_url, given.out, replace=given.replace)
    print(f"Written to {given.out}: {counts}")


def restore(given: argparse.Namespace) -> None:
    """Put what a backup holds into the database."""
    from data.store.backups import restore_backup
    from settings import from_environment

    with progress("reading", 1):
        counts = restore_backup(from_environment().database_url, given.file, replace=given.replace)
    print(f"Restored from {given.file}: {counts}")


def warmup(given: argparse.Namespace) -> None:
    """Compile the engine once."""
    from models.warmup import STEPS

    began = time.monotonic()
    with progress(f"compiling {next(iter(STEPS))}", len(STEPS)) as step:
        for compile_it, following in zip(STEPS.values(), [*list(STEPS)[1:], ""], strict=True):
            compile_it()
            step(f"compiling {following}")
    print(f"Ready: {', '.join(STEPS)} ({time.monotonic() - began:.0f} s)")

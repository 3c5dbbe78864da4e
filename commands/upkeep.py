"""Commands for administrators: backup, restore, warmup."""

from __future__ import annotations

import argparse
import time

from commands.shared import progress


def backup(arguments: argparse.Namespace) -> None:
    """Write the whole database to a file."""
    from data.store.backups import write_backup
    from settings import from_environment

    with progress("writing", 1):
        counts = write_backup(
            from_environment().database_url, arguments.out, replace=arguments.replace
        )
    print(f"Written to {arguments.out}: {counts}")


def restore(arguments: argparse.Namespace) -> None:
    """Restore a backup into the database."""
    from data.store.backups import restore_backup
    from settings import from_environment

    with progress("reading", 1):
        counts = restore_backup(
            from_environment().database_url, arguments.file, replace=arguments.replace
        )
    print(f"Restored from {arguments.file}: {counts}")


def warmup(arguments: argparse.Namespace) -> None:
    """Compile the engine once."""
    from models.warmup import STEPS

    began = time.monotonic()
    with progress(f"compiling {next(iter(STEPS))}", len(STEPS)) as step:
        for compile_it, following in zip(STEPS.values(), [*list(STEPS)[1:], ""], strict=True):
            compile_it()
            step(f"compiling {following}")
    print(f"Ready: {', '.join(STEPS)} ({time.monotonic() - began:.0f} s)")

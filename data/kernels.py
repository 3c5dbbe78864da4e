"""What was compiled for the engine, kept beside it: it must not outlive the code it was made of."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

ENGINE = Path(__file__).parents[1] / "models" / "cascade"


def forget_old_kernels(folder: Path = ENGINE) -> None:
    """Remove compiled kernels where any source beside them is another than when they were made.

    Numba looks at the file of a function alone, not at those whose functions it has built in.
    """
    cache = folder / "__pycache__"
    sources = sorted(folder.glob("*.py"))
    now = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    noted = cache / "made-of.sha256"
    # where nothing can be written, nothing new was compiled either; others may be quicker
    with suppress(OSError):
        if not noted.exists() or noted.read_text(encoding="ascii") != now:
            for kept in cache.glob("*.nb[ic]"):
                kept.unlink(missing_ok=True)
            cache.mkdir(exist_ok=True)
            noted.write_text(now, encoding="ascii")

"""Compiled kernels are those of the code that is there, whatever its dates say."""

import os

from data.kernels import forget_old_kernels


def test_what_was_compiled_of_other_code_is_forgotten(tmp_path):
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    (tmp_path / "a.py").write_text("one")
    (tmp_path / "b.py").write_text("two")

    def left():
        """Compile, look, and return what is still there."""
        for name in ("a.f-1.py311.nbi", "a.f-1.py311.1.nbc", "a.cpython-311.pyc"):
            (cache / name).touch()
        forget_old_kernels(tmp_path)
        return sorted(file.suffix for file in cache.iterdir())

    assert left() == [".pyc", ".sha256"]
    assert left() == [".nbc", ".nbi", ".pyc", ".sha256"]
    # unpacked from an archive, it is older than what was compiled
    (tmp_path / "b.py").write_text("three")
    os.utime(tmp_path / "b.py", (1, 1))
    assert left() == [".pyc", ".sha256"]
    assert left() == [".nbc", ".nbi", ".pyc", ".sha256"]


def test_a_folder_without_kernels_gets_a_note(tmp_path):
    forget_old_kernels(tmp_path)
    assert [file.name for file in (tmp_path / "__pycache__").iterdir()] == ["made-of.sha256"]

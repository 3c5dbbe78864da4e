"""No kernel returns an array of a table it was passed: those are not reference-counted."""

import ast
from pathlib import Path

import pytest

from models.cascade.timed import arrays

KERNELS = sorted(Path(arrays.__file__).parent.glob("*kernels.py"))


def _is_uncounted(value, tables, names):
    """Return whether an expression is an array of a table or an uncopied part of one."""
    if isinstance(value, ast.Name):
        return value.id in names
    if isinstance(value, ast.Attribute):
        return isinstance(value.value, ast.Name) and value.value.id in tables
    if isinstance(value, ast.Subscript):
        is_part = isinstance(value.slice, ast.Slice)
        return is_part and _is_uncounted(value.value, tables, names)
    inside = {ast.Tuple: "elts", ast.IfExp: "body orelse"}.get(type(value), "").split()
    parts = (getattr(value, name) for name in inside)
    flat = (item for part in parts for item in (part if isinstance(part, list) else [part]))
    return any(_is_uncounted(item, tables, names) for item in flat)


def _assigned(function):
    """Yield each name that is assigned to, with the expression it gets."""
    for node in ast.walk(function):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            yield from (
                zip(target.elts, node.value.elts, strict=True) if both else [(target, node.value)]
            )


def returned_uncounted(source):
    """Return the lines that return such an array."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        tables, names = {argument.arg for argument in function.args.args}, set()
        for target, value in _assigned(function):
            if isinstance(target, ast.Name) and _is_uncounted(value, tables, names):
                names.add(target.id)
        found += [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and _is_uncounted(node.value, tables, names)
        ]
    return found


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in KERNELS])
def test_no_kernel_returns_an_array_of_a_table(path):
    assert returned_uncounted(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("return s.own", True),
        ("return 1, s.rows[:k]", True),
        ("rows = s.rows; part = rows[1:]; return part", True),
        ("a, b = 1, s.own; return b", True),
        ("return s.own if k else s.least", True),
        ("return s.own[k]", False),
        ("return s.rows[:k].copy()", False),
        ("a, b = 1, s.own; return a", False),
        ("return", False),
    ],
)
def test_what_is_looked_for_is_found(line, is_found):
    assert bool(returned_uncounted(f"def f(s, k):\n    {line}")) is is_found

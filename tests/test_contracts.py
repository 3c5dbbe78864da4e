"""Public functions of three parameters or more say what each is: units, shapes, ids of what."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: rooms that are held to it
ROOMS = ("models", "usecases", "data")
MOST_UNTOLD = 2
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FILES = [
    pytest.param(path, id=str(path.relative_to(ROOT)))
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    # compiled functions take arrays by the dozen, those of the table that their file names
    if not path.stem.endswith("kernels") and path.name != "components.py"
    if path.parent.name != "compile"
]


def public(tree):
    """Yield the public functions of a file, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (method for method in node.body if isinstance(method, FUNCTIONS))
        elif isinstance(node, FUNCTIONS):
            yield node


def parameters(function):
    """Return the names of a function's parameters, apart from ``self`` and ``cls``."""
    arguments = function.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        arguments.vararg,
        *arguments.kwonlyargs,
        arguments.kwarg,
    ]
    return [item.arg for item in every if item is not None and item.arg not in ("self", "cls")]


@pytest.mark.parametrize("path", FILES)
def test_a_function_of_many_parameters_tells_of_each(path):
    # that a section leaves none out is ruff's D417
    untold = [
        f"{function.name}:{function.lineno}"
        for function in public(ast.parse(path.read_text(encoding="utf-8")))
        if not function.name.startswith("_")
        and len(parameters(function)) > MOST_UNTOLD
        and "\nParameters\n----------\n" not in (ast.get_docstring(function) or "")
    ]
    assert not untold

"""A value type for compiled loops: a row of eight 64-bit words, held in vector registers.

Numba does not vectorise straight-line code, so the loops of ``batch_kernels.py`` would handle
eight words one by one. With this type each operation is one instruction if the processor has
512-bit registers, and a few if it has not.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.errors import TypingError
from numba.extending import intrinsic as _intrinsic
from numba.extending import register_model

#: What numba makes of a function takes one argument less; its own types do not say so.
intrinsic: Any = _intrinsic

_I64 = ir.IntType(64)
_VECTOR = ir.VectorType(_I64, 8)


class RowType(types.Type):
    """Eight words."""

    def __init__(self) -> None:
        super().__init__(name="Row")


@register_model(RowType)
class _RowModel(models.PrimitiveModel):
    def __init__(self, manager, of):
        super().__init__(manager, of, _VECTOR)


ROW = RowType()


def _place(context, builder, array_type, rows, index_type, index):
    """Return the address of a row of a C-ordered array [n, 8] as that of one vector."""
    if array_type.layout != "C" or array_type.dtype != types.uint64:
        raise TypingError("rows are a C-ordered array of 64-bit words")
    array = context.make_array(array_type)(context, builder, rows)
    at = context.cast(builder, index, index_type, types.intp)
    first = builder.gep(array.data, [builder.mul(at, ir.Constant(at.type, 8))])
    return builder.bitcast(first, _VECTOR.as_pointer())


@intrinsic
def load(typing, rows, i):
    """Return row ``i`` of an array [n, 8] of words; no bounds are checked."""

    def code(context, builder, signature, args):
        place = _place(context, builder, rows, args[0], i, args[1])
        return builder.load(place, align=8)

    return ROW(rows, i), code


@intrinsic
def store(typing, rows, i, row):
    """Write row ``i`` of an array [n, 8] of words; no bounds are checked."""

    def code(context, builder, signature, args):
        place = _place(context, builder, rows, args[0], i, args[1])
        builder.store(args[2], place, align=8)
        return context.get_dummy_value()

    return types.void(rows, i, ROW), code


@intrinsic
def fill(typing, word):
    """Return a row of eight times the same word."""

    def code(context, builder, signature, args):
        one = builder.insert_element(
            ir.Constant(_VECTOR, ir.Undefined), args[0], ir.Constant(ir.IntType(32), 0)
        )
        nowhere = ir.Constant(_VECTOR, ir.Undefined)
        return builder.shuffle_vector(
            one, nowhere, ir.Constant(ir.VectorType(ir.IntType(32), 8), None)
        )

    return ROW(types.uint64), code


@intrinsic
def count_up(typing, first, step):
    """Return ``first``, ``first + step``, … (a wrapping sum)."""

    def code(context, builder, signature, args):
        row = ir.Constant(_VECTOR, ir.Undefined)
        word = args[0]
        for w in range(8):
            row = builder.insert_element(row, word, ir.Constant(ir.IntType(32), w))
            word = builder.add(word, args[1])
        return row

    return ROW(types.uint64, types.uint64), code


@intrinsic
def both(typing, a, b):
    """Return ``a & b``."""
    return ROW(ROW, ROW), lambda context, builder, signature, args: builder.and_(*args)


@intrinsic
def either(typing, a, b):
    """Return ``a | b``."""
    return ROW(ROW, ROW), lambda context, builder, signature, args: builder.or_(*args)


@intrinsic
def differ(typing, a, b):
    """Return ``a ^ b``."""
    return ROW(ROW, ROW), lambda context, builder, signature, args: builder.xor(*args)


@intrinsic
def times(typing, a, b):
    """Return the wrapping products, word by word."""
    return ROW(ROW, ROW), lambda context, builder, signature, args: builder.mul(*args)


@intrinsic
def shifted(typing, a, b):
    """Return ``a >> b``, word by word."""
    return ROW(ROW, ROW), lambda context, builder, signature, args: builder.lshr(*args)


@intrinsic
def is_any(typing, a):
    """Return whether any bit is set."""

    def code(context, builder, signature, args):
        whole = builder.bitcast(args[0], ir.IntType(512))
        return builder.icmp_unsigned("!=", whole, ir.Constant(whole.type, 0))

    return types.boolean(ROW), code


@intrinsic
def count(typing, a):
    """Return how many bits are set."""

    def code(context, builder, signature, args):
        ones = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_VECTOR, [_VECTOR]), "llvm.ctpop.v8i64"
        )
        total = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_I64, [_VECTOR]), "llvm.vector.reduce.add.v8i64"
        )
        return builder.call(total, [builder.call(ones, args)])

    return types.uint64(ROW), code

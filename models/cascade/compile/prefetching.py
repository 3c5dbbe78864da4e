"""Prefetch memory: a large world does not fit into the processor's caches.

The entries of a queue are read soon, but lie anywhere in memory. A kernel requests them some
places ahead (software prefetching: Callahan et al. 1991, doi:10.1145/106972.106979).

Measured with and without, in turns: 13 to 22 % of a cascade that takes most of 100,000 assets or
more (at 400,000, all plants lost, 172 ms instead of 197, with repairs 347 instead of 436). A small
cascade, or a world such as the embedded region, gains nothing.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils

from models.cascade.compile.compiled import intrinsic

#: How many places ahead an asset's pointer is prefetched, and then what it points to.
#: From 8 to 32 it makes little difference.
FAR, NEAR = 24, 12

_BYTE, _INT = ir.IntType(8).as_pointer(), ir.IntType(32)
_FUNCTION = ir.FunctionType(ir.VoidType(), [_BYTE, _INT, _INT, _INT])
#: Arguments of LLVM's prefetch: for reading, keep in all caches, data cache.
_HOW = [ir.Constant(_INT, 0), ir.Constant(_INT, 3), ir.Constant(_INT, 1)]


# A plain function around it would cost more than it saves: arrays handed on are counted.
@intrinsic
def prefetch(typing, array, index):
    """Prefetch ``array[index]`` into the cache; nothing is read, so nothing can fail."""

    def code(context, builder, signature, args):
        kind = signature.args[0]
        made = context.make_array(kind)(context, builder, args[0])
        place = cgutils.get_item_pointer(context, builder, kind, made, [args[1]])
        ask = builder.module.declare_intrinsic("llvm.prefetch", [_BYTE], _FUNCTION)
        builder.call(ask, [builder.bitcast(place, _BYTE), *_HOW])
        return context.get_dummy_value()

    return types.void(array, types.intp), code

"""Asking for memory before it is needed: a large world does not fit the processor's caches.

What stands in a queue will be looked at soon, wherever in memory it is. Asked for some places
ahead, it has come by the time it is its turn (Callahan et al. 1991, doi:10.1145/106972.106979).
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: How many places ahead of its turn an asset's pointer is asked for, and then what it points to.
#: Where worlds are small it hardly matters; at a million assets, 8 to 32 places are much alike.
FAR, NEAR = 24, 12

_BYTE = ir.IntType(8).as_pointer()
_INT = ir.IntType(32)
_TO_READ, _KEEP, _DATA = _INT(0), _INT(3), _INT(1)


def _prefetch(_context: Any, array: Any, _index: Any) -> tuple[Any, Any]:
    """Have ``array[index]`` come into the cache; nothing is read, so nothing can fail."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.args[0]
        made = context.make_array(kind)(context, builder, args[0])
        place = cgutils.get_item_pointer(context, builder, kind, made, [args[1]])  # type: ignore[no-untyped-call]
        function = builder.module.declare_intrinsic(
            "llvm.prefetch", [_BYTE], ir.FunctionType(ir.VoidType(), [_BYTE, _INT, _INT, _INT])
        )
        builder.call(function, [builder.bitcast(place, _BYTE), _TO_READ, _KEEP, _DATA])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


#: ``prefetch(array, index)``, for compiled functions.
prefetch: Any = intrinsic(_prefetch)

"""How kernels receive a table of arrays: as one pointer, without reference counting.

Passing a hundred arrays one by one costs more than most compiled functions do. And each function
that reads a counted array increments and decrements its reference count: that was a third of the
engine's time. Here the caller holds the arrays; so no kernel may return one of them, or a part of
one, without copying it.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc, override"
from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
from numba import typeof, types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, models, register_model
from numba.extending import infer_getattr as _infer_getattr
from numba.extending import lower_getattr_generic as _lower_getattr_generic
from numba.extending import unbox as _unbox

from models.cascade.compile.compiled import intrinsic, kernel
from models.cascade.compile.unsigned import indices

#: Identity decorators for mypy: numba's own are untyped.
infer_getattr: Any = _infer_getattr
lower_getattr_generic: Any = _lower_getattr_generic
unbox: Any = _unbox

#: Arrays of any table whose numbers are never below 0, by name: compiled functions read them as
#: unsigned (``unsigned.indices``).
INDICES = frozenset(
    (
        "by_rank", "source", "fed_ptr", "fed", "slots", "owner", "looped", "pair_ptr", "pair_group",
        "short", "dark", "feeder", "onward_ptr", "onward", "onward_link", "inward_ptr", "inward",
        "inward_link", "around_ptr", "around", "around_link", "link_net", "link_from", "link_to",
        "pending", "returning", "fresh", "moved", "changed", "seen_assets", "seen_groups",
        "touched", "moved_slots",
    )
)  # fmt: skip

#: Words per array in the memory that compiled functions read: one spare.
_WORDS = 8


class Ref:
    """A table of arrays (a named tuple), with the addresses that compiled functions read."""

    def __init__(self, arrays: Any) -> None:
        unsigned = {name: indices(getattr(arrays, name)) for name in INDICES & {*arrays._fields}}
        self._arrays = arrays._replace(**unsigned)
        self._room = np.empty(len(arrays) * _WORDS, np.int64)
        self._address = self._room.ctypes.data
        self._numba_type_ = _type_of(typeof(self._arrays))
        write(self._arrays, self._room)

    def __reduce__(self) -> tuple[type[Ref], tuple[Any]]:
        """Pickle the arrays alone: a copy must not point to the original's memory."""
        return Ref, (self._arrays,)


class RefType(types.Type):
    """The compiled side of a :class:`Ref`; ``arrays``: the type of its named tuple."""

    def __init__(self, arrays: Any) -> None:
        self.arrays = arrays
        # short, because the type's name is part of the name of every function compiled for it
        spelled = f"{arrays} {arrays.fields}"
        super().__init__(name=f"RefType({sha256(spelled.encode()).hexdigest()})")


@cache
def _type_of(arrays: Any) -> RefType:
    return RefType(arrays)


register_model(RefType)(models.OpaqueModel)


@infer_getattr
class _Names(AttributeTemplate):
    """``table.name`` is the array of that name."""

    key = RefType

    def generic_resolve(self, table, name):
        fields = table.arrays.fields
        return table.arrays[fields.index(name)] if name in fields else None


@lower_getattr_generic(RefType)
def _look_up(context, builder, table, value, name):
    """Read an array by its address, without reference counting."""
    at = table.arrays.fields.index(name)
    written = builder.bitcast(value, context.get_value_type(table.arrays).as_pointer())
    place = cgutils.gep_inbounds(builder, written, 0, at)
    made = context.make_array(table.arrays[at])
    array = made(context, builder, value=builder.load(place))
    array.meminfo = array.meminfo.type(None)
    array.parent = array.parent.type(None)
    return array._getvalue()


@unbox(RefType)
def _point_to(table, ref, c):
    address = c.pyapi.object_getattr_string(ref, "_address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer)


@intrinsic
def _write(typing, arrays, room):
    def code(context, builder, signature, args):
        kind = context.get_value_type(signature.args[0])
        if context.get_abi_sizeof(kind) > 8 * _WORDS * len(signature.args[0]):
            raise NotImplementedError("numba knows an array by more words than there is room for")
        place = context.make_array(signature.args[1])(context, builder, args[1]).data
        builder.store(args[0], builder.bitcast(place, kind.as_pointer()))
        return context.get_dummy_value()

    return types.void(arrays, room), code


@kernel
def write(arrays, room):
    """Write the addresses and shapes of the arrays to ``room``, for compiled functions."""
    _write(arrays, room)

"""Object code of a C callback, which any process on a like machine can link and call.

numba's own C callbacks live and die with their process, and their code is resolved against whatever else the process compiled,
so that two processes may disagree in the last bit. Here a callback becomes one self-contained object: only its entry can be seen
from outside, and the process that compiled it runs it in the same way as one that loads it.

That nothing else can be seen matters to the whole process. LLVM's runtime linker looks names up in one table, into which it
enters the local symbols of an object too, and numba shares helpers between objects under one name. An object that is optimised on
its own has helpers of its own: specialised to the arguments it passes, without those it does not use. Were their names in the
table, whatever numba compiles later would call them instead of the real ones (decision 0017 tells how this was met). Private
definitions have no symbol.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite.binding as llvm
from numba.core.ccallback import CFunc
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys


@dataclass(frozen=True, slots=True)
class NativeCode:
    """Object code: the name of its entry, modules to import before it is linked, and the object itself.

    needs : functions and variables that it expects to find in the process
    bound_to_process : whether it holds addresses that mean nothing elsewhere
    """

    entry: str
    imports: tuple[str, ...]
    needs: tuple[str, ...]
    code: bytes
    bound_to_process: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A C function in this process; alive as long as its library is."""

    address: int
    library: Any


def native_code(function: Callable[..., Any], signature: Any) -> NativeCode:
    """Compile a Python function as a C callback of a numba signature."""
    callback: Any = CFunc(function, (signature.args, signature.return_type), locals={}, options={})
    compiled = callback._compile_uncached()
    library, entry = compiled.library, compiled.fndesc.llvm_cfunc_wrapper_name
    module, imports = library._final_module, set(library._reload_init)
    for other in dict.fromkeys(library._linking_libraries):
        module.link_in(other._get_module_for_linking(), preserve=True)
        imports |= other._reload_init
    bound = _hide(module, entry)
    library._optimize_final_module()
    module = library._final_module
    needs = tuple(sorted(value.name for value in _declared(module)))
    return NativeCode(entry, tuple(sorted(imports)), needs, library.codegen._tm.emit_object(module), bound)


def _hide(module: llvm.ModuleRef, entry: str) -> bool:
    """Make private all that a module defines but its entry. Returns whether it holds addresses of this process."""
    bound = False
    for defined in (*module.functions, *module.global_variables):
        if defined.name.startswith("numba.dynamic.globals"):
            bound = True
        elif not defined.is_declaration and defined.name != entry:
            defined.linkage = "private"
    return bound


def _declared(module: llvm.ModuleRef) -> list[llvm.ValueRef]:
    """What a module uses and does not define."""
    values = (*module.functions, *module.global_variables)
    return [value for value in values if value.is_declaration and not value.name.startswith("llvm.")]


@cache
def link(native: NativeCode) -> Function:
    """Link object code into this process, once: it stays for as long as the process lives. Raises ValueError if it cannot be."""
    for name in native.imports:
        __import__(name)
    context = cpu_target.target_context
    rtsys.initialize(context)
    missing = [name for name in native.needs if not llvm.address_of_symbol(name)]
    if missing:
        raise ValueError(f"object code needs what this process does not have: {', '.join(missing)}")
    nothing = llvm.parse_assembly(
        ""
    ).as_bitcode()  # numba keeps bitcode beside code to inline it elsewhere; nothing will
    library = context.codegen().unserialize_library((native.entry, "object", (native.code, nothing)))
    address = context.codegen()._engine.get_function_address(native.entry)
    if not address:
        raise ValueError(f"no function {native.entry} in object code")
    return Function(address, library)


def pack(codes: Sequence[NativeCode]) -> bytes:
    """Several pieces of object code as bytes: a line that says what follows, then the objects."""
    head = [{"entry": c.entry, "imports": c.imports, "needs": c.needs, "size": len(c.code)} for c in codes]
    return json.dumps(head).encode() + b"\n" + b"".join(c.code for c in codes)


def unpack(content: bytes) -> list[NativeCode]:
    """What ``pack`` packed."""
    first, _, rest = content.partition(b"\n")
    found = []
    for head in json.loads(first):
        code, rest = rest[: head["size"]], rest[head["size"] :]
        found.append(NativeCode(head["entry"], tuple(head["imports"]), tuple(head["needs"]), code))
    return found

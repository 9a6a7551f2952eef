# The cffi module that _ffi_build.py makes out of native/include/pyv8bridge.h. Only _native.py imports it.
from typing import Any

ffi: Any
lib: Any

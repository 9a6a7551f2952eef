"""Makes the extension module ``pyv8bridge._pyv8bridge``: cffi's binding to libpyv8bridge.so, on the limited API.

The declarations are those of the public C header itself, so that the two cannot part. setup.py's build_ext runs this
file and adds the directory that holds the library.
"""

from __future__ import annotations

import re
from pathlib import Path

import cffi

HEADER = Path(__file__).resolve().parent.parent / "native" / "include" / "pyv8bridge.h"


def declarations(header: str) -> str:
    """The header's C declarations as cffi reads them: without preprocessor lines, C++ parts and PVB_API."""
    plain_c = re.sub(r"^#ifdef __cplusplus$.*?^#endif$", "", header, flags=re.M | re.S)
    without_directives = re.sub(r"^#(?:.*\\\n)*.*$", "", plain_c, flags=re.M)
    # The version that this module was compiled against, to be compared with pvb_version() of the library it meets.
    return without_directives.replace("PVB_API ", "") + "\nstatic char *const PVB_VERSION;\n"


# What the native library calls in Python, see _native.py, _native_host.py and _native_modules.py.
CALLED_BACK = """
extern "Python" int pvb_python_poll(void);
extern "Python" uint8_t *pvb_python_new_bytes(void *context, size_t size);
extern "Python" int pvb_python_import(uint64_t importer, uint64_t import);
extern "Python" void pvb_python_host_call(uint64_t, uint64_t, pvb_host_call *, pvb_result *,
                                          const pvb_argument_handle *, size_t);
extern "Python" void pvb_python_release(const pvb_host_reference *, size_t);
extern "Python" void pvb_python_settle(uint64_t, uint64_t, pvb_status, pvb_result *);
extern "Python" void pvb_python_reject(uint64_t, pvb_status, pvb_result *);
"""


ffibuilder = cffi.FFI()
ffibuilder.cdef(declarations(HEADER.read_text(encoding="utf-8")) + CALLED_BACK)
ffibuilder.set_source(
    "pyv8bridge._pyv8bridge",
    '#include "pyv8bridge.h"',
    include_dirs=[str(HEADER.parent)],
    libraries=["pyv8bridge"],
    extra_link_args=["-Wl,-rpath,$ORIGIN", "-Wl,--disable-new-dtags"],
    py_limited_api=True,
)

if __name__ == "__main__":
    print(declarations(HEADER.read_text(encoding="utf-8")))

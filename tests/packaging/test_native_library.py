"""What the build makes: the declarations for cffi, the symbols that leave the library, and the message without V8."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pyv8bridge"
HEADER = (ROOT / "native" / "include" / "pyv8bridge.h").read_text(encoding="utf-8")
PUBLIC_FUNCTIONS = set(re.findall(r"^PVB_API [^;]*?\b(pvb_\w+)\(", HEADER, re.M))


def test_header_has_the_functions_that_these_tests_look_for() -> None:
    assert {"pvb_version", "pvb_isolate_create", "pvb_call", "pvb_wire_to_message"} <= PUBLIC_FUNCTIONS


def test_python_and_native_half_have_one_version() -> None:
    found = re.search(r'^#define PVB_VERSION "(.+)"', HEADER, re.M)
    assert found
    assert runpy.run_path(str(PACKAGE / "_version.py"))["__version__"] == found[1]


def test_declarations_for_cffi_are_the_headers() -> None:
    build = runpy.run_path(str(PACKAGE / "_ffi_build.py"))
    declarations = build["declarations"](HEADER)
    assert "#" not in re.sub(r"/\*.*?\*/", "", declarations, flags=re.S)
    assert "PVB_API" not in declarations
    assert 'extern "C"' not in declarations
    assert set(re.findall(r"\b(pvb_\w+)\(", declarations)) >= PUBLIC_FUNCTIONS


def test_declarations_leave_out_cplusplus_parts_and_long_macros() -> None:
    declarations = runpy.run_path(str(PACKAGE / "_ffi_build.py"))["declarations"]
    plus = "#ifdef __cplusplus\n{}\n#endif\n"
    header = "#define A(x) \\\n  (x + 1)\n" + plus.format('extern "C" {') + "PVB_API int f(void);\n" + plus.format("}")
    assert declarations(header).split() == ["int", "f(void);", "static", "char", "*const", "PVB_VERSION;"]


def test_library_exports_the_public_functions_and_nothing_else() -> None:
    command = ["nm", "--dynamic", "--defined-only", str(PACKAGE / "libpyv8bridge.so")]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert {line.split()[2] for line in listing.splitlines()} == PUBLIC_FUNCTIONS


def test_cmake_says_what_to_install_when_there_is_no_v8(tmp_path: Path) -> None:
    cmake = shutil.which("cmake", path=sysconfig.get_path("scripts")) or shutil.which("cmake")
    assert cmake
    empty = tmp_path / "empty"
    empty.mkdir()
    answer = subprocess.run(
        [cmake, "-S", str(ROOT), "-B", str(tmp_path / "build")],
        env={**os.environ, "V8_ROOT": str(empty)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode != 0
    for part in (
        f"{empty} has neither libnode.so nor v8.h",
        "apt-get install libnode-dev",
        "make setup",
        "set V8_ROOT",
    ):
        assert part in answer.stderr


@pytest.mark.parametrize(("abi", "reason"), [("115", "does not belong to"), (None, "no libnode.so is beside them")])
def test_cmake_refuses_headers_of_another_v8(tmp_path: Path, abi: str | None, reason: str) -> None:
    """A foreign nodejs package: headers of its own V8, and at best a library of another one."""
    cmake = shutil.which("cmake", path=sysconfig.get_path("scripts")) or shutil.which("cmake")
    assert cmake
    headers = tmp_path / "root" / "include" / "node"
    headers.mkdir(parents=True)
    (headers / "v8.h").touch()
    (headers / "node_version.h").write_text(f"#define NODE_MODULE_VERSION {abi}\n")
    if abi is not None:
        library = tmp_path / "root" / "lib"
        library.mkdir()
        (library / "libnode.so.108").touch()
        (library / "libnode.so").symlink_to("libnode.so.108")
    answer = subprocess.run(
        [cmake, "-S", str(ROOT), "-B", str(tmp_path / "build"), f"-DV8_ROOT={tmp_path / 'root'}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode != 0
    assert reason in answer.stderr

"""Builds the native library with CMake and the cffi extension on top of it; everything else is in pyproject.toml.

`pip install .`, `pip install -e .` and `python -m build` all come through here. CMake always builds in build/native, so
that a change costs only what it touches; the Makefile uses the same directory for the native tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
BUILD = ROOT / "build" / "native"


def version() -> str:
    """The version number, from the public C header: its one home."""
    header = (ROOT / "native" / "include" / "pyv8bridge.h").read_text(encoding="utf-8")
    found = re.search(r'^#define PVB_VERSION "(.+)"', header, re.M)
    assert found, "pyv8bridge.h has no PVB_VERSION"
    return found[1]


def find_cmake() -> str | None:
    """A CMake >= 3.25: the environment's own (pip install cmake), or else that of PATH."""
    for candidate in (shutil.which("cmake", path=sysconfig.get_path("scripts")), shutil.which("cmake")):
        if candidate is None:
            continue
        answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"(\d+)\.(\d+)", answer.stdout)
        if found and (int(found[1]), int(found[2])) >= (3, 25):
            return candidate
    return None


class CopyAnew(build_py):
    def run(self) -> None:
        # setuptools only adds to build/lib*: modules that were deleted or renamed since would be in the wheel for ever.
        if not self.editable_mode:
            shutil.rmtree(Path(self.build_lib) / "pyv8bridge", ignore_errors=True)
        super().run()


class BuildNativeThenExtension(build_ext):
    def run(self) -> None:
        # An editable install keeps using the V8 in .deps; one that is copied away takes it along.
        in_place = bool(self.inplace)
        package = ROOT / "pyv8bridge" if in_place else Path(self.build_lib).resolve() / "pyv8bridge"
        self.build_native(package, bundle=not in_place)
        for extension in self.extensions:
            if extension.name != "pyv8bridge._pyv8bridge":
                continue
            extension.library_dirs.append(str(package))
            extension.depends.append(str(ROOT / "native" / "include" / "pyv8bridge.h"))
        super().run()

    def build_native(self, package: Path, bundle: bool) -> None:
        cmake = find_cmake()
        if cmake is None:
            sys.exit("pyv8bridge needs CMake >= 3.25 to build: apt-get install cmake, or pip install cmake")
        configure = [cmake, "-S", str(ROOT), "-B", str(BUILD), f"-DPVB_BUNDLE_V8={'ON' if bundle else 'OFF'}"]
        if not (BUILD / "CMakeCache.txt").exists():
            # Somebody else's newer compiler may know more warnings than ours; the Makefile's builds are strict.
            configure.append("-DPVB_WARNINGS_AS_ERRORS=OFF")
        jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or str(len(os.sched_getaffinity(0)))
        for command in (
            configure,
            [cmake, "--build", str(BUILD), "--target", "pyv8bridge", "--parallel", jobs],
            [cmake, "--install", str(BUILD), "--component", "python", "--prefix", str(package)],
        ):
            if subprocess.run(command, check=False).returncode != 0:
                sys.exit(f"pyv8bridge could not be built: {' '.join(command)} failed")


free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

setup(
    version=version(),
    cffi_modules=["pyv8bridge/_ffi_build.py:ffibuilder"],
    ext_modules=[
        Extension("pyv8bridge._look", ["pyv8bridge/_look.c"], py_limited_api=not free_threaded),
    ],
    cmdclass={"build_py": CopyAnew, "build_ext": BuildNativeThenExtension},
    # One binary for every CPython from 3.10 on; free-threaded builds have no limited API.
    options={} if free_threaded else {"bdist_wheel": {"py_limited_api": "cp310"}},
    # pip fetches CMake into its build environment only where there is none.
    setup_requires=[] if find_cmake() else ["cmake>=3.25"],
)

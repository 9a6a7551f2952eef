"""A wheel stands alone: what is installed from it works without the clone, and brings a V8 that is not the system's."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    # As if an earlier build had left a module behind that is gone since.
    earlier = ROOT / "build" / f"lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}" / "pyv8bridge"
    earlier.mkdir(parents=True, exist_ok=True)
    (earlier / "long_gone.py").touch()
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(target), str(ROOT)],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        check=True,
        timeout=280,
    )
    (made,) = target.glob("*.whl")
    return made


def test_one_binary_serves_every_python(wheel: Path) -> None:
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("free-threaded CPython has no limited API")
    assert wheel.name.endswith("-cp310-abi3-linux_x86_64.whl")


def test_modules_are_those_of_the_clone(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".py", ".pyi"))}
    assert inside == {
        str(path.relative_to(ROOT)) for path in (ROOT / "pyv8bridge").rglob("*.py*") if path.suffix != ".pyc"
    }


def test_types_and_licences_are_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "pyv8bridge/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert any(name.endswith("/licenses/THIRD_PARTY.md") for name in names)
    # Whatever library is carried along, its licence is, too.
    bundled = [name for name in names if name.startswith("pyv8bridge/_libs/") and ".so" in name]
    notices = [name for name in names if name.startswith("pyv8bridge/_libs/") and name.endswith(".copyright")]
    assert bool(bundled) == bool(notices)


def test_works_away_from_the_clone(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    program = """
import pyv8bridge
with pyv8bridge.Context() as context:
    print(context.eval("[1, 2, 3].map(x => x * 2)"))
print(pyv8bridge.__file__)
print(*{line.split()[-1] for line in open("/proc/self/maps") if "libnode" in line or "pyv8bridge" in line}, sep="\\n")
"""
    # The editable install's path hook is out of the way with -S; its packages are put back by hand.
    packages = sysconfig.get_path("purelib")
    answer = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{packages}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    value, module, *libraries = answer.stdout.splitlines()
    assert value == "[2, 4, 6]"
    assert Path(module).is_relative_to(site)
    assert not [library for library in libraries if library.startswith(str(ROOT))]

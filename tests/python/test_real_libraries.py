"""Libraries that many use run as the ES modules they are written in: hundreds of files, unbundled, with bare imports.

They come from Debian's packages, unpacked into .deps/node-libraries when a test first needs them; without a network, or
without apt, these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from children import run_child
from loop_lag import least_lag

from pyv8bridge import CodeCache, Context, JSMap

PACKAGES = ["node-lodash", "node-d3-array", "node-acorn"]
PLACE = Path(__file__).resolve().parent.parent.parent / ".deps" / "node-libraries"
LIBRARIES = PLACE / "usr" / "share" / "nodejs"

# Bare names as the libraries themselves use them, and as package.json would have resolved them.
IMPORT_MAP = {
    "imports": {
        "lodash-es": "./lodash-es/lodash.js",
        "lodash-es/": "./lodash-es/",
        "d3-array": "./d3-array/src/index.js",
        "internmap": "./internmap/src/index.js",
        "acorn": "./acorn/dist/acorn.mjs",
    }
}


def fetch() -> None:
    """Unpacks the packages, all or nothing. Raises OSError or CalledProcessError."""
    PLACE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE.parent) as temporary:
        # apt downloads as a user of its own, when it may, and warns when it may not.
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=temporary, check=True, capture_output=True, timeout=120)
        for package in Path(temporary).glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), f"{temporary}/root"], check=True, capture_output=True)
        os.replace(f"{temporary}/root", PLACE)


@pytest.fixture(scope="module")
def libraries() -> Path:
    if not LIBRARIES.is_dir():
        if shutil.which("apt-get") is None:
            pytest.skip("the libraries come from Debian packages, and there is no apt-get here")
        try:
            fetch()
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"the libraries' Debian packages cannot be downloaded: {error}")
    return LIBRARIES


@pytest.fixture
def ctx(libraries: Path) -> Context:
    return Context(modules=libraries, import_map=IMPORT_MAP, timeout=60)


def test_lodash(ctx: Context) -> None:
    lodash = ctx.import_module("lodash-es")
    assert len(lodash.keys()) > 300
    people = [{"name": "Ada", "team": "a", "age": 36}, {"name": "Alan", "team": "b"}, {"name": "Grace", "team": "a"}]
    assert lodash.groupBy(people, "team") == {"a": [people[0], people[2]], "b": [people[1]]}
    assert lodash.chunk([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]
    assert lodash.merge({"a": {"b": 1}}, {"a": {"c": [2**60]}}) == {"a": {"b": 1, "c": [2**60]}}
    deep = JSMap([("k", {1, 2})])
    assert lodash.isEqual(lodash.cloneDeep(deep), deep) is True
    # One function by itself, from the same instances.
    assert ctx.import_module("lodash-es/sortBy.js")["default"](people, "name")[0] == people[0]


def test_d3_array(ctx: Context) -> None:
    d3 = ctx.import_module("d3-array")
    assert (d3.mean([1, 2, 6]), d3.quantile([0, 10, 30], 0.5), d3.extent([3, 1, 2])) == (3, 10, [1, 3])
    rows = [{"k": "x", "v": 1}, {"k": "y", "v": 2}, {"k": "x", "v": 5}]
    rollup = ctx.eval("(d3, rows) => d3.rollup(rows, (group) => d3.sum(group, (row) => row.v), (row) => row.k)")
    # An InternMap: a class that extends Map.
    assert rollup(d3, rows) == JSMap([("x", 6), ("y", 2)])


def test_acorn(ctx: Context) -> None:
    tree = ctx.import_module("acorn").parse("const a = 1n", {"ecmaVersion": 2020})
    assert tree["body"][0]["declarations"][0]["init"]["bigint"] == "1"


def test_a_module_of_ours_on_top_of_theirs(libraries: Path) -> None:
    app = """
        import { sum } from "d3-array";
        import { groupBy, mapValues } from "lodash-es";
        import { currency } from "host:settings";
        export const totals = (orders) =>
          mapValues(groupBy(orders, "who"), (own) => sum(own, (order) => order.price) + " " + currency);
        export const later = async (n) => (await import("lodash-es/range.js")).default(n);
    """
    own = {"app.js": app, "host:settings": {"currency": "EUR"}}
    ctx = Context(modules=[own, libraries], import_map=IMPORT_MAP)
    orders = [{"who": "a", "price": 1.5}, {"who": "b", "price": 2}, {"who": "a", "price": 3}]
    assert ctx.import_module("app.js").totals(orders) == {"a": "4.5 EUR", "b": "2 EUR"}


def test_with_a_code_cache(libraries: Path, tmp_path: Path) -> None:
    for hits in (False, True):
        cache = CodeCache(tmp_path, min_size=1000)
        ctx = Context(modules=libraries, import_map=IMPORT_MAP, code_cache=cache)
        assert ctx.import_module("lodash-es").range(3) == [0, 1, 2]
        assert (cache.hits > 100, cache.misses > 100, cache.rejected) == (hits, not hits, 0)


SERVICE = """
import { extent, rollup, sum } from "d3-array";
import { chunk, mapValues, groupBy, orderBy } from "lodash-es";
import { discountOf } from "host:customers";

export async function bill({ customer, items }) {
  const discount = await discountOf(customer);
  const price = (some) => sum(some, (item) => item.price);
  const byCount = Object.fromEntries(rollup(items, price, (item) => item.count % 3));
  return {
    total: sum(items, (item) => item.price * item.count) * (1 - discount),
    byCount,
    same: mapValues(groupBy(items, (item) => item.count % 3), price),
    prices: extent(items, (item) => item.price),
    pages: chunk(orderBy(items, ["price"], ["desc"]), 8).map((page) => page.map((item) => item.name)),
  };
}
"""


def test_under_load_in_a_web_service(libraries: Path) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    examples = Path(__file__).resolve().parent.parent.parent / "examples"
    modules = json.dumps([{"service.js": SERVICE}, str(libraries)])

    def lag() -> int:
        out = run_child(
            f"""
            import asyncio, sys
            sys.path.insert(0, {str(examples)!r})
            import fastapi_modules
            asyncio.run(fastapi_modules.main({modules}, {IMPORT_MAP!r}, "service.js"))
            """
        )
        found = re.fullmatch(
            r"200 bills, 200 at a time; the last: (\{.*\})\nthe loop waited (\d+) ms at worst; .*, (\d+) ms\n", out
        )
        assert found is not None, out
        bill = eval(found[1])
        assert bill["total"] == sum((199 + i) * i for i in range(20)) / 2
        assert bill["byCount"] == bill["same"] == {str(k): sum(199 + i for i in range(k, 20, 3)) for k in range(3)}
        assert bill["prices"] == [199, 218]
        assert [len(page) for page in bill["pages"]] == [8, 8, 4]
        assert bill["pages"][0][0] == "item 19"
        return int(found[2])

    assert least_lag(lag, 50) < 50

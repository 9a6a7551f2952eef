"""Heap snapshots and CPU profiles have the structure that their viewers read."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pyv8bridge import ClosedError, Context, Error, HeapStatistics, Isolate, JSError

SPIN = """
function spin(milliseconds) {
  const end = Date.now() + milliseconds;
  let sum = 0;
  while (Date.now() < end) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
  return sum;
}
const outer = (milliseconds) => spin(milliseconds);
"""


@pytest.fixture
def ctx() -> Any:
    with Context() as context:
        context.eval(SPIN, "spin.js")
        yield context


class TestHeapSnapshot:
    def test_it_is_what_devtools_read(self, ctx: Context, tmp_path: Path) -> None:
        ctx.eval("class Needle { constructor() { this.inside = 'a string in the haystack' } }; var kept = new Needle()")
        path = tmp_path / "x.heapsnapshot"
        ctx.isolate.heap_snapshot(path)
        data = json.loads(path.read_text())
        meta = data["snapshot"]["meta"]
        width, edge_width = len(meta["node_fields"]), len(meta["edge_fields"])
        assert len(data["nodes"]) == data["snapshot"]["node_count"] * width
        assert len(data["edges"]) == data["snapshot"]["edge_count"] * edge_width
        name, edges = meta["node_fields"].index("name"), meta["node_fields"].index("edge_count")
        assert sum(data["nodes"][edges::width]) == data["snapshot"]["edge_count"]
        names = {data["strings"][index] for index in data["nodes"][name::width]}
        assert {"Needle", "a string in the haystack"} <= names
        assert os.listdir(tmp_path) == ["x.heapsnapshot"]
        assert path.stat().st_mode & 0o777 == 0o666 & ~umask()

    def test_what_cannot_be_written_leaves_nothing(self, ctx: Context, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            ctx.isolate.heap_snapshot(tmp_path / "no" / "x.heapsnapshot")
        (tmp_path / "x").mkdir()
        with pytest.raises(IsADirectoryError):
            ctx.isolate.heap_snapshot(tmp_path / "x")
        assert os.listdir(tmp_path) == ["x"]

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
    def test_a_full_disk(self, ctx: Context) -> None:
        from pyv8bridge import _native_tools

        with open("/dev/full", "wb") as file, pytest.raises(Error, match="No space left"):
            _native_tools.heap_snapshot(ctx.isolate._native, file.fileno())

    def test_closed(self, tmp_path: Path) -> None:
        isolate = Isolate()
        isolate.close()
        with pytest.raises(ClosedError):
            isolate.heap_snapshot(tmp_path / "x")
        assert os.listdir(tmp_path) == []


def umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def check_structure(data: dict[str, Any]) -> None:
    """What DevTools and speedscope rely on: https://chromedevtools.github.io/devtools-protocol/tot/Profiler."""
    assert set(data) == {"nodes", "startTime", "endTime", "samples", "timeDeltas"}
    nodes = {node["id"]: node for node in data["nodes"]}
    assert len(nodes) == len(data["nodes"])
    assert data["nodes"][0]["callFrame"]["functionName"] == "(root)"
    seen: list[int] = []
    for node in data["nodes"]:
        assert set(node) <= {"id", "callFrame", "hitCount", "children", "positionTicks", "deoptReason"}
        frame = node["callFrame"]
        assert set(frame) == {"functionName", "scriptId", "url", "lineNumber", "columnNumber"}
        assert isinstance(frame["scriptId"], str)
        assert frame["lineNumber"] >= -1
        assert frame["columnNumber"] >= -1
        seen += node.get("children", [])
    # A tree: everyone but the root is the child of one.
    assert sorted(seen) == sorted(set(nodes) - {data["nodes"][0]["id"]})
    assert len(data["samples"]) == len(data["timeDeltas"])
    assert set(data["samples"]) <= set(nodes)
    assert all(delta >= 0 for delta in data["timeDeltas"])
    assert data["startTime"] + sum(data["timeDeltas"]) <= data["endTime"]


def self_time(data: dict[str, Any], name: str) -> float:
    """Seconds in a function, as viewers count: a sample stands for the time until the next."""
    names = {node["id"]: node["callFrame"]["functionName"] for node in data["nodes"]}
    ends = [*data["timeDeltas"][1:], data["endTime"] - data["startTime"] - sum(data["timeDeltas"])]
    return sum(end for sample, end in zip(data["samples"], ends, strict=True) if names[sample] == name) / 1e6


class TestCPUProfile:
    def test_it_is_what_devtools_read(self, ctx: Context, tmp_path: Path) -> None:
        path = tmp_path / "x.cpuprofile"
        with ctx.cpu_profile(path) as profile:
            ctx.call("outer", 200)
        check_structure(profile.data)
        assert json.loads(path.read_text()) == profile.data
        nodes = {node["id"]: node for node in profile.data["nodes"]}
        (spin,) = [node for node in nodes.values() if node["callFrame"]["functionName"] == "spin"]
        assert spin["callFrame"]["url"] == "spin.js"
        assert spin["callFrame"]["lineNumber"] == 1  # the second line
        assert {tick["line"] for tick in spin["positionTicks"]} <= {3, 4, 5, 6, 7}
        (outer,) = [node for node in nodes.values() if spin["id"] in node.get("children", [])]
        assert outer["callFrame"]["functionName"] == "outer"
        assert self_time(profile.data, "spin") > 0.1

    def test_time_between_calls_is_nobodys(self, ctx: Context) -> None:
        with ctx.cpu_profile() as profile:
            ctx.call("spin", 60)
            time.sleep(0.3)
            ctx.call("spin", 60)
            time.sleep(0.3)
        check_structure(profile.data)
        assert self_time(profile.data, "(idle)") > 0.5
        assert 0.05 < self_time(profile.data, "spin") < 0.4

    def test_the_interval(self, ctx: Context) -> None:
        counts = []
        for interval in (0.02, timedelta(milliseconds=1)):
            with ctx.cpu_profile(sampling_interval=interval) as profile:
                ctx.call("spin", 200)
            check_structure(profile.data)
            counts.append(len(profile.data["samples"]))
        assert counts[0] * 3 < counts[1]

    @pytest.mark.parametrize("interval", [0, -1, "1", None])
    def test_what_is_no_interval(self, ctx: Context, interval: Any) -> None:
        with pytest.raises((TypeError, ValueError)):
            ctx.cpu_profile(sampling_interval=interval)

    def test_one_at_a_time(self, ctx: Context) -> None:
        with ctx.cpu_profile(), pytest.raises(Error, match="already"), ctx.cpu_profile():
            pass
        with pytest.raises(Error, match="no CPU profile"):
            ctx.cpu_profile().stop()
        with ctx.cpu_profile():
            pass

    def test_an_error_inside_goes_on_and_the_profile_is_written(self, ctx: Context, tmp_path: Path) -> None:
        with pytest.raises(JSError), ctx.cpu_profile(tmp_path / "x.cpuprofile"):
            ctx.eval("throw new Error('x')")
        check_structure(json.loads((tmp_path / "x.cpuprofile").read_text()))

    def test_deep_stacks(self, ctx: Context) -> None:
        ctx.eval("function deep(n) { return n === 0 ? spin(60) : deep(n - 1) + 1 }")
        with ctx.cpu_profile() as profile:
            ctx.call("deep", 1000)
        check_structure(profile.data)

    def test_other_threads_are_not_sampled(self, ctx: Context) -> None:
        with ctx.cpu_profile() as profile:
            thread = threading.Thread(target=ctx.call, args=("spin", 100))
            thread.start()
            thread.join()
        check_structure(profile.data)
        assert self_time(profile.data, "spin") == 0

    def test_an_isolate_that_is_closed_meanwhile(self, ctx: Context) -> None:
        with pytest.raises(ClosedError), ctx.cpu_profile():
            ctx.close()


def test_heap_statistics_of_a_context(ctx: Context) -> None:
    statistics = ctx.heap_statistics()
    assert isinstance(statistics, HeapStatistics)
    assert statistics.contexts == 1


def test_a_place_that_is_none_is_told_at_the_start(tmp_path: Path) -> None:
    ctx = Context()
    with pytest.raises(TypeError):
        ctx.cpu_profile(5)  # type: ignore[arg-type]
    begun = False
    with pytest.raises(FileNotFoundError, match="no such folder"), ctx.cpu_profile(tmp_path / "none" / "x"):
        begun = True
    assert not begun
    with ctx.cpu_profile() as profile:
        ctx.eval("1")
    assert profile.data
    with pytest.raises(FileNotFoundError) as caught:
        ctx.heap_snapshot(tmp_path / "none" / "x.heapsnapshot")
    assert caught.value.filename == str(tmp_path / "none" / "x.heapsnapshot")
    with pytest.raises(ValueError, match=r"above 0 seconds, not 0$"):
        ctx.cpu_profile(sampling_interval=0)

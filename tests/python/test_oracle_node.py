"""Node reads what we write, and we read what Node writes: two builds of V8's format that know nothing of each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodes import Node, find_nodes

from pyv8bridge import Context, JSTypedArray, wire
from pyv8bridge.testing import JS_POSITIONS, JS_SOURCES, difference
from pyv8bridge.testing.sources import placed
from pyv8bridge.testing.strategies import cyclic_values, js_sources, js_values, shared_values, values

SOURCES = [(kind, source) for kind, sources in JS_SOURCES.items() for source in sources]
# Positions that need the most of both codecs; all of them are held against the engine at hand elsewhere.
POSITIONS = ["top", "Map key", "in a cycle", "twice", "below everything"]
CTX = Context()
CTX.eval("Error.stackTraceLimit = 0; undefined")


@pytest.fixture(scope="module", params=sorted(find_nodes()) or ["none"])
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    if request.param == "none":
        pytest.skip("no node: install pyv8bridge[oracles]")
    process = Node(find_nodes()[request.param])
    yield process
    process.close()


def value_of(source: str) -> Any:
    return CTX.ref(f"({{ value: ({source}) }})").get("value")


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_node_reads_what_we_write(node: Node, kind: str, source: str) -> None:
    for position in POSITIONS:
        whole = placed(position, source)
        assert node.read(wire.dumps(value_of(whole)), whole) is None, position


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_we_read_what_node_writes(node: Node, kind: str, source: str) -> None:
    for position in POSITIONS:
        whole = placed(position, source)
        assert difference(value_of(whole), wire.loads(node.write(whole))) is None, position


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_node_serialize_and_deserialize(node: Node, kind: str, source: str) -> None:
    value = value_of(source)
    if kind == "shared" and any(word in source for word in ("ArrayBuffer(", ".buffer", ".subarray(")):
        pytest.skip("v8.serialize writes each view with its bytes: two views of one buffer are strangers then")
    assert difference(value, wire.loads(node.serialize(source), host_objects="node")) is None
    assert node.deserialize(wire.dumps(value), source) is None


@pytest.mark.parametrize("position", JS_POSITIONS)
def test_views_of_node_in_every_position(node: Node, position: str) -> None:
    for source in JS_SOURCES["view"]:
        whole = placed(position, source)
        assert difference(value_of(whole), wire.loads(node.serialize(whole), host_objects="node")) is None


def test_a_buffer_of_node(node: Node) -> None:
    assert wire.loads(node.serialize("Buffer.from('abc')"), host_objects="node") == b"abc"
    read = wire.loads(node.serialize("[new DataView(new ArrayBuffer(9), 1, 2)]"), host_objects="node")
    assert read == [JSTypedArray("DataView", bytes(2))]


def test_python_values_go_through_node(node: Node) -> None:
    """Also of the kinds that the V8 at hand may lack."""
    features = node.features()

    @given(values(features=features) | shared_values(features=features) | cyclic_values(features=features))
    def come_back(value: Any) -> None:
        assert difference(value, wire.loads(node.copy(wire.dumps(value)))) is None

    come_back()


def test_generated_values(node: Node) -> None:
    @given(js_sources())
    def both_ways(source: str) -> None:
        value = value_of(source)
        assert node.read(wire.dumps(value), source) is None
        assert difference(value, wire.loads(node.write(source))) is None

    both_ways()


def test_generated_values_in_one_object(node: Node) -> None:
    @given(st.lists(js_values(4), min_size=2, max_size=4))
    def both_ways(sources: list[str]) -> None:
        source = f"((v) => ({{ v, again: v, set: new Set(v) }}))([{', '.join(sources)}])"
        assert node.read(wire.dumps(value_of(source)), source) is None

    both_ways()

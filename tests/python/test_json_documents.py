"""Real documents through JavaScript and back: equal, exact, and computed with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyv8bridge import BigInt, Context, wire

DATA = Path(__file__).resolve().parent.parent / "data"


def document(name: str) -> Any:
    return json.loads((DATA / name).read_bytes())


def types_of(value: Any) -> Any:
    """The value with every scalar replaced by its type, BigInt counting as the int that it was before it crossed."""
    if isinstance(value, dict):
        return {key: types_of(item) for key, item in value.items()}
    if isinstance(value, list):
        return [types_of(item) for item in value]
    return int if type(value) is BigInt else type(value)


@pytest.fixture(scope="module")
def ctx() -> Any:
    with Context() as context:
        yield context


@pytest.mark.parametrize("name", ["twitter.json", "citm_catalog.json", "canada.json"])
class TestIdentity:
    def test_comes_back_equal(self, ctx: Context, name: str) -> None:
        before = document(name)
        after = ctx.eval("x => x")(before)
        assert after == before
        assert json.dumps(after, default=int) == json.dumps(before)  # key order, and 1 is not 1.0

    def test_types_are_kept(self, ctx: Context, name: str) -> None:
        before = document(name)
        if name == "canada.json":
            pytest.skip("has integral floats, which JavaScript does not tell from ints")
        assert types_of(ctx.eval("x => x")(before)) == types_of(before)

    def test_through_wire_bytes(self, ctx: Context, name: str) -> None:
        before = document(name)
        assert wire.loads(wire.dumps(before)) == before

    def test_is_what_json_parse_gives(self, ctx: Context, name: str) -> None:
        text = (DATA / name).read_text(encoding="utf-8")
        same = ctx.eval("(text, value) => JSON.stringify(JSON.parse(text)) === JSON.stringify(value)")
        assert same(text, document(name), big_ints="number") is True


def test_twitter_ids_are_bigints_and_exact(ctx: Context) -> None:
    before = document("twitter.json")
    ids = [tweet["id"] for tweet in before["statuses"]]
    assert min(ids) > 2**53
    assert ctx.eval("d => d.statuses.map(t => typeof t.id)")(before) == ["bigint"] * len(ids)
    plus_one = ctx.eval("d => d.statuses.map(t => t.id + 1n)")(before)
    assert plus_one == [number + 1 for number in ids]
    assert {type(number) for number in plus_one} == {BigInt}


def test_citm_computed(ctx: Context) -> None:
    catalog = document("citm_catalog.json")
    cheapest = ctx.eval(
        "d => Object.fromEntries(d.performances.map(p => [p.id, Math.min(...p.prices.map(x => x.amount))]))"
    )(catalog)
    assert cheapest == {str(p["id"]): min(x["amount"] for x in p["prices"]) for p in catalog["performances"]}


def test_canada_computed(ctx: Context) -> None:
    rings = document("canada.json")["features"][0]["geometry"]["coordinates"]
    bounds = ctx.eval(
        "rings => rings.map(ring => [Math.min(...ring.map(p => p[0])), Math.max(...ring.map(p => p[1]))])"
    )(rings)
    assert bounds == [[min(p[0] for p in ring), max(p[1] for p in ring)] for ring in rings]

"""Startup snapshots: what contexts start with, and what can neither be written nor be believed."""

from __future__ import annotations

import pytest
from children import run_child

from pyv8bridge import Context, Isolate, JSError, JSSyntaxError, JSTimeoutError, Snapshot, SnapshotError

RULES = """
    const prices = new Map([["tea", 3], ["cake", 4.5]]);
    let calls = 0;
    class Basket { #items = []; add(name) { this.#items.push(name); return this } get total() {
      return this.#items.reduce((sum, name) => sum + prices.get(name), 0) } }
    function price(name) { ++calls; return prices.get(name) }
    var basket = new Basket().add("tea");
"""


@pytest.fixture(scope="module")
def data() -> bytes:
    return Snapshot.build(
        {"rules.js": RULES, "more.js": "var bytes = new Uint8Array(1000).fill(7); prices.set('pie', 5)"}
    )


class TestContexts:
    def test_start_with_what_the_scripts_made(self, data: bytes) -> None:
        with Context(snapshot=data) as ctx:
            assert ctx.call("price", "pie") == 5
            assert ctx.eval("basket.add('cake').total") == 7.5
            assert ctx.eval("new Basket() instanceof basket.constructor") is True
            assert ctx.eval("bytes") == b"\7" * 1000

    def test_each_has_its_own(self, data: bytes) -> None:
        with Isolate(snapshot=data) as isolate:
            one, two = Context(isolate), Context(isolate)
            one.call("price", "tea")
            one.eval("basket.add('tea')")
            assert (one.eval("calls"), two.eval("calls"), one.eval("basket.total"), two.eval("basket.total")) == (
                1,
                0,
                6,
                3,
            )

    def test_have_all_of_the_language(self, data: bytes) -> None:
        names = "Object.getOwnPropertyNames(globalThis).sort()"
        given = {"basket", "bytes", "price"}
        with Context(snapshot=data) as ctx, Context() as plain:
            assert set(ctx.eval(names)) - given == set(plain.eval(names))
            assert ctx.eval("new Intl.NumberFormat('en').format(1234)") == "1,234"
            assert (
                ctx.eval("new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) instanceof Object")
                is True
            )

    def test_know_the_names_of_files(self, data: bytes) -> None:
        with Context(snapshot=Snapshot.build({"bad.js": "\nfunction bad() { null.x }"})) as ctx:
            with pytest.raises(JSError) as caught:
                ctx.call("bad")
            assert (caught.value.filename, caught.value.line) == ("bad.js", 2)

    def test_have_modules_and_limits_as_others(self, data: bytes) -> None:
        ctx = Context(
            snapshot=data, modules={"a.js": "export const p = price('tea')"}, timeout=0.2, memory_limit=64 << 20
        )
        assert ctx.import_module("a.js").p == 3
        with pytest.raises(JSTimeoutError):
            ctx.eval("for (;;);")
        assert ctx.eval("calls") == 1

    def test_promises_are_there(self) -> None:
        data = Snapshot.build(
            "var done; const p = new Promise((f) => { done = f }); (async () => { globalThis.r = await p })()"
        )
        with Context(snapshot=data) as ctx:
            ctx.eval("done(5)")
            assert ctx.eval("r") == 5

    def test_several_snapshots_in_one_process(self, data: bytes) -> None:
        other = Snapshot.build("var other = 1")
        for _ in range(3):
            with Context(snapshot=data) as one, Context(snapshot=other) as two, Context() as three:
                assert (one.eval("basket.total"), two.eval("other"), three.eval("typeof other")) == (3, 1, "undefined")


class TestScripts:
    @pytest.mark.parametrize(
        "scripts",
        [
            "var a = 1; var b = 2",
            ["var a = 1", "var b = a + 1"],
            [("a.js", "var a = 1"), "var b = 2"],
            {"a.js": "var a = 1; var b = 2"},
        ],
    )
    def test_ways_to_give_them(self, scripts: object) -> None:
        with Context(snapshot=Snapshot.build(scripts)) as ctx:  # type: ignore[arg-type]
            assert ctx.eval("[a, b]") == [1, 2]

    @pytest.mark.parametrize("scripts", [[("a.js",)], [3], [("a", b"b")]])
    def test_what_is_no_script(self, scripts: object) -> None:
        with pytest.raises(TypeError):
            Snapshot.build(scripts)  # type: ignore[arg-type]

    def test_what_they_throw(self) -> None:
        with pytest.raises(JSError) as caught:
            Snapshot.build({"a.js": "\nthrow new RangeError('no')"})
        assert (caught.value.name, caught.value.filename, caught.value.line) == ("RangeError", "a.js", 2)
        with pytest.raises(JSSyntaxError):
            Snapshot.build("let = =")

    def test_a_function_that_is_thrown(self) -> None:
        with pytest.raises(JSError):
            Snapshot.build("throw () => 1")

    def test_a_timeout(self) -> None:
        with pytest.raises(JSTimeoutError):
            Snapshot.build("for (;;);", timeout=0.2)

    @pytest.mark.parametrize(
        "code", ["var r = new FinalizationRegistry(() => 0); r.register({}, 1)", "var n = new Intl.NumberFormat('en')"]
    )
    def test_what_v8_cannot_write(self, code: str) -> None:
        with pytest.raises(SnapshotError, match="cannot write a snapshot"):
            Snapshot.build(f"globalThis.kept = 1; {code}")


class TestDistrust:
    @pytest.mark.parametrize("at", [0, 7, 8, 30, 40, 60, 1000, -1])
    def test_a_damaged_one(self, data: bytes, at: int) -> None:
        damaged = bytearray(data)
        damaged[at] ^= 1
        with pytest.raises(SnapshotError, match=r"damaged|no snapshot"):
            Context(snapshot=bytes(damaged))

    @pytest.mark.parametrize("size", [0, 5, 39, 40, 41, 1000])
    def test_one_that_is_cut_short(self, data: bytes, size: int) -> None:
        with pytest.raises(SnapshotError):
            Isolate(snapshot=data[:size])

    def test_one_of_another_v8(self, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pyv8bridge._native.code_cache_tag", lambda: 7)
        with pytest.raises(SnapshotError, match="built by V8"):
            Isolate(snapshot=data)

    def test_a_snapshot_is_the_isolates(self, data: bytes) -> None:
        with Isolate() as isolate, pytest.raises(TypeError, match="pass it to Isolate"):
            Context(isolate, snapshot=data)


def test_the_bytes_may_go_once_the_isolate_is_there() -> None:
    run_child("""
        import gc
        from pyv8bridge import Context, Isolate, Snapshot
        isolate = Isolate(snapshot=Snapshot.build("var rows = Array.from({ length: 5000 }, (_, i) => ({ i }))"))
        gc.collect()
        for _ in range(20):
            assert Context(isolate).eval("rows[4999].i") == 4999
        print("ok")
    """)


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="a snapshot is bytes, not str"):
        Isolate(snapshot="x")  # type: ignore[arg-type]
    for wrong in (5, [5], [("a",)], [("a", 5)]):
        with pytest.raises(TypeError):
            Snapshot.build(wrong)  # type: ignore[arg-type]

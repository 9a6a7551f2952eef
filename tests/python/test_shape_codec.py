"""The shape codec gives what the wire codec gives: the same values, errors and calls of getters, whatever scripts have
done to the builtins.

Most cases are met many times over in one value, as the codec compiles a shape only when it has seen it often.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from children import run_child
from hypothesis import given
from hypothesis import strategies as st

from pyv8bridge import (
    Context,
    DataCloneError,
    EncodeError,
    Error,
    JSError,
    JSTimeoutError,
    TerminatedError,
    hole,
    undefined,
)
from pyv8bridge.testing import JS_POSITIONS, JS_SOURCES, Features, difference
from pyv8bridge.testing.sources import placed
from pyv8bridge.testing.strategies import cyclic_values, js_sources, shared_values, values

OFTEN = 40

WIRE = Context(codec="wire")
SHAPE = Context(codec="shape")
FEATURES = Features.of(WIRE)
ANY = st.one_of(values(features=FEATURES), shared_values(features=FEATURES), cyclic_values(features=FEATURES))


@pytest.fixture
def ctx() -> Iterator[Context]:
    with Context(codec="shape") as context:
        yield context


def outcome(ctx: Context, source: str) -> tuple[str, Any]:
    """What evaluating gives: a value, or an error's type, words and place."""
    try:
        return "value", ctx.eval(source)
    except DataCloneError as error:
        return f"{type(error).__name__} at {error.path}: {error}", None
    except JSError as error:
        return f"{type(error).__name__} {error.name}: {error.message}", None
    except Error as error:
        return f"{type(error).__name__}: {error}", None


def assert_alike(source: str, wire: Context = WIRE, shape: Context = SHAPE) -> Any:
    """Returns the value."""
    expected_how, expected = outcome(wire, source)
    how, found = outcome(shape, source)
    assert how == expected_how
    assert difference(expected, found, references=True) is None
    return found


class TestRoundTrips:
    @pytest.mark.parametrize("kind", JS_SOURCES)
    def test_every_value_leaves_alike(self, kind: str) -> None:
        for source in JS_SOURCES[kind]:
            assert_alike(f"({source})")
            assert_alike(f"Array.from({{ length: {OFTEN} }}, () => ({{ a: ({source}), b: [1, 'x'] }}))")

    @pytest.mark.parametrize("position", JS_POSITIONS)
    def test_every_position_leaves_alike(self, position: str) -> None:
        for sources in JS_SOURCES.values():
            assert_alike(f"({placed(position, sources[0])})")

    @given(js_sources())
    def test_generated_sources_leave_alike(self, source: str) -> None:
        assert_alike(f"({source})")
        assert_alike(f"Array.from({{ length: {OFTEN} }}, () => ({source}))")

    @given(ANY)
    def test_generated_values_enter_alike(self, value: Any) -> None:
        for argument in (value, [value] * OFTEN):
            assert difference(argument, SHAPE.eval("x => x")(argument)) is None
            assert WIRE.eval(SPELL)(argument) == SHAPE.eval(SPELL)(argument)


# What the sources below are written with.
PRELUDE = """
    var times = (n, make) => Array.from({ length: n }, (_, i) => make(i));
    var many = (make) => times(40, make);
    var define = (o, k, descriptor) => Object.defineProperty(o, k, { enumerable: true, ...descriptor });
"""

PLAIN = {
    "records": (
        "Array.from({ length: 100 }, (_, i) => ({ id: i, name: 'n' + i, score: i / 2, ok: i % 2 > 0, none: null }))"
    ),
    "records of several shapes": "Array.from({ length: 100 }, (_, i) => i % 3 ? { a: i } : { b: i, a: [i] })",
    "the edges of numbers": (
        "[0, -0, 1.5, NaN, 1/0, -1/0, 2**30, 2**30 - 1, -(2**30), -(2**30) - 1, 2**31, 2**32, 2**53, 2**53 - 1]"
    ),
    "the edges in properties": "[0, -0, NaN, 2**30, -(2**30) - 1, 2**53].flatMap(v => many(() => ({ v })))",
    "arrays of every elements kind": (
        "[[], [1, 2], [1.5, 2], ['a', 1], Array(3).fill(1), Array(3).fill(1.5), Array(3).fill('s')]"
    ),
    "holes in every elements kind": "[[1, , 2], [1.5, , 2], ['a', , 2], Array(3), [,]]",
    "a sparse array": "(() => { const a = []; a[5000] = 1; return a })()",
    "an array with properties": "many(() => Object.assign([1], { x: 2 }))",
    "keys like indexes": "many((i) => ({ b: 1, 7: i, a: 2, 0: i, '-1': 3, '01': 4 }))",
    "elements on a shape that is known": "many((i) => i < 30 ? { a: i } : Object.assign({ a: i }, [7]))",
    "a key that spells the prototype": "many((i) => ({ ['__proto__']: i, x: 1 }))",
    "keys that need quotes": "many(() => ({ 'a\"b': 1, 'c\\\\d': 2, '\\n\\u2028\\0': 3, 'ä€😀': 4, '': 5 }))",
    "a key with a lone surrogate": "many(() => ({ '\\ud800': 1 }))",
    "strings": (
        "['', 'a', 'ä', '€', '😀', '\\ud800', 'x'.repeat(1000), '€'.repeat(1000), 'a' + 'b'.repeat(20), "
        "'abc'.repeat(9).slice(3)]"
    ),
    "frozen and sealed": "many(() => Object.freeze({ a: Object.freeze([1]), b: Object.seal({}) }))",
    "instances of a class": "many((i) => new (class { x = i; #y = 2; get z() { return 3 } })())",
    "one class, many instances": (
        "(() => { class P { constructor(i) { this.x = i; this.y = [i] } m() {} } return many((i) => new P(i)) })()"
    ),
    "an enumerable prototype": "many((i) => Object.assign(Object.create({ inherited: 1 }), { own: i }))",
    "no prototype": "many((i) => ({ __proto__: null, own: i }))",
    "properties that are not enumerable": "many((i) => Object.defineProperty({ a: i }, 'h', { value: 1 }))",
    "symbols as keys": "many((i) => ({ [Symbol('s')]: 1, a: i }))",
    "arguments objects": "many((i) => (function () { return arguments })(i, 2))",
    "a subclass of Array": "many((i) => (class extends Array {}).of(i, 2))",
    "an array with another prototype": "many((i) => Object.setPrototypeOf([i], null))",
    "dictionaries of primitives": "[100, 2000].map(n => Object.fromEntries(times(n, (i) => ['k' + i, i / 2])))",
    "dictionaries by index": "[100, 2000].map(n => Object.fromEntries(times(n, (i) => [i * 1000, 'v' + i])))",
    "dictionaries of records": "Object.fromEntries(times(500, (i) => ['k' + i, { i, list: [i] }]))",
    "objects after delete": "many((i) => { const o = { a: 1, b: i, c: 3 }; delete o.a; return o })",
    "dates, regexps and bigints": "many((i) => ({ d: new Date(i), r: /a/g, n: 2n ** BigInt(i), bad: new Date(NaN) }))",
    "one date twice": "(() => { const d = new Date(5); return [{ d }, { d }] })()",
    "one object twice": "(() => { const o = { a: 1 }; return [o, { o }] })()",
    "one empty array twice": "(() => { const o = []; return [o, [[1.5], o]] })()",
    "one list of numbers twice": "(() => { const o = [1.5]; return [[o, [2.5]], [o]] })()",
    "one object often": "(() => { const o = { a: 1 }; return Array(1000).fill(o) })()",
    "a cycle": "(() => { const o = { a: [] }; o.a.push({ o }); return o })()",
    "a graph that is exponential as a tree": (
        "(() => { let o = {}; for (let i = 0; i < 60; i++) o = { a: o, b: o }; return o })()"
    ),
    "deep objects": "(() => { let o = {}; for (let i = 0; i < 499; i++) o = { o }; return o })()",
    "too deep objects": "(() => { let o = {}; for (let i = 0; i < 500; i++) o = { o }; return o })()",
    "deep arrays": "(() => { let o = []; for (let i = 0; i < 499; i++) o = [o]; return o })()",
    "too deep arrays": "(() => { let o = [1.5]; for (let i = 0; i < 500; i++) o = [o]; return o })()",
    "a function inside": "many((i) => i < 39 ? { f: 1 } : { f() {} })",
    "a symbol inside": "many((i) => ({ f: i < 39 ? 1 : Symbol('s') }))",
    "a Proxy inside": "many((i) => i < 39 ? { a: 1 } : new Proxy({ a: 1 }, {}))",
    "a detached buffer": (
        "[{ a: 1 }, (() => { const m = new WebAssembly.Memory({ initial: 1 }); const b = m.buffer; "
        "m.grow(1); return b })()]"
    ),
    "typed arrays": "many((i) => ({ b: new Uint8Array([i]), f: new Float64Array(2) }))",
    "maps and sets": "many((i) => ({ m: new Map([[i, { a: 1 }]]), s: new Set([i]) }))",
    "an accessor among many": "many((i) => i < 39 ? { a: 1 } : { get a() { return 2 } })",
    "an accessor in a dictionary": (
        "Object.defineProperty(Object.fromEntries(times(99, (i) => ['k' + i, i])), 'g', { get() { return "
        "1 }, enumerable: true })"
    ),
    "an accessor at an index": "many(() => ({ get 5() { return 1 }, a: 1 }))",
    "an array with an accessor": "Object.defineProperty([1, 2], 0, { get() { return 7 }, enumerable: true })",
    "a getter that throws": "[{ a: 1 }, { get a() { throw new RangeError('no') } }]",
    "what cannot be cloned as a whole": "many(() => new WeakMap())",
    "undefined and null": "many(() => ({ a: undefined, b: null, c: [undefined, null] }))",
    "more properties than a shape has": "many(() => Object.fromEntries(times(70, (i) => ['p' + i, i])))",
    "the globals": "[globalThis]",
    "Math": "[Math, { m: Math }]",
}


@pytest.mark.parametrize("name", PLAIN)
def test_leaves_alike(name: str, ctx: Context) -> None:
    for _ in range(3):  # cold, compiled, and compiled with what it learnt
        assert_alike(f"{PRELUDE}({PLAIN[name]})", shape=ctx)


SPELL = """(x) => {
    const met = new Map();
    return (function spell(v) {
        if (typeof v !== 'object' || v === null) return Object.is(v, -0) ? '-0' : typeof v + String(v);
        if (met.has(v)) return '#' + met.get(v);
        met.set(v, met.size);
        const names = Reflect.ownKeys(v).map((k) => {
            const { value, ...flags } = Reflect.getOwnPropertyDescriptor(v, k);
            return `${JSON.stringify(k)}${JSON.stringify(flags)}: ${spell(value)}`;
        });
        return `${Object.prototype.toString.call(v)} ${Object.getPrototypeOf(v)?.constructor?.name} {${names}}`;
    })(x);
}"""


@pytest.mark.parametrize("name", PLAIN)
def test_enters_alike(name: str, ctx: Context) -> None:
    """A script sees the same objects: order of keys, prototypes, attributes of every property, what is met twice."""
    how, value = outcome(WIRE, f"{PRELUDE}({PLAIN[name]})")
    if how != "value":
        pytest.skip("it does not leave")
    expected, spell = WIRE.eval(SPELL)(value), ctx.eval(SPELL)
    for _ in range(3):
        assert spell(value) == expected


class TestCodeOfScripts:
    """A walk that is given up must not have run any code."""

    LOG = """
        var log = [];
        const traced = (name, value) => ({ get [name]() { log.push(name); return value } });
        const proxy = new Proxy({ p: 1 }, { get() { log.push('get') }, ownKeys() { log.push('ownKeys'); return [] } });
    """

    @pytest.mark.parametrize(
        "source",
        [
            f"[...Array({OFTEN}).fill(0).map((_, i) => ({{ i }})), traced('a', 1), traced('b', 2)]",
            "[traced('a', { x: traced('b', [traced('c', 3)]) }), [1.5, 2]]",
            "[{ a: 1 }, traced('a', 1), Symbol('no'), traced('b', 1)]",
            "[{ a: 1 }, proxy]",
            (
                f"[...Array({OFTEN}).fill(0).map((_, i) => ({{ a: i }})), Object.defineProperty({{}}, "
                f"'a', {{ get() {{ log.push('a'); return [1] }}, enumerable: true }})]"
            ),
            (
                "Object.assign(traced('k', 1), Object.fromEntries(Array(200).fill(0).map((_, i) => ['k' "
                "+ i, traced('v' + i, i)])))"
            ),
            "[{ 5: 1 }, Object.defineProperty({ 4: 1 }, 5, { get() { log.push('5'); return 1 }, enumerable: true })]",
            "[1, 2, { get a() { log.push('call'); return 1 } }, { toJSON() { log.push('toJSON') } }]",
            "(() => { const a = [{ get a() { log.push('a'); a.length = 1; return 1 } }, { b: 1 }]; return a })()",
            "(() => { class A { get a() { log.push('no') } b = 1 } return Array(40).fill(0).map(() => new A()) })()",
            "[new Date(0), Object.assign(/a/, { get flags() { log.push('flags') } })]",
        ],
    )
    def test_getters_run_once_and_in_the_same_order(self, source: str) -> None:
        with Context(codec="wire") as wire, Context(codec="shape") as shape:
            for ctx in (wire, shape):
                ctx.eval(self.LOG)
            for _ in range(2):
                assert_alike(source, wire, shape)
                assert_alike("log.join()", wire, shape)

    @pytest.mark.parametrize(
        "patch",
        [
            (
                "for (const k of ['push', 'length', 'map', 'join', 'forEach']) try { Array.prototype[k] "
                "= () => { throw 1 } } catch {}"
            ),
            "Array.prototype[Symbol.iterator] = () => { throw 1 }",
            (
                "Object.defineProperty(Object.prototype, 'id', { set(v) { throw 'setter' }, get() { "
                "return 'getter' }, configurable: true })"
            ),
            "Object.defineProperty(Object.prototype, 'k3', { value: 1, writable: false })",
            "Object.defineProperty(Array.prototype, 5, { set(v) { throw 'setter' }, configurable: true })",
            (
                "Object.defineProperty(Object.prototype, 5, { set(v) { throw 'setter' }, get() { throw "
                "'getter' }, configurable: true })"
            ),
            "Array.prototype[7] = 'inherited'",
            "Object.prototype[2] = 'inherited'; Object.prototype.inherited = 1",
            "Object.setPrototypeOf(Array.prototype, { set 5(v) { throw 'setter' } })",
            (
                "Object.setPrototypeOf(Array.prototype, new Proxy({}, { set() { throw 'trap' }, get() { "
                "throw 'trap' }, has() { throw 'trap' } }))"
            ),
            "Object.freeze(Object.prototype); Object.freeze(Array.prototype)",
            "Reflect.apply = Function.prototype.call = Function.prototype.apply = () => { throw 1 }",
            (
                "Int32Array.prototype.__proto__.constructor = Float64Array.prototype.set = null; "
                "globalThis.Int32Array = null"
            ),
            "String.prototype.charCodeAt = String.prototype.concat = () => { throw 1 }",
            "Object = Array = Map = Reflect = JSON = undefined",
            "Object.defineProperty(globalThis, 'WebAssembly', { get() { throw 1 } })",
            "Error.prepareStackTrace = () => { throw 1 }",
            "Object.defineProperty(Array.prototype, 'constructor', { get() { throw 1 } })",
            "Symbol.prototype.toString = Date.prototype.valueOf = Date.prototype.getTime = () => { throw 1 }",
        ],
    )
    def test_what_a_script_patches_changes_nothing(self, patch: str) -> None:
        rows = [{"id": i, "name": f"n{i}", "list": list(range(i % 9)), "f": [i / 2] * 6} for i in range(60)]
        pairs = {f"k{i}": {"a": i} for i in range(100)}
        data = [rows, pairs, {"5": [1], "id": 2, "__proto__": 3}, [None] * 9, undefined, 1.5]
        data = WIRE.eval("x => x")(data)  # whole floats become ints
        for early in (True, False):  # before and after the codec began
            with Context(codec="shape") as ctx:
                same = ctx.eval("var kept; x => x")
                keep = ctx.eval("x => { kept = x }")
                if not early:
                    assert difference(same(data), data) is None
                ctx.eval(f"{patch}; 0")
                for _ in range(3):
                    assert difference(same(data), data) is None
                    keep(data)
                    assert difference(ctx.eval("kept"), data) is None

    def test_setters_on_the_prototype_of_arrays_never_run(self) -> None:
        # They ran in the walk, got hold of the codec's own lists and functions, and with them wrote beyond its memory.
        out = run_child(
            """
            from pyv8bridge import Context

            MAKE = '''
              const record = {}; for (let i = 0; i < 60; i++) record["k" + i] = i;
              const rows = []; for (let i = 0; i < 4000; i++) rows[i] = {...record};
              let ran = 0, held;
              Object.defineProperty(Array.prototype, %d, {get() {}, set(f) {
                ran++; held = this;
                if (typeof f === "function") for (let i = 0; i < 1.7e7; i++) f(record)
              }});
              rows'''
            for codec in ("auto", "shape"):
                for index in (0, 1, 5):
                    with Context(codec=codec) as ctx:
                        rows = ctx.eval(MAKE % index)
                        assert rows == [{f"k{i}": i for i in range(60)}] * 4000
                        assert ctx.eval("[ran, typeof held]") == [0, "undefined"]
            print("alike")
            """
        )
        assert out == "alike\n"

    def test_a_proxy_in_the_prototypes_of_arrays_never_notices(self, ctx: Context) -> None:
        ctx.eval("""
            var traps = 0
            const set = () => { traps++; return true }
            Object.setPrototypeOf(Array.prototype, new Proxy(Object.prototype, { set }))
            var pair = {}; pair.x = pair.y = { a: 1 }; 0
        """)
        found = ctx.eval("pair")
        assert found["x"] is found["y"]
        assert ctx.eval("traps") == 0

    def test_holes_do_not_show_the_prototype(self, ctx: Context) -> None:
        ctx.eval("Array.prototype[1] = 'inherited'; Object.prototype[0] = 'too'")
        assert ctx.eval("[[1, , 3], [, 1.5], [, 'a']]") == [[1, hole, 3], [hole, 1.5], [hole, "a"]]


class TestInterruptions:
    @pytest.mark.parametrize(
        "source",
        [
            "[Object.defineProperty({a: 1}, 5, {get: host, enumerable: true}), new Map()]",
            "[Object.defineProperty({__proto__: null, a: 1}, 'g', {get: host, enumerable: true}), new Map()]",
            "[Object.defineProperty({a: 1}, 'g', {get: host, enumerable: true}), Symbol()]",
        ],
    )
    @pytest.mark.parametrize("codec", ["wire", "shape"])
    def test_a_host_function_as_a_getter_is_called_once(self, codec: Any, source: str) -> None:
        # V8 calls functions of ours where it lets no script run.
        with Context(codec=codec) as ctx:
            calls: list[int] = []
            ctx.globals["host"] = lambda: calls.append(1)
            try:
                ctx.eval(source)
            except DataCloneError:
                assert "Symbol" in source
            assert calls == [1]

    def test_a_host_function_as_a_getter_cannot_disturb_the_walk(self, ctx: Context) -> None:
        # What crossed meanwhile gave back the memory that the walk was using: numbers arrived as 0.
        ctx.eval("var small = {q: ['x']}; 0")
        small = ctx.ref("small")
        ctx.globals["host"] = lambda: [small.value(), 1]
        numbers, odd = ctx.eval(
            "const numbers = Array.from({length: 600000}, (_, i) => i + 1);"
            "[numbers, Object.defineProperty({}, 5, {get: host, enumerable: true})]"
        )
        assert numbers == list(range(1, 600_001))
        assert odd == {"5": [{"q": ["x"]}, 1]}

    def test_a_value_whose_walk_was_stopped_is_let_go_of(self) -> None:
        with Context(codec="shape") as ctx:
            make = "Array.from({length: 300000}, (_, i) => ({id: i, text: 't' + i, list: [i]}))"
            ctx.eval(f"var rows = {make}; const ref = new WeakRef(rows); 0")
            ctx.eval("rows")
            for milliseconds in (1, 5, 20, 60):
                with contextlib.suppress(JSTimeoutError):
                    ctx.eval("rows", timeout=milliseconds / 1000)
            ctx.eval("rows = undefined")
            ctx.eval("({a: 1})")
            ctx.isolate.collect_garbage()
            assert ctx.eval("ref.deref() === undefined")

    def test_long_keys_are_not_kept(self) -> None:
        # Beside the isolate's limit, as long as the context lived.
        out = run_child(
            """
            from pyv8bridge import Context

            def resident():
                with open("/proc/self/statm") as file:
                    return int(file.read().split()[1]) * 4096 >> 20

            with Context(codec="shape", memory_limit=100 << 20) as ctx:
                make = ctx.eval("(n) => ({['x'.repeat(1 << 23) + n]: 1})")
                same = ctx.eval("(x) => x")
                for i in range(10):
                    key = next(iter(make(i)))
                    same({key: 1})
                before = resident()
                for i in range(10, 30):
                    key = next(iter(make(i)))
                    same({key: 1})
                print(resident() - before < 200)
            """
        )
        assert out == "True\n"

    def test_a_getter_that_ends_up_in_the_codec_again(self, ctx: Context) -> None:
        ctx.eval("var rows = Array.from({ length: 100 }, (_, i) => ({ i })); const get = () => rows")
        ctx.eval("var odd = { get inner() { return get().length }, rows }")
        for _ in range(3):
            assert ctx.eval("odd")["inner"] == 100
            assert len(ctx.call("get")) == 100

    def test_terminate_at_any_time_leaves_a_context_that_works(self) -> None:
        with Context(codec="shape") as ctx:
            same = ctx.eval("x => x")
            data = [{"id": i, "tags": ["a", i + 0.5], "k": {f"x{i}": 1}} for i in range(3000)]
            stop = threading.Event()

            def killer() -> None:
                while not stop.is_set():
                    time.sleep(0.0007)
                    ctx.terminate()

            thread = threading.Thread(target=killer)
            thread.start()
            ended = 0
            deadline = time.monotonic() + 4
            try:
                while time.monotonic() < deadline and ended < 300:
                    try:
                        result = same(data)
                    except TerminatedError:
                        ended += 1
                    else:
                        assert result == data
            finally:
                stop.set()
                thread.join()
            assert ended > 0
            for _ in range(3):
                assert same(data) == data

    def test_a_stack_that_is_nearly_full(self, ctx: Context) -> None:
        ctx.eval("""
            var deep = [1]; for (let i = 0; i < 400; i++) deep = [deep, { deep: i }];
            function down() { try { return down() } catch { return deep } }
        """)
        assert ctx.call("down") == ctx.eval("deep")

    def test_garbage_collection_at_every_turn(self) -> None:
        """A child, as flags are for a whole process: V8 moves objects all the time."""
        print_ = run_child(
            """
            import ctypes, glob, os
            import pyv8bridge
            from pyv8bridge import Context
            from pyv8bridge.testing import difference
            # Flags count from the next isolate on.
            native = os.path.join(os.path.dirname(pyv8bridge.__file__), "libpyv8bridge.so")
            set_flags = None
            for line in open("/proc/self/maps"):
                if "libnode" in line:
                    library = ctypes.CDLL(line.split()[-1])
                    set_flags = library._ZN2v82V818SetFlagsFromStringEPKc
                    break
            set_flags(b"--semi-space-growth-factor=1 --min-semi-space-size=1 --max-semi-space-size=1"
                      b" --stress-compaction --gc-interval=997 --stress-incremental-marking")
            with Context(codec="shape") as ctx:
                ctx.eval("var id = x => x")
                data = [
                    {"id": i, "name": f"n{i}", "f": [i + 0.5, 1], "o": {"p": {f"q{i % 50}": [i]}}}
                    for i in range(2000)
                ]
                data.append({f"k{i}": {"a": i} for i in range(300)})
                for _ in range(8):
                    assert difference(ctx.call("id", data), data) is None
            print("fine")
            """
        )
        assert print_ == "fine\n"


class TestChoice:
    def test_codec_is_one_of_three(self) -> None:
        with pytest.raises(ValueError, match="codec is 'auto', 'wire' or 'shape'"):
            Context(codec="json")  # type: ignore[arg-type]

    def test_auto_gives_the_same_while_it_changes_over(self) -> None:
        with Context() as ctx:
            same = ctx.eval("x => x")
            for size in [1, 10, 1000, 3, 100] * 20:
                rows = [{"id": i, "name": f"n{i}"} for i in range(size)]
                assert same(rows) == rows

    def test_auto_survives_values_that_are_never_plain(self) -> None:
        with Context() as ctx:
            ctx.eval("const odd = Array.from({ length: 2000 }, (_, i) => ({ i, s: new Set([i]) }))")
            for _ in range(20):
                assert len(ctx.eval("odd")) == 2000

    def test_arguments_that_cannot_enter_are_refused_alike(self) -> None:
        deep: Any = []
        for _ in range(600):
            deep = [deep]
        for argument, options in [(deep, {}), ([{"a": 2**70}] * OFTEN, {"big_ints": "error"})]:
            messages = []
            for ctx in (WIRE, SHAPE):
                with pytest.raises(EncodeError) as caught:
                    ctx.eval("x => x")(argument, **options)
                messages.append((str(caught.value), caught.value.path))
            assert messages[0] == messages[1]

    @pytest.mark.parametrize("big_ints", ["bigint", "number"])
    def test_large_ints_enter_alike(self, big_ints: Any) -> None:
        numbers = [2**53 - 1, 2**53, -(2**53), 2**63, 2**64, -(2**70), 2**30, -(2**30) - 1]
        argument = [numbers, [{"n": n} for n in numbers * OFTEN], [1.5, *numbers]]
        kinds = "x => x.map(function f(v) { return typeof v === 'object' ? Object.values(v).map(f) : typeof v + v })"
        assert WIRE.eval(kinds)(argument, big_ints=big_ints) == SHAPE.eval(kinds)(argument, big_ints=big_ints)

"""Values and bytes that once were lost, or raised what they should not: one test for each fault, named after it."""

from __future__ import annotations

import time
from collections import UserString
from textwrap import dedent
from typing import Any

import pytest
from children import run_child

from pyv8bridge import (
    BigInt,
    Context,
    DataCloneError,
    DecodeError,
    EncodeError,
    JSArray,
    JSBoxed,
    JSError,
    JSMap,
    JSSet,
    JSSparseArray,
    JSTimeoutError,
    plain,
    wire,
)
from pyv8bridge.testing import difference

PAIR = "\ud83d\ude00"
CHARACTER = "\U0001f600"
CTX = Context()
IDENTITY = CTX.eval("x => x")


def nested(depth: int, wrap: Any) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


def test_a_pair_of_surrogates_and_its_character_are_one_key() -> None:
    """V8 refused the object that had both, without a word about where."""
    for bad in (
        {CHARACTER: 1, PAIR: 2},
        JSArray([], {CHARACTER: 1, PAIR: 2}),
        JSSparseArray(9, {}, {PAIR: 1, CHARACTER: 2}),
    ):
        with pytest.raises(EncodeError, match="same") as caught:
            IDENTITY({"a": [bad]})
        assert caught.value.path == "$.a[0]"
    with pytest.raises(EncodeError, match=r"two keys are '.*' as strings"):
        IDENTITY({CHARACTER: 1, PAIR: 2, 1: 3}, keys="string")
    assert list(JSMap([(CHARACTER, 1), (PAIR, 2)]).items()) == [(CHARACTER, 2)]
    assert len(JSSet([CHARACTER, PAIR])) == 1
    assert IDENTITY({PAIR: 1}) == {CHARACTER: 1}


@pytest.mark.parametrize("message", ["81a1be01", "93de0001a1fe016f", "de0002a16201a1bf61"])
def test_a_key_that_is_not_utf8_is_a_decode_error(message: str) -> None:
    """The path that names the key could not be read, and that was raised instead."""
    with pytest.raises(DecodeError) as caught:
        wire.from_message(bytes.fromhex(message))
    assert caught.value.offset is not None


def test_the_repr_of_a_bigint_of_any_size() -> None:
    """Python refuses to write more than some thousands of decimal digits."""
    huge = CTX.eval("10n ** 5000n")
    assert eval(repr(huge)) == huge == 10**5000
    assert repr(JSMap([(huge, [huge])])).startswith("JSMap({BigInt(0x")
    assert repr(BigInt(-5)) == "BigInt(-5)"


def test_an_error_about_a_huge_int() -> None:
    """Naming the key raised a ValueError."""
    with pytest.raises(EncodeError, match="the key of 16610 bits is an int"):
        IDENTITY({10**5000: 1})
    with pytest.raises(EncodeError, match="which keys='string' cannot write"):
        IDENTITY({10**5000: 1}, keys="string")


def test_a_property_of_thousands_of_digits() -> None:
    """Whether it is an index was asked of int(), which refuses so many."""
    name = "9" * 5000
    assert difference(IDENTITY(JSArray([1], {name: 2})), JSArray([1], {name: 2})) is None


def test_a_wrapper_object_of_an_int_beyond_the_safe_ones() -> None:
    """It was refused as malformed."""
    for number in (2**53, -(2**60), 2**64, 10**30):
        assert difference(IDENTITY([JSBoxed(number)]), [JSBoxed(BigInt(number))]) is None
    assert difference(IDENTITY(JSBoxed(2**60), big_ints="number"), JSBoxed(float(2**60))) is None
    with pytest.raises(EncodeError) as caught:
        IDENTITY([JSBoxed(2**60)], big_ints="error")
    assert caught.value.path == "$[0]"


def test_a_user_string_is_a_string() -> None:
    """It is a Sequence of UserStrings, which are Sequences of UserStrings …"""
    assert IDENTITY([UserString("ab"), UserString("")]) == ["ab", ""]


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"a": v}, lambda v: JSMap([("a", v)]), lambda v: JSSet([v])])
def test_plain_of_what_is_nested_up_to_the_limit(wrap: Any) -> None:
    """It recursed two frames a level, which Python's stack has no room for."""
    value = plain(IDENTITY(nested(499, wrap)))
    for _ in range(499):
        value = value["a"] if isinstance(value, dict) else value[0]
    assert value == 1


BUSY_MODULES = """
from pyv8bridge import Context, Error, JSError
seen = []
def again(*names):
    for name in names:
        try:
            seen.append(context.import_module(name).keys())
        except Error as error:
            seen.append(error.message if isinstance(error, JSError) else type(error).__name__)
def modules(sources):
    global context
    seen.clear()
    context = Context(modules=sources)
    context.expose("again", again)
    return context
SAYS = "the module is being evaluated, and no host function can import it until that ends: "
"""


def test_import_of_a_module_that_is_being_evaluated() -> None:
    """By a host function that the module calls: V8 ended the process."""
    run_child(
        BUSY_MODULES
        + dedent("""
        ctx = modules({"a.js": "again('a.js'); export const a = 1"})
        assert ctx.import_module("a.js").a == 1 and seen == [SAYS + "a.js"], seen
        assert ctx.import_module("a.js").a == 1  # and afterwards it can be imported

        # Uncaught it is how the module fails.
        ctx = modules({"a.js": "raise_again('a.js')"})
        ctx.expose("raise_again", lambda name: ctx.import_module(name))
        for _ in range(2):
            try:
                ctx.import_module("a.js")
            except JSError as error:
                assert error.name == "Error" and error.message == SAYS + "a.js", error
            else:
                raise AssertionError("a.js was imported")

        # Every module of a cycle that has begun and not ended, and one that waits with await later on.
        cycle = {"a.js": "import './b.js'; again('a.js', 'b.js')", "b.js": "import './a.js'; again('a.js', 'b.js')"}
        modules(cycle).import_module("a.js")
        assert seen == [SAYS + "a.js", SAYS + "b.js"] * 2, seen
        ctx = modules({"a.js": "again('a.js'); await 1; again('a.js'); export const a = 1"})
        assert ctx.import_module("a.js").a == 1 and seen[0] == SAYS + "a.js", seen
        """)
    )


def test_what_a_module_that_is_being_evaluated_may_import() -> None:
    """Others, and those that import it themselves; and import() of itself waits for its end."""
    run_child(
        BUSY_MODULES
        + dedent("""
        sources = {
            "a.js": "import './b.js'; export let a = 1; again('g.js', 'c.js')",
            "b.js": "export default 1; again('c.js')",
            "c.js": "export const c = 1",
            "g.js": "import './h.js'; import './c.js'; export const g = 1",
            "h.js": "import { a } from './a.js'; export const h = () => a; again('a.js')",
        }
        ctx = modules(sources)
        assert ctx.import_module("a.js").a == 1
        assert seen == [["c"], SAYS + "a.js", ["g"], ["c"]], seen
        assert ctx.import_module("h.js").h() == 1 and ctx.import_module("g.js").g == 1

        waiting = {key: "await 1; " + source for key, source in sources.items()}
        for name in ("b.js", "g.js", "h.js", "a.js"):
            ctx = modules(waiting)
            ctx.import_module(name)
            assert ctx.import_module("a.js").a == 1 and ctx.import_module("h.js").h() == 1

        ctx = modules({"a.js": "again('z.js'); export let a = 1; import('a.js').then((all) => { a = all.a + 1 })",
                       "z.js": "import('a.js').then((all) => { globalThis.late = all.a })"})
        assert ctx.import_module("a.js").a == 2 and ctx.eval("late") in (1, 2)
        """)
    )


ASM = """
function Asm(stdlib, foreign, heap) {
  "use asm";
  var bytes = new stdlib.Int8Array(heap);
  function first() { return bytes[0] | 0; }
  return { first: first };
}
const taken = new ArrayBuffer(65536), other = new ArrayBuffer(65536);
"""


def test_a_buffer_that_a_getter_gives_to_asm_js_is_not_transferred() -> None:
    """It could be detached when it was met and not any more when everything was written: V8 ended the process."""
    run_child(
        f"source = {ASM!r}\n"
        + dedent("""
        from pyv8bridge import Context, DataCloneError
        for parts in ("buffer: taken", "view: new Uint8Array(taken)", "other, buffer: taken, again: taken"):
            ctx = Context()
            ctx.eval(source)
            try:
                ctx.eval("({ " + parts + ", get x() { Asm(globalThis, {}, taken); return 1 } })", transfer=True)
            except DataCloneError as error:
                assert "cannot be detached" in str(error), error
            else:
                raise AssertionError(parts)
            assert ctx.eval("[taken.byteLength, other.byteLength]") == [65536, 65536]
            assert len(ctx.eval("other", transfer=True)) == 65536
        """)
    )


@pytest.mark.parametrize("refused", ["new WeakMap()", "new WebAssembly.Memory({ initial: 1 }).buffer"])
def test_the_path_of_a_value_whose_names_are_long_and_shared(refused: str) -> None:
    """It had each name in full: gigabytes for a value of a megabyte."""
    with pytest.raises(DataCloneError) as caught:
        CTX.eval(
            f"var o = {{ m: {refused} }}, k = 'k'.repeat(1e5); for (let i = 0; i < 300; i++) o = {{ [k]: o }}; o",
            transfer=True,
        )
    path = caught.value.path
    assert path is not None
    step = "." + "k" * 200 + "…"
    assert path.startswith("$" + step * 5)
    assert path.endswith("……")
    assert len(path.encode()) <= 4096 + len("…".encode())
    with pytest.raises(DataCloneError) as caught:
        CTX.eval(f"({{ ['é'.repeat(201)]: {{ {'n' * 200}: [{refused}] }} }})", transfer=True)
    assert caught.value.path == '$["' + "é" * 200 + '…"].' + "n" * 200 + "[0]"


def test_an_error_of_many_properties_ends_with_its_call() -> None:
    """Each was tried alone, for as long as that took."""
    with Context() as ctx:
        ctx.eval(
            "var e = new Error('x'), big = Array.from({ length: 1e6 }, (_, i) => i + 0.5); e.f = () => 0;"
            "for (let i = 0; i < 900; i++) e['p' + i] = big; 1"
        )
        start = time.monotonic()
        with pytest.raises(JSTimeoutError):
            ctx.eval("throw e", timeout=0.5)
        assert time.monotonic() - start < 5
    with pytest.raises(JSError) as caught:
        CTX.eval("var e = new Error('x'); e.f = () => 0; for (let i = 0; i < 5000; i++) e['p' + i] = i; throw e")
    assert 900 < len(caught.value.properties) <= 1000
    assert caught.value.properties["p7"] == 7


def test_many_rejections_that_are_handled_later() -> None:
    """Each was looked for among all of them: 100,000 took twenty seconds."""
    seen: list[BaseException] = []
    with Context(on_unhandled_rejection=seen.append, memory_limit=256 << 20) as ctx:
        several = "var all = []; for (let i = 0; i < 1e5; i++) all.push(Promise.reject(i)); Promise.allSettled(all); 1"
        assert ctx.eval(several, timeout=6) == 1
        assert seen == []
        # Those that nobody handles, in their order, and none of those between.
        ctx.eval("for (let i = 0; i < 300; i++) { const p = Promise.reject(i); if (i % 3) p.catch(() => 0) } 1")
        assert [error.value for error in seen if isinstance(error, JSError)] == list(range(0, 300, 3))
    # What is handled is let go of within the call.
    with Context(memory_limit=64 << 20) as ctx:
        ctx.eval(
            "var done; (async () => { for (let i = 0; i < 3e4; i++)"
            " try { await Promise.reject(new Array(1000).fill(i)) } catch {} done = true })(); 1"
        )
        assert ctx.eval("done") is True


def test_handles_that_are_dropped_in_a_long_call_are_garbage_in_it() -> None:
    """They were let go of only when the call was over, and the memory limit ended it."""
    with Context(memory_limit=64 << 20) as ctx:
        ctx.expose("host", lambda function: None)
        ctx.expose("handles", lambda: ctx.isolate.heap_statistics().handles)
        assert ctx.eval("let most = 0; for (let i = 0; i < 1000; i++) { host(() => i); most = handles(); } most") < 50

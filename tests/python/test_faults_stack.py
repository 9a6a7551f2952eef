"""Recursion and depth, in JavaScript and in values, on stacks of every size: an error and never a crash."""

from __future__ import annotations

import pytest
from children import run_child

pytestmark = pytest.mark.faults

# Each ends in a RangeError. Much of it uses the stack of V8's own code and not that of compiled JavaScript.
RECURSIONS = {
    "a function": "(function f() { return f() + 1 })()",
    "a function with many arguments": "(function f(...a) { return f(...a, 1) })()",
    "a getter": "const o = { get x() { return o.x } }; o.x",
    "a Proxy's trap": "const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x",
    "a chain of Proxies": "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.x",
    "toString": "const o = { toString() { return '' + o } }; '' + o",
    "toJSON": "const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)",
    "a sort's comparator": "(function f() { [3, 1, 2].sort(f) })()",
    "a replace's function": "(function f() { 'a'.replace(/a/, f) })()",
    "map": "(function f() { [1].map(f) })()",
    "Reflect.apply": "(function f() { Reflect.apply(f, null, []) })()",
    "eval": "const f = () => eval('f()'); f()",
    "new Function": "globalThis.f = () => new Function('f()')(); f()",
    "a constructor": "class A { constructor() { new A() } } new A()",
    "a generator": "function* g() { yield* g() } g().next()",
    "JSON.stringify of what is deep": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)",
    "flat(Infinity) of what is deep": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)",
    "String() of what is deep": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)",
    "source with deep parentheses": "eval('('.repeat(1e5) + '1' + ')'.repeat(1e5))",
    "source with deep arrays": "eval('['.repeat(1e5) + ']'.repeat(1e5))",
    "source with deep blocks": "eval('{'.repeat(1e5) + '}'.repeat(1e5))",
    "source with deep functions": "eval('(()=>'.repeat(1e4) + '1' + ')'.repeat(1e4))",
    "source with deep templates": "eval('`${'.repeat(1e4) + '1' + '}`'.repeat(1e4))",
    "WebAssembly": """
        const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0,
                      10, 6, 1, 4, 0, 16, 0, 11];
        new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(code))).exports.f()
    """,
}

# Deep as well, and what becomes of each is V8's affair: a value, or an error of JavaScript's.
OTHERS = {
    "an async function": "let n = 0; async function f() { n++; await f() } f().catch(() => {})",
    "bound functions": "let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(); f()",
    "source with a long sum": "eval('1' + '+1'.repeat(1e5))",
    "a RegExp with deep groups": "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))",
    "a RegExp that goes back far": "/^(?:a|b)*c/.test('b'.repeat(1e6))",
    "a rope": "let s = ''; for (let i = 0; i < 1e5; i++) s = s + 'a' + i; /z/.test(s)",
    "a long chain of prototypes": "let o = {}; for (let i = 0; i < 5e4; i++) o = Object.create(o); o.nothing",
    "a long list": "let o = {}; for (let i = 0; i < 1e6; i++) o = { o }; o = null",
}

# Nested 30,000 times: by JavaScript, as a result and as what is thrown.
DEEP = {
    "arrays": "let v = 1; for (let i = 0; i < 3e4; i++) v = [v]",
    "objects": "let v = 1; for (let i = 0; i < 3e4; i++) v = { v }",
    "Maps": "let v = 1; for (let i = 0; i < 3e4; i++) v = new Map([[1, v]])",
    "Maps by key": "let v = 1; for (let i = 0; i < 3e4; i++) v = new Map([[v, 1]])",
    "Sets": "let v = 1; for (let i = 0; i < 3e4; i++) v = new Set([v])",
    "causes": "let v = new Error(); for (let i = 0; i < 3e4; i++) v = new Error('m', { cause: v })",
    "sparse arrays": "let v = 1; for (let i = 0; i < 3e4; i++) { const a = []; a[5000] = v; v = a }",
    "properties of arrays": "let v = 1; for (let i = 0; i < 3e4; i++) v = Object.assign([], { v })",
    "getters": "const make = (n) => n ? { get v() { return make(n - 1) } } : 1; let v = make(3e4)",
}

# None: the main thread, whose stack is the process's.
STACKS_KB = [None, 256, 512, 1024, 16 * 1024]

ON_STACK = """
import threading
from pyv8bridge import *

def on_stack(kb, work):
    if kb is None:
        return work()
    threading.stack_size(kb * 1024)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""


@pytest.mark.parametrize("kb", STACKS_KB)
def test_recursion_is_a_range_error(kb: int | None) -> None:
    out = run_child(
        ON_STACK
        + f"""
recursions, others = {RECURSIONS!r}, {OTHERS!r}
def work():
    ctx = Context()
    for name, code in (recursions | others).items():
        try:
            ctx.eval("{{" + code + "}} 0")
            outcome = "a value"
        except JSError as error:
            outcome = error.name
        if name in recursions and outcome != "RangeError":
            print(name, outcome)
        if ctx.eval("1 + 1") != 2:
            print(name, "broke the context")
on_stack({kb}, work)
"""
    )
    assert out == ""


@pytest.mark.parametrize("kb", STACKS_KB)
def test_what_is_nested_very_deeply_does_not_leave_or_enter(kb: int | None) -> None:
    out = run_child(
        ON_STACK
        + f"""
def nested(wrap, depth=30_000):
    value = 1
    for _ in range(depth):
        value = wrap(value)
    return value

def work():
    ctx = Context()
    for name, code in {DEEP!r}.items():
        for how in ("v", "[v]", "throw v"):
            try:
                result = ctx.eval("{{" + code + "; " + how + "}}")
                print(name, how, type(result))
            except DataCloneError as error:
                assert "deep" in str(error) or "nest" in str(error), error
            except JSError as error:
                # Thrown, it is told that there was something; a getter recurses in JavaScript itself.
                if how != "throw v" and error.name != "RangeError":
                    print(name, how, error)
            assert ctx.eval("1 + 1") == 2
    wraps = [lambda v: [v], lambda v: {{"v": v}}, lambda v: JSMap([(1, v)]), lambda v: JSSet([v]), lambda v: (v,),
             lambda v: JSArray([], {{"v": v}}), lambda v: JSError("m", cause=v)]
    for wrap in wraps:
        value = nested(wrap)
        for use in (lambda: ctx.call("Array.of", value), lambda: ctx.set("x", value), lambda: wire.dumps(value)):
            try:
                use()
                print("went in")
            except EncodeError as error:
                assert "deep" in str(error) or "nest" in str(error), error
        # What classes of Python hold is freed by recursion, which Python has a limit for.
        while not isinstance(value, int):
            value = (value.cause if isinstance(value, JSError) else
                     value.properties["v"] if isinstance(value, JSArray) else
                     next(iter(value.values())) if isinstance(value, (dict, JSMap)) else next(iter(value)))
on_stack({kb}, work)
"""
    )
    assert out == ""


def test_one_limit_of_depth_for_all_layers() -> None:
    """500 levels go in, come out and are read; 501 do nowhere, so nothing is written that could not be read back."""
    out = run_child(
        """
        from pyv8bridge import *
        ctx = Context()
        ctx.eval("const deep = (n) => { let v = 1; for (let i = 0; i < n; i++) v = [v]; return v }")
        same = ctx.eval("x => x")
        def nested(depth):
            value = 1
            for _ in range(depth):
                value = [value]
            return value
        assert ctx.call("deep", 500) == same(nested(500)) == wire.loads(wire.dumps(nested(500))) == nested(500)
        for depth in (501, 1600, 2000, 3300, 5000):
            for use in (lambda: ctx.call("deep", depth), lambda: same(nested(depth)), lambda: wire.dumps(nested(depth)),
                        lambda: wire.loads(b"\\xff\\x0f" + b"A\\x01" * depth + b"I\\x02" + b"$\\0\\x01" * depth)):
                try:
                    use()
                    print("went through", depth)
                except (DataCloneError, EncodeError, DecodeError) as error:
                    assert "deep" in str(error) or "nest" in str(error), error
        print(ctx.call("deep", 3))
        """
    )
    assert out == "[[[1]]]\n"


def test_a_stack_that_is_too_small_is_refused_before_v8_finds_out() -> None:
    out = run_child(
        ON_STACK
        + """
ctx = Context()
def work():
    for use in (lambda: ctx.eval("1"), Context, lambda: ctx.globals["a"], lambda: ctx.isolate.heap_statistics()):
        try:
            use()
            print("went through")
        except EngineError as error:
            assert "threading.stack_size" in str(error), error
on_stack(128, work)
print(ctx.eval("1 + 1"))
"""
    )
    assert out == "2\n"


def test_what_is_left_of_a_stack_counts() -> None:
    """Python frames that have used most of a thread's stack leave JavaScript less, and not a crash."""
    out = run_child(
        """
        import sys, threading
        from pyv8bridge import Context, EngineError, Error, JSError
        sys.setrecursionlimit(100_000)
        ctx = Context()
        ctx.eval("function f() { return f() + 1 }")
        seen = set()

        def down(n, pairs):
            # sorted() with a key calls back from C, so each level takes stack of the thread.
            if n % 50 == 0:
                try:
                    ctx.call("f")
                except JSError as error:
                    seen.add(error.name)
                except EngineError as error:
                    seen.add("too little")
                    return
            if n < 4000:
                sorted([0], key=lambda _: down(n + 1, pairs))

        threading.stack_size(512 * 1024)
        thread = threading.Thread(target=down, args=(0, None))
        thread.start()
        thread.join()
        print("RangeError" in seen, ctx.eval("1 + 1"))
        """
    )
    assert out == "True 2\n"

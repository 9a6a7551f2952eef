"""What JavaScript throws, as Python sees it."""

from __future__ import annotations

import math
import traceback
from datetime import datetime, timezone
from typing import Any

import pytest
from children import run_child

from pyv8bridge import (
    BigInt,
    Context,
    DataCloneError,
    EncodeError,
    Error,
    JSError,
    JSFunction,
    JSMap,
    JSObject,
    JSSyntaxError,
    undefined,
)


@pytest.fixture
def ctx() -> Any:
    with Context() as context:
        yield context


def thrown_by(ctx: Context, code: str, filename: str = "<eval>") -> JSError:
    with pytest.raises(JSError) as caught:
        ctx.eval(code, filename)
    return caught.value


class TestThrownErrors:
    def test_name_message_stack_and_value(self, ctx: Context) -> None:
        error = thrown_by(ctx, "function f() { null.x }\nf()", "app.js")
        assert error.name == "TypeError"
        assert error.message == "Cannot read properties of null (reading 'x')"
        assert error.value is error
        assert error.stack is not None
        assert error.stack.startswith("TypeError: Cannot read")
        assert "at f (app.js:1:21)" in error.stack
        assert "at app.js:2:1" in error.stack

    def test_position_and_source_line_with_a_caret(self, ctx: Context) -> None:
        error = thrown_by(ctx, "\n\n\tlet a = nowhere;", "app.js")
        assert (error.filename, error.line, error.column) == ("app.js", 3, 10)
        assert error.source_line == "\tlet a = nowhere;"
        source, carets = str(error).splitlines()[-2:]
        assert source.endswith("\tlet a = nowhere;")
        assert carets[: carets.index("^")].endswith("\t        ")

    def test_position_inside_of_a_called_function(self, ctx: Context) -> None:
        ctx.eval("// one\nfunction fail(x) {\n  throw new RangeError('no ' + x);\n}", "lib.js")
        with pytest.raises(JSError) as caught:
            ctx.call("fail", 7)
        error = caught.value
        assert (error.name, error.message, error.filename, error.line) == ("RangeError", "no 7", "lib.js", 3)

    def test_custom_name_and_own_properties(self, ctx: Context) -> None:
        error = thrown_by(
            ctx,
            "class QuotaError extends Error { constructor(m) { super(m); this.name = 'QuotaError' } }\n"
            "throw Object.assign(new QuotaError('full'), { code: 42, limits: new Map([[1, 10n]]) })",
        )
        assert (error.name, error.message) == ("QuotaError", "full")
        assert error.properties == {"code": 42, "limits": JSMap({1: BigInt(10)})}
        assert error.code == 42

    def test_an_aggregate_error_has_its_errors(self, ctx: Context) -> None:
        error = thrown_by(ctx, "throw new AggregateError([new TypeError('a'), 1], 'all')")
        assert error.name == "AggregateError"
        assert [(type(item), getattr(item, "message", item)) for item in error.errors] == [(JSError, "a"), (int, 1)]
        assert "errors" not in thrown_by(ctx, "throw new AggregateError([() => 1])").properties
        assert thrown_by(ctx, "throw Object.assign(new Error(), { errors: [1], x: 2 })").properties == {
            "errors": [1],
            "x": 2,
        }

    def test_no_message_is_not_an_empty_one(self, ctx: Context) -> None:
        without, empty = ctx.eval("[new Error(), new Error('')]")
        assert (without.message, without.has_message) == ("", False)
        assert (empty.message, empty.has_message) == ("", True)
        has = "(errors) => errors.map((error) => Object.hasOwn(error, 'message'))"
        assert ctx.eval(has)([without, empty, ValueError(), ValueError("x")]) == [False, True, False, True]

    def test_cause(self, ctx: Context) -> None:
        error = thrown_by(ctx, "throw new Error('outer', { cause: 'why' })")
        # V8 10.2 does not serialize a cause; newer ones do.
        assert not error.has_cause or error.cause == "why"

    def test_an_error_as_a_result_is_not_raised(self, ctx: Context) -> None:
        error = ctx.eval("new RangeError('data')")
        assert isinstance(error, JSError)
        assert (error.name, error.message) == ("RangeError", "data")

    def test_the_traceback_has_no_machinery(self, ctx: Context) -> None:
        error = thrown_by(ctx, "throw new Error('x')")
        assert error.__context__ is None
        assert "Thrown" not in "".join(traceback.format_exception(error))

    def test_a_syntax_error_has_a_position(self, ctx: Context) -> None:
        with pytest.raises(JSSyntaxError) as caught:
            ctx.eval("let ok = 1;\nlet a = ;", "broken.js")
        error = caught.value
        assert (error.name, error.filename, error.line, error.column) == ("SyntaxError", "broken.js", 2, 9)
        assert error.source_line == "let a = ;"
        assert "Unexpected token" in error.message

    def test_a_syntax_error_at_run_time_is_a_plain_js_error(self, ctx: Context) -> None:
        error = thrown_by(ctx, "new Function('let a = ;')")
        assert error.name == "SyntaxError"

    def test_a_message_with_nul_and_lone_surrogates(self, ctx: Context) -> None:
        assert thrown_by(ctx, r"throw new Error('a\0b\ud800')").message == "a\0b\ud800"

    def test_message_and_stack_that_are_no_strings(self, ctx: Context) -> None:
        error = thrown_by(ctx, "const e = new Error('x'); e.stack = 5; e.message = { a: 1 }; throw e")
        assert isinstance(error.message, str)
        assert error.stack is None or isinstance(error.stack, str)

    def test_a_getter_that_throws_is_the_error(self, ctx: Context) -> None:
        error = thrown_by(ctx, "({ get bad() { throw new RangeError('from the getter') } })")
        assert (error.name, error.message) == ("RangeError", "from the getter")

    def test_an_error_whose_property_cannot_cross(self, ctx: Context) -> None:
        error = thrown_by(ctx, "throw Object.assign(new TypeError('x'), { f() {}, code: 1 })")
        assert (error.name, error.message) == ("TypeError", "x")

    def test_recursion_is_a_range_error_and_the_context_lives_on(self, ctx: Context) -> None:
        error = thrown_by(ctx, "(function f() { return f() + 1 })()")
        assert (error.name, error.message) == ("RangeError", "Maximum call stack size exceeded")
        assert ctx.eval("1 + 1") == 2


class TestThrownValues:
    @pytest.mark.parametrize(
        ("source", "value"),
        [
            ("undefined", undefined),
            ("null", None),
            ("false", False),
            ("0", 0),
            ("-1.5", -1.5),
            ("10n", BigInt(10)),
            ("''", ""),
            (r"'a\0\ud800'", "a\0\ud800"),
            ("[1, [2]]", [1, [2]]),
            ("{ retry: true }", {"retry": True}),
            ("new Map([[1, 2]])", JSMap({1: 2})),
            ("new Date(0)", datetime(1970, 1, 1, tzinfo=timezone.utc)),
            ("{ toString() { throw 1 }, get message() { throw 2 } }", None),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_arrive_as_they_are(self, ctx: Context, source: str, value: Any) -> None:
        error = thrown_by(ctx, f"throw ({source})", "odd.js")
        assert isinstance(error.message, str)
        assert isinstance(error.name, str)
        assert (error.filename, error.line) == ("odd.js", 1)
        if "toString" not in source:
            assert error.value == value
            assert type(error.value) is type(value)

    def test_nan_and_minus_zero(self, ctx: Context) -> None:
        assert math.isnan(thrown_by(ctx, "throw NaN").value)
        assert math.copysign(1, thrown_by(ctx, "throw -0").value) == -1

    def test_functions_and_symbols_arrive_as_handles(self, ctx: Context) -> None:
        function = thrown_by(ctx, "throw () => 7").value
        assert isinstance(function, JSFunction)
        assert function() == 7
        assert isinstance(thrown_by(ctx, "throw Symbol('s')").value, JSObject)

    def test_a_hostile_proxy(self, ctx: Context) -> None:
        code = "throw new Proxy({}, new Proxy({}, { get() { throw new Error('trap') } }))"
        error = thrown_by(ctx, code)
        assert isinstance(error.message, str)
        assert ctx.eval("1") == 1


class TestUncloneableResults:
    @pytest.mark.parametrize(
        ("source", "path"),
        [
            ("{ rows: [1, { when: () => 1 }] }", "$.rows[1].when"),
            ("{ 'a b': Symbol() }", '$["a b"]'),
            ("[Promise.resolve(1)]", "$[0]"),
            ("[new WeakMap()]", "$[0]"),
            ("[new Proxy({}, {})]", "$[0]"),
            ("[new Uint8Array(new SharedArrayBuffer(8))]", "$[0]"),
            # Only V8 sees what a getter gives.
            ("{ get a() { return () => 1 } }", "$.a"),
            ("{ x: [1, { get a() { return { b: Symbol('s') } } }] }", "$.x[1].a.b"),
            ("new Map([[1, 2], [{}, { get a() { return () => 1 } }]])", "$.values()[1].a"),
            ("new Map([[1, 2], [{ get a() { return () => 1 } }, 1]])", "$.keys()[1].a"),
            ("new Set([1, { get a() { return () => 1 } }])", "$.values()[1].a"),
            ("new Error('x', { cause: { get a() { return () => 1 } } })", "$.cause.a"),
            ("Object.assign([1, , 2], { p: { get a() { return () => 1 } } })", "$.p.a"),
            ("(() => { const s = []; s[5000] = { get a() { return () => 1 } }; return s })()", "$[5000].a"),
            ("{ big: new Uint8Array(1e6), get a() { return [1, () => 1] } }", "$.a[1]"),
            ("{ get a() { this.b = () => 1; return 1 }, b: 2 }", "$.b"),
            ("{ '\\ud800': () => 1 }", '$["\\ud800"]'),
        ],
    )
    def test_names_the_path(self, ctx: Context, source: str, path: str) -> None:
        with pytest.raises(DataCloneError) as caught:
            ctx.eval(f"({source})")
        assert caught.value.path == path
        assert isinstance(caught.value, TypeError)

    def test_a_result_nested_too_deeply(self, ctx: Context) -> None:
        with pytest.raises(DataCloneError, match=r"dep|nest") as caught:
            ctx.eval("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a")
        assert caught.value.path == "$" + "[0]" * 500
        assert ctx.eval("1") == 1

    def test_the_sentence_is_v8s_behind_a_getter_and_short(self, ctx: Context) -> None:
        with pytest.raises(DataCloneError, match=r"at \$\.a: #<Promise> could not be cloned"):
            ctx.eval("({ get a() { return Promise.resolve() } })")
        with pytest.raises(DataCloneError) as caught:
            ctx.eval(f"({{ get a() {{ return () => '{'x' * 1000}' }} }})")
        assert len(str(caught.value)) < 100

    def test_arguments_nested_too_deeply(self, ctx: Context) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        with pytest.raises(EncodeError, match=r"dep|nest"):
            ctx.call("Array.of", deep)


def test_one_base_class() -> None:
    for error in (JSError, JSSyntaxError, DataCloneError, EncodeError):
        assert issubclass(error, Error)


class TestGettersOfThrownErrors:
    """A class that describes its errors with getters: they are asked before the error is copied."""

    def test_name(self, ctx: Context) -> None:
        with pytest.raises(JSError) as caught:
            ctx.eval(
                "class Custom extends TypeError { get name() { return this.constructor.name } }; throw new Custom('m')"
            )
        assert (caught.value.name, caught.value.message) == ("Custom", "m")
        assert caught.value.stack is not None
        assert caught.value.stack.startswith("Custom: m\n")

    def test_cause_and_properties_stay(self, ctx: Context) -> None:
        with pytest.raises(JSError) as caught:
            ctx.eval(
                "class Q extends Error { get name() { return 'Q' } }\n"
                "throw Object.assign(new Q('m', {cause: 5}), {k: 1})"
            )
        assert (caught.value.cause, caught.value.properties) == (5, {"k": 1})

    def test_a_getter_that_throws_leaves_the_class_name(self, ctx: Context) -> None:
        with pytest.raises(JSError) as caught:
            ctx.eval("class T extends Error { get name() { throw 1 } }; throw new T('m')")
        assert (caught.value.name, caught.value.message) == ("T", "m")

    def test_prepare_stack_trace(self, ctx: Context) -> None:
        with pytest.raises(JSError) as caught:
            ctx.eval("Error.prepareStackTrace = () => 'a stack of my own'; throw new Error('m')")
        assert caught.value.stack == "a stack of my own"

    def test_terminate_ends_an_endless_getter(self) -> None:
        assert (
            run_child("""
                import threading
                from pyv8bridge import Context, TerminatedError
                ctx = Context()
                threading.Timer(0.3, ctx.terminate).start()
                try:
                    ctx.eval("class E extends Error { get name() { for (;;); } }; const e = new E('m'); throw e")
                except TerminatedError:
                    print(ctx.eval("1 + 1"))
            """)
            == "2\n"
        )

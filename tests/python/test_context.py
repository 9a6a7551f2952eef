"""Context and Isolate: running scripts, calling by name, globals, options, closing."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import pytest

import pyv8bridge
from pyv8bridge import (
    BigInt,
    ClosedError,
    Context,
    EncodeError,
    Isolate,
    JSError,
    JSMap,
    JSRegExp,
    NotFoundError,
    Timings,
    undefined,
)


@pytest.fixture
def ctx() -> Any:
    with Context() as context:
        yield context


class TestEval:
    def test_gives_the_value_of_the_last_expression(self, ctx: Context) -> None:
        assert ctx.eval("1; 2; 40 + 2") == 42

    def test_a_declaration_gives_undefined(self, ctx: Context) -> None:
        assert ctx.eval("const a = 1") is undefined

    def test_scripts_share_their_declarations(self, ctx: Context) -> None:
        ctx.eval("const a = 1; let b = 2; class C { three() { return 3 } }")
        assert ctx.eval("a + b + new C().three()") == 6

    def test_nul_and_wide_characters_in_code(self, ctx: Context) -> None:
        assert ctx.eval("'a\0b\N{GRINNING FACE}é'") == "a\0b\N{GRINNING FACE}é"

    def test_a_lone_surrogate_in_code_is_refused(self, ctx: Context) -> None:
        with pytest.raises(EncodeError, match="lone surrogate"):
            ctx.eval("'\ud800'")

    def test_runs_the_microtasks(self, ctx: Context) -> None:
        ctx.eval("var seen = []; Promise.resolve().then(() => seen.push('micro')); 0")
        assert ctx.eval("seen") == ["micro"]


class TestCall:
    def test_by_name_also_of_const_and_class_declarations(self, ctx: Context) -> None:
        ctx.eval(
            "function f(a, b) { return a - b } const g = (x) => x * 2; class K { static m() { return this.name } }"
        )
        assert ctx.call("f", 5, 3) == 2
        assert ctx.call("g", 4) == 8
        assert ctx.call("K.m") == "K"

    def test_a_path_binds_this(self, ctx: Context) -> None:
        ctx.eval("const a = { b: { n: 7, get() { return this.n } } }")
        assert ctx.call("a.b.get") == 7

    def test_none_is_null_and_undefined_takes_the_default(self, ctx: Context) -> None:
        ctx.eval("function f(a = 'default') { return [a, arguments.length] }")
        assert ctx.call("f", None) == [None, 1]
        assert ctx.call("f", undefined) == ["default", 1]
        assert ctx.call("f") == ["default", 0]

    def test_an_object_shared_between_arguments_stays_shared(self, ctx: Context) -> None:
        ctx.eval("function same(a, b) { return a === b }")
        shared = {"x": 1}
        assert ctx.call("same", shared, shared, references=True) is True
        assert ctx.call("same", shared, shared) is False

    def test_a_keyword_argument_says_to_pass_a_dict(self, ctx: Context) -> None:
        ctx.eval("function f(o) { return o }")
        with pytest.raises(TypeError, match="pass a dict"):
            ctx.call("f", threshold=3)  # type: ignore[call-arg]

    def test_a_path_that_leads_nowhere(self, ctx: Context) -> None:
        with pytest.raises(NotFoundError, match="nowhere"):
            ctx.call("nowhere")
        ctx.eval("const a = {}")
        with pytest.raises(NotFoundError):
            ctx.call("a.b.c")

    @pytest.mark.parametrize("path", ["a..b", ".a", "a.", "."])
    def test_what_is_no_path_leads_nowhere_too(self, ctx: Context, path: str) -> None:
        for attempt in (lambda: ctx.call(path), lambda: ctx.set(path, 1), lambda: ctx.set("", 1)):
            with pytest.raises(NotFoundError, match="path"):
                attempt()
        with pytest.raises(NotFoundError):
            ctx.call("")

    def test_errors_about_arguments_say_which_one(self, ctx: Context) -> None:
        ctx.eval("function f() {}")
        bad = {"a": [1j]}
        with pytest.raises(EncodeError, match=r"^argument 1, at \$\.a\[0\]: "):
            ctx.call("f", 1, bad)
        with pytest.raises(EncodeError, match=r"^this, at \$\.a\[0\]: ") as caught:
            ctx.eval("f")(1, this=bad)
        assert caught.value.argument == "this"
        # It has only one value, and no arguments.
        with pytest.raises(EncodeError, match=r"^at \$\.a\[0\]: ") as caught:
            ctx.set("f.x", bad)
        assert caught.value.argument is None

    @pytest.mark.parametrize(
        ("value", "path"),
        [
            (JSRegExp("("), "$"),
            ({"rules": [JSRegExp("a"), JSRegExp("[")]}, "$.rules[1]"),
            (JSMap([(1, {"x": JSRegExp("a{2,1}")})]), "$.values()[0].x"),
            (JSError("m", cause=JSRegExp("(")), "$.cause"),
            ([b"x" * 100_000, [JSRegExp("(")] * 2], "$[1][0]"),
            (JSRegExp("\ud800("), "$"),
        ],
    )
    def test_a_regexp_that_does_not_compile_has_a_path(self, ctx: Context, value: Any, path: str) -> None:
        with pytest.raises(EncodeError, match="Invalid regular expression") as caught:
            ctx.call("Array.of", 1, value)
        assert (caught.value.argument, caught.value.path) == (1, path)

    def test_calling_what_is_no_function(self, ctx: Context) -> None:
        ctx.eval("var n = 5")
        with pytest.raises(NotFoundError, match="not a function but a number"):
            ctx.call("n")

    def test_many_arguments(self, ctx: Context) -> None:
        ctx.eval("function count() { return arguments.length }")
        assert ctx.call("count", *range(10_000)) == 10_000

    def test_result_none_brings_nothing_back(self, ctx: Context) -> None:
        ctx.eval("function f() { return { toJSON() {}, g: () => 1 } }")  # which could not cross
        assert ctx.call("f", result="none") is None

    def test_result_handle_leaves_the_object_there(self, ctx: Context) -> None:
        ctx.eval("function make() { return { n: 1, next() { return ++this.n } } }")
        counter = ctx.call("make", result="handle")
        assert [counter.call("next"), counter.call("next")] == [2, 3]

    def test_an_unknown_result_mode(self, ctx: Context) -> None:
        with pytest.raises(ValueError, match="handle"):
            ctx.call("Object", result="handel")  # type: ignore[arg-type]


class TestOptions:
    def test_big_ints_per_context_and_per_call(self) -> None:
        with Context(big_ints="number") as ctx:
            ctx.eval("var type = (x) => typeof x")
            assert ctx.call("type", 2**60) == "number"
            assert ctx.call("type", 2**60, big_ints="bigint") == "bigint"
            with pytest.raises(EncodeError):
                ctx.call("type", 2**60, big_ints="error")

    def test_keys(self, ctx: Context) -> None:
        ctx.eval("var id = (x) => x")
        with pytest.raises(EncodeError):
            ctx.call("id", {1: "a"})
        assert ctx.call("id", {1: "a"}, keys="map") == JSMap({1: "a"})
        assert ctx.call("id", {1: "a"}, keys="string") == {"1": "a"}

    def test_default(self, ctx: Context) -> None:
        ctx.eval("var id = (x) => x")
        assert ctx.call("id", [1 + 2j], default=lambda value: [value.real, value.imag]) == [[1, 2]]

    def test_an_error_in_default_is_the_callers(self, ctx: Context) -> None:
        def default(value: object) -> object:
            raise LookupError("mine")

        ctx.eval("var id = (x) => x")
        with pytest.raises(LookupError, match="mine"):
            ctx.call("id", object(), default=default)

    @pytest.mark.parametrize("option", [{"big_ints": "huge"}, {"keys": "list"}], ids=["big_ints", "keys"])
    def test_a_wrong_option_is_refused_at_once(self, option: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"big_ints|keys"):
            Context(**option)

    def test_timings_add_up_every_hop(self, ctx: Context) -> None:
        ctx.eval("var id = (x) => x")
        timings = Timings()
        data = [{"n": n} for n in range(1000)]
        ctx.call("id", data, timings=timings)
        assert all(nanoseconds > 0 for nanoseconds in timings.hops().values()), timings
        first = timings.total
        ctx.call("id", data, timings=timings)
        assert timings.total > first

    def test_timings_tell_the_garbage_collections_apart(self, ctx: Context) -> None:
        ctx.eval("var waste = () => { let kept; for (let i = 0; i < 3e5; i++) kept = { i, text: `${i}` }; return 1 }")
        timings = Timings()
        ctx.call("waste", timings=timings)
        assert 0 < timings.garbage_collection < timings.execute
        assert timings.total == sum(timings.hops().values())
        assert "garbage_collection" not in timings.hops()
        evaluated = Timings()
        ctx.eval("waste()", timings=evaluated)
        assert 0 < evaluated.garbage_collection < evaluated.execute


def test_what_is_of_the_wrong_type_is_called_by_its_name() -> None:
    with Context() as context:
        for wrong, message in (
            (lambda: context.eval(3), "the code must be a str, not int"),  # type: ignore[arg-type]
            (lambda: context.eval("1", None), "the file name must be a str, not NoneType"),  # type: ignore[arg-type]
            (lambda: context.call(b"f"), "the path must be a str, not bytes"),  # type: ignore[arg-type]
            (lambda: context.globals[1], "the path must be a str, not int"),  # type: ignore[index]
            (lambda: Context(2), "isolate must be an Isolate, not int"),  # type: ignore[arg-type]
        ):
            with pytest.raises(TypeError, match=message):
                wrong()


class TestGlobals:
    def test_set_and_read(self, ctx: Context) -> None:
        ctx.set("config", {"limit": 10})
        assert ctx.eval("config.limit") == 10
        ctx.set("config.limit", 2**60)
        assert ctx.globals["config"] == {"limit": BigInt(2**60)}

    def test_is_a_mapping(self, ctx: Context) -> None:
        ctx.globals["b"] = 1
        ctx.globals["a"] = [undefined, None]
        assert list(ctx.globals) == ["b", "a"]
        assert len(ctx.globals) == 2
        assert "a" in ctx.globals
        assert "z" not in ctx.globals
        assert 5 not in ctx.globals  # type: ignore[comparison-overlap]
        assert ctx.globals == {"b": 1, "a": [undefined, None]}
        assert ctx.globals.pop("b") == 1
        del ctx.globals["a"]
        assert dict(ctx.globals) == {}
        ctx.globals.update(x=1, y=2)
        assert ctx.eval("x + y") == 3

    def test_a_missing_name_is_a_key_error(self, ctx: Context) -> None:
        with pytest.raises(KeyError, match="missing"):
            ctx.globals["missing"]
        with pytest.raises(KeyError, match="missing"):
            del ctx.globals["missing"]
        assert ctx.globals.get("missing", 5) == 5

    def test_undefined_is_not_missing(self, ctx: Context) -> None:
        ctx.eval("var a = undefined")
        assert ctx.globals["a"] is undefined
        assert "a" in ctx.globals

    def test_what_cannot_be_written_to_is_not_set_silently(self, ctx: Context) -> None:
        ctx.eval("Object.defineProperty(globalThis, 'fixed', { value: 1 }); const constant = 1; let variable = 1")
        for name in ("fixed", "constant", "NaN", "undefined"):
            with pytest.raises(JSError, match=r"TypeError: (Cannot assign|Assignment)"):
                ctx.globals[name] = 2
        for name in ("variable", "eval", "let", "new one", "arguments"):
            ctx.globals[name] = 2
            assert ctx.globals[name] == 2

    def test_names_are_names_and_no_paths(self, ctx: Context) -> None:
        ctx.globals["a.b"] = 1
        assert ctx.eval("globalThis['a.b']") == 1
        ctx.eval("var a = { b: 2 }")
        assert ctx.globals["a.b"] == 1

    def test_builtins_can_be_read_but_are_no_keys(self, ctx: Context) -> None:
        assert isinstance(ctx.globals["parseInt"], pyv8bridge.JSFunction)
        assert "parseInt" not in list(ctx.globals)

    def test_declared_variables_can_be_read_and_not_deleted(self, ctx: Context) -> None:
        ctx.eval("var a = 1; let b = 2; const c = 3; class D {}")
        assert [ctx.globals[name] for name in "abc"] == [1, 2, 3]
        assert list(ctx.globals) == ["a"]
        for name in "abcD":
            assert name in ctx.globals
            with pytest.raises(TypeError, match=f"'{name}'"):
                del ctx.globals[name]


class TestContextsAndIsolates:
    def test_contexts_of_one_isolate_have_their_own_globals(self) -> None:
        with Isolate() as isolate, Context(isolate) as one, Context(isolate) as two:
            one.eval("var a = 1")
            assert "a" not in two.globals
            assert one.isolate is two.isolate is isolate

    def test_heap_statistics(self) -> None:
        with Isolate() as isolate:
            context = Context(isolate)
            before = isolate.heap_statistics()
            assert 0 < before.used_heap_bytes <= before.total_heap_bytes <= before.heap_limit_bytes
            assert before.contexts == 1
            context.eval("var big = new Array(100000).fill().map((_, i) => 'x' + i)")
            after = isolate.heap_statistics()
            assert after.used_heap_bytes > before.used_heap_bytes + 1_000_000
            function = context.eval("() => 1")
            assert isolate.heap_statistics().handles == before.handles + 1
            del function
            context.eval("1")  # the next entry lets go of what was queued
            assert isolate.heap_statistics().handles == before.handles


class TestClose:
    def test_a_closed_context_says_so(self) -> None:
        ctx = Context()
        ctx.eval("var f = () => 1")
        function = ctx.eval("f")
        assert not ctx.closed
        ctx.close()
        ctx.close()
        assert ctx.closed
        assert ctx.isolate.closed
        for use in (
            lambda: ctx.eval("1"),
            lambda: ctx.call("f"),
            lambda: ctx.set("a", 1),
            lambda: ctx.globals["f"],
            lambda: list(ctx.globals),
            lambda: ctx.ref("f"),
            lambda: function(),
            lambda: function.get("name"),
        ):
            with pytest.raises(ClosedError, match="closed"):
                use()
        assert "closed" in repr(ctx)

    def test_closing_a_context_leaves_a_shared_isolate(self) -> None:
        with Isolate() as isolate:
            one, two = Context(isolate), Context(isolate)
            one.close()
            assert two.eval("1 + 1") == 2
            assert not isolate.closed
            with pytest.raises(ClosedError):
                one.eval("1")

    def test_closing_an_isolate_closes_its_contexts(self) -> None:
        isolate = Isolate()
        ctx = Context(isolate)
        isolate.close()
        assert ctx.closed
        with pytest.raises(ClosedError):
            ctx.eval("1")
        with pytest.raises(ClosedError):
            isolate.heap_statistics()
        with pytest.raises(ClosedError):
            Context(isolate)
        ctx.close()
        isolate.close()

    def test_with_refuses_what_is_closed(self) -> None:
        isolate = Isolate()
        ctx = Context(isolate)
        handle = ctx.ref("({})")
        for closed in (handle, ctx, isolate):
            closed.close()
            with pytest.raises(ClosedError), closed:
                pass

    def test_with_statement(self) -> None:
        with Context() as ctx:
            pass
        assert ctx.closed

    def test_terminate_without_a_running_call_does_nothing(self) -> None:
        with Context() as ctx:
            ctx.terminate()
            ctx.isolate.terminate()
            assert ctx.eval("for (let i = 0; i < 1e5; i++); 'ran'") == "ran"


class TestMistakes:
    """What a caller gets wrong is said at once, by its name."""

    def test_what_lives_in_an_isolate_cannot_be_pickled(self, capfd: pytest.CaptureFixture[str]) -> None:
        # cffi's words came out, and a finalizer's complaint about the half-made copy.
        with Context() as ctx:
            for thing in (ctx, ctx.isolate, ctx.globals, ctx.cpu_profile()):
                for copying in (pickle.dumps, copy.deepcopy):
                    with pytest.raises(TypeError, match="make a Context of its own"):
                        copying(thing)
            assert copy.copy(ctx) is ctx
            assert copy.copy(ctx.isolate) is ctx.isolate
            gc.collect()
        assert capfd.readouterr().err == ""

    def test_options_of_other_types(self, ctx: Context) -> None:
        with pytest.raises(TypeError, match="references is True or False"):
            Context(references="no")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="references is True or False"):
            ctx.call("Array.of", references=1)  # type: ignore[arg-type]
        ctx.eval("globalThis.ran = 0")
        with pytest.raises(TypeError, match="timings must be a Timings, not int"):
            ctx.eval("ran = 1", timings=5)  # type: ignore[arg-type]
        assert ctx.eval("ran") == 0
        with pytest.raises(TypeError, match="the expression must be a str, not NoneType"):
            ctx.ref(None)  # type: ignore[arg-type]

    def test_names_of_properties(self, ctx: Context) -> None:
        numbers = ctx.ref("[5, 6]")
        assert numbers[True] == numbers[1] == 6
        for name in (1.5, None, b"1"):  # 1.5 was taken for 1
            for use in (numbers.get, numbers.ref, numbers.__getitem__, lambda name: numbers.set(name, 0)):
                with pytest.raises(TypeError, match="name is a str or an int, not"):
                    use(name)
        assert numbers.value() == [5, 6]

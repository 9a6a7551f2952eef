"""JSObject and JSFunction: objects that stay in JavaScript."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import pytest
from children import run_child

from pyv8bridge import (
    ClosedError,
    Context,
    DataCloneError,
    EncodeError,
    JSError,
    JSFunction,
    JSObject,
    JSPromise,
    NotFoundError,
    undefined,
)

COUNTER = """
class Counter {
  #count = 0;
  constructor(step = 1) { this.step = step; this.inner = { depth: 1, get() { return this.depth } }; }
  increment(times = 1) { this.#count += this.step * times; return this.#count; }
  get count() { return this.#count; }
  self() { return this; }
}
"""


@pytest.fixture
def ctx() -> Any:
    with Context() as context:
        context.eval(COUNTER)
        yield context


class TestJSObject:
    def test_keeps_methods_and_private_state(self, ctx: Context) -> None:
        counter = ctx.ref("new Counter(5)")
        assert type(counter) is JSObject
        assert [counter.call("increment"), counter.call("increment", 2)] == [5, 15]
        assert counter.get("count") == 15

    def test_get_set_delete_contains_keys(self, ctx: Context) -> None:
        thing = ctx.ref("({ a: 1, 'b.c': 2 })")
        assert thing.get("a") == thing["a"] == 1
        assert thing.get("b.c") == thing["b.c"] == 2
        assert thing.get("missing") is undefined
        assert thing.get("missing", 7) == 7
        with pytest.raises(KeyError, match="missing"):
            thing["missing"]
        thing.set("d", [1, 2])
        thing["e"] = None
        assert thing.keys() == list(thing) == ["a", "b.c", "d", "e"]
        assert "d" in thing
        assert "z" not in thing
        assert None not in thing
        del thing["d"]
        assert "d" not in thing
        with pytest.raises(KeyError):
            del thing["d"]
        assert thing.value() == {"a": 1, "b.c": 2, "e": None}

    def test_elements_by_index(self, ctx: Context) -> None:
        items = ctx.ref("['zero', 'one']")
        assert items[1] == "one"
        items[2] = "two"
        assert items.get("length") == 3
        assert items.value() == ["zero", "one", "two"]

    def test_a_frozen_property_is_not_deleted_silently(self, ctx: Context) -> None:
        with pytest.raises(TypeError, match="refuses"):
            del ctx.ref("Object.freeze({ a: 1 })")["a"]

    def test_what_cannot_be_written_to_is_not_set_silently(self, ctx: Context) -> None:
        frozen = ctx.ref("Object.freeze({ a: 1 })")
        for name in ("a", "b"):
            with pytest.raises(JSError, match="TypeError: Cannot a"):
                frozen[name] = 2
        with pytest.raises(JSError, match="only a getter"):
            ctx.ref("({ get a() { return 1 } })").set("a", 2)
        with pytest.raises(JSError, match="trap returned falsish"):
            ctx.ref("new Proxy({}, { set() { return false } })").set("a", 2)
        with pytest.raises(JSError, match="read only"):
            ctx.ref("Object.freeze([1])").set(0, 2)

    def test_contains_sees_inherited_properties_as_js_in_does(self, ctx: Context) -> None:
        assert "increment" in ctx.ref("new Counter()")

    def test_ref_of_a_property_and_a_path(self, ctx: Context) -> None:
        counter = ctx.ref("new Counter()")
        inner = counter.ref("inner")
        inner["depth"] = 2
        assert counter.call("inner.get") == 2
        with pytest.raises(KeyError):
            counter.ref("missing")
        with pytest.raises(TypeError, match="no object"):
            counter.ref("step")

    def test_new(self, ctx: Context) -> None:
        counter = ctx.ref("Counter").new(3)
        assert counter.call("increment") == 3
        assert ctx.eval("(c) => c instanceof Counter")(counter) is True
        with pytest.raises(NotFoundError, match="constructor"):
            ctx.eval("() => 1").new()

    def test_ref_of_an_expression(self, ctx: Context) -> None:
        assert ctx.ref("{ a: 1 }").value() == {"a": 1}  # an object, not a block
        assert isinstance(ctx.ref("function f() {} // a comment"), JSFunction)
        assert ctx.ref("class { static one = 1 }").get("one") == 1
        assert ctx.ref("new Counter(2);").get("step") == 2
        assert ctx.ref("new Map() // a comment").call("set", 1, 2, result="handle").get("size") == 1
        for expression in ("1 + 1", "'text'", "null", "undefined"):
            with pytest.raises(TypeError, match="no object"):
                ctx.ref(expression)

    def test_positions_in_a_ref_are_those_of_the_expression(self, ctx: Context) -> None:
        for expression, line, column in (("nowhere.x", 1, 1), ("{\n  a: 1 + nowhere }", 2, 10)):
            with pytest.raises(JSError) as caught:
                ctx.ref(expression)
            assert (caught.value.filename, caught.value.line, caught.value.column) == ("<ref>", line, column)

    def test_goes_back_as_the_same_object(self, ctx: Context) -> None:
        counter = ctx.ref("new Counter()")
        ctx.set("saved", counter)
        assert ctx.eval("(c) => c === saved")(counter) is True
        assert ctx.call("Array.of", counter, result="handle").ref(0).call("increment") == 1

    def test_inside_of_data(self, ctx: Context) -> None:
        counter = ctx.ref("new Counter()")
        assert ctx.eval("({ list: [c] }) => c.increment(4)")({"list": [counter]}) == 4

    def test_of_another_context_is_refused(self, ctx: Context) -> None:
        with Context() as other, pytest.raises(EncodeError) as caught:
            ctx.call("Array.of", 1, [other.ref("{}")])
        assert caught.value.path
        with Context() as other, pytest.raises(EncodeError, match="define it in this one"):
            ctx.call("Array.of", other.eval("x => x"))

    def test_equality_and_hash(self, ctx: Context) -> None:
        one = ctx.ref("globalThis.shared = {}")
        assert one == one
        assert one in {one}
        assert one != ctx.ref("{}")
        assert ctx.call("Object.is", one, ctx.ref("shared")) is True
        assert one != 1

    def test_value_of_what_cannot_be_copied(self, ctx: Context) -> None:
        with pytest.raises(DataCloneError) as caught:
            ctx.ref("{ a: [() => 1] }").value()
        assert caught.value.path == "$.a[0]"

    def test_symbols_and_promises_are_handles(self, ctx: Context) -> None:
        symbol = ctx.eval("Symbol('s')")
        assert type(symbol) is JSObject
        assert ctx.eval("(s) => s.description")(symbol) == "s"
        promise = ctx.ref("Promise.resolve(1)")
        assert type(promise) is JSPromise
        assert "promise" in repr(promise)

    def test_close_lets_go_at_once(self, ctx: Context) -> None:
        before = ctx.isolate.heap_statistics().handles
        with ctx.ref("{}") as thing:
            assert ctx.isolate.heap_statistics().handles == before + 1
        ctx.eval("0")
        assert ctx.isolate.heap_statistics().handles == before
        assert "released" in repr(thing)
        thing.close()
        for use in (thing.value, thing.keys, lambda: thing.call("toString"), lambda: thing.get("a")):
            with pytest.raises(ClosedError, match="let go"):
                use()
        with pytest.raises(EncodeError, match="let go"):
            ctx.call("Array.of", thing)

    def test_dropping_handles_leaves_none_behind(self, ctx: Context) -> None:
        before = ctx.isolate.heap_statistics().handles
        for _ in range(1000):
            ctx.ref("{}").get("missing")
        gc.collect()
        ctx.eval("0")
        assert ctx.isolate.heap_statistics().handles == before

    def test_cannot_be_pickled(self, ctx: Context) -> None:
        thing = ctx.ref("{}")
        with pytest.raises(TypeError, match="context"):
            pickle.dumps(thing)
        with pytest.raises(TypeError, match="context"):
            copy.deepcopy(thing)
        assert copy.copy(thing) is thing

    def test_keeps_its_context_alive(self) -> None:
        thing = Context().ref("{ a: 1 }")
        gc.collect()
        assert thing.get("a") == 1

    def test_outlives_a_closed_context_harmlessly(self) -> None:
        ctx = Context()
        thing = ctx.ref("{}")
        ctx.close()
        thing.close()
        del thing, ctx
        gc.collect()


def test_garbage_cycles_of_contexts_and_handles() -> None:
    """In a cycle, Python finalizes in any order: the context may be gone when its handles are released."""
    run_child(
        """
        import gc
        from pyv8bridge import Context, Isolate
        isolate = Isolate()
        for _ in range(50):
            ctx = Context(isolate)
            cycle = [ctx, ctx.ref("{}"), ctx.eval("() => 1"), ctx.globals]
            cycle.append(cycle)
            del ctx, cycle
            gc.collect()
        assert isolate.heap_statistics().contexts == 0, isolate.heap_statistics()
        """
    )


class TestJSFunction:
    def test_is_what_eval_gives_for_a_function(self, ctx: Context) -> None:
        add = ctx.eval("(a, b) => a + b")
        assert isinstance(add, JSFunction)
        assert add(1, 2) == 3
        assert add("a", "b") == "ab"

    def test_name(self, ctx: Context) -> None:
        assert ctx.eval("(function double(x) { return x * 2 })").name == "double"
        assert ctx.eval("(() => 1)").name == ""

    @pytest.mark.parametrize("this", [None, undefined, 5, "text", {"a": 1}, [1]], ids=repr)
    def test_this(self, ctx: Context, this: Any) -> None:
        function = ctx.eval("'use strict'; (function (...args) { return [this, args] })")
        assert function(1, 2, this=this) == [this, [1, 2]]
        assert function() == [undefined, []]
        assert function(this=this) == [this, []]

    def test_this_can_be_a_handle(self, ctx: Context) -> None:
        counter = ctx.ref("new Counter()")
        increment = ctx.eval("Counter.prototype.increment")
        assert increment(3, this=counter) == 3

    def test_keyword_arguments_are_refused(self, ctx: Context) -> None:
        with pytest.raises(TypeError, match="pass a dict"):
            ctx.eval("(x) => x")(x=1)

    def test_goes_back_as_itself(self, ctx: Context) -> None:
        function = ctx.eval("globalThis.f = () => 1")
        assert ctx.eval("(g) => g === f")(function) is True

    def test_repr_has_no_address(self, ctx: Context) -> None:
        assert "0x" not in repr(ctx.eval("() => 1"))

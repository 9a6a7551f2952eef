"""Greenlets move parts of the stack away and back, which V8's frames are on too: calls that do not nest are refused."""

from __future__ import annotations

import pytest
from children import run_child

pytest.importorskip("greenlet")

START = """
    from greenlet import getcurrent, greenlet
    from pyv8bridge import Context, Error

    main = getcurrent()
    REFUSED = "calls have to nest, as those of greenlets"

    def context():
        made = Context()
        made.expose("away", main.switch)
        return made

    def refused(call, *arguments):
        try:
            call(*arguments)
        except Error as error:
            assert REFUSED in str(error), error
        else:
            raise AssertionError("it was not refused")

    def deep(depth, call, *arguments):
        # Through C each time, so that it is deep on the stack too.
        return next(map(lambda _: deep(depth - 1, call, *arguments), "1")) if depth else call(*arguments)
"""


def test_a_call_of_another_greenlet_that_does_not_nest_is_refused() -> None:
    """The process died when the first of them went on."""
    run_child(
        START
        + """
    ctx = context()
    CODE = "let s{0} = 0; for (let i = 0; i < 5; i++) s{0} += away({0}); s{0}"
    first = greenlet(lambda: ctx.eval(CODE.format(0)))
    assert first.switch() == 0
    for depth in range(0, 60):
        refused(deep, depth, ctx.eval, "1")
        refused(greenlet(deep).switch, depth, ctx.eval, CODE.format(1))
        refused(deep, depth, greenlet(ctx.eval).switch, "1")
    try:
        ctx.close()
    except Error as error:
        assert "from inside a call" in str(error)
    assert not ctx.closed
    for i in range(4):
        assert first.switch(2) == 0
    assert first.switch(2) == 10
    assert ctx.eval("[1, 2]") == [1, 2]
    """
    )


def test_a_call_of_another_greenlet_in_another_isolate_is_refused() -> None:
    """V8 went on in the wrong isolate."""
    run_child(
        START
        + """
    ctx, other = context(), context()
    first = greenlet(lambda: ctx.eval("let s = 0; for (let i = 0; i < 5; i++) s += away(i); s"))
    second = greenlet(lambda: other.eval("away(1)"))
    first.switch()
    refused(second.switch)
    while not first.dead:
        ended = first.switch(1)
    assert ended == 5
    assert other.eval("2") == 2
    """
    )


def test_greenlets_whose_calls_nest_work() -> None:
    run_child(
        START
        + """
    import gc

    ctx, other = Context(), Context()
    # One that runs from its beginning to its end in the call of another.
    def within(n):
        return greenlet(ctx.eval).switch(f"{n} + 1") + greenlet(other.eval).switch("1")
    ctx.expose("within", within)
    other.expose("within", within)
    for depth in range(20):
        assert deep(depth, ctx.eval, "within(1) + within(2)") == 7
        assert deep(depth, other.eval, "within(1) + within(2)") == 7
        assert deep(depth, greenlet(ctx.eval).switch, "within(1)") == 3
    # One after the other.
    greenlets = [greenlet(lambda n: [ctx.eval(f"{n}"), main.switch(), other.eval(f"{n}")]) for n in range(9)]
    for n, each in enumerate(greenlets):
        each.switch(n)
    assert [each.switch("on") for each in greenlets] == [[n, "on", n] for n in range(9)]
    # One that is given up in a call.
    away = context()
    given_up = greenlet(lambda: away.eval("try { away(1) } catch {} 5"))
    assert given_up.switch() == 1
    del given_up
    gc.collect()
    assert away.eval("[3]") == [3]
    """
    )

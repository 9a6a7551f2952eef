"""What a JavaScript error looks like in Python, and what else can go wrong on the way."""

from __future__ import annotations

from pyv8bridge import Context, DataCloneError, EncodeError, JSError, JSSyntaxError, undefined

SCRIPT = """\
function price(order) {
  if (!order.items.length) {
    throw Object.assign(new RangeError("an order needs items"), { code: "E_EMPTY", order: order.id });
  }
  return order.items.reduce((sum, item) => sum + item.price * item.count, 0);
}
"""


def main() -> None:
    with Context() as ctx:
        ctx.eval(SCRIPT, "price.js")

        # An Error keeps its name, message, stack, position and own properties.
        try:
            ctx.call("price", {"id": 7, "items": []})
        except JSError as error:
            print(f"{error.name}: {error.message}")
            print(f"  at {error.filename}:{error.line}:{error.column}, code {error.properties['code']}")

        # Anything can be thrown in JavaScript; it arrives as it is.
        try:
            ctx.eval("throw { retry: true, after: new Date(0) }")
        except JSError as error:
            print(f"thrown: {error.value}")

        # A script that does not compile.
        try:
            ctx.eval("let a = ;", "broken.js")
        except JSSyntaxError as error:
            print(f"{error.filename}:{error.line}:{error.column}: {error.message}")

        # What cannot cross is named by its path.
        try:
            ctx.eval("({ rows: [{ id: 1 }, { id: 2, parse() {} }] })")
        except DataCloneError as error:
            print(f"out: {error.path}")
        try:
            ctx.call("price", {"items": [{"price": 1 + 2j}]})
        except EncodeError as error:
            print(f"in: {error.path}")

        # And after each of these the context is as usable as before.
        print(ctx.call("price", {"items": [{"price": 2.5, "count": 2}, {"price": 1, "count": 3}]}))
        assert ctx.eval("undefined") is undefined


if __name__ == "__main__":
    main()

"""A JavaScript rule that asks Python for what it needs, and what happens to exceptions on the way."""

from __future__ import annotations

from pyv8bridge import Context, JSError

RULE = """
function price(order) {
  const customer = findCustomer(order.customer);
  let total = order.items.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0);
  if (customer.since < 2020) total *= 0.9;
  audit(() => `${customer.name}: ${total}`);
  return total;
}
function safePrice(order) {
  try {
    return price(order);
  } catch (error) {
    if (error.name !== "UnknownItemError") throw error;
    throw new RangeError(`order ${order.id} cannot be priced`, { cause: error });
  }
}
"""


class UnknownItemError(LookupError):
    """Nobody sells that."""


CUSTOMERS = {7: {"name": "Ada", "since": 2015}}
PRICES = {"tea": 3.5, "cup": 10}


def main() -> None:
    with Context(timeout=5) as ctx:
        ctx.expose("findCustomer", CUSTOMERS.get)

        @ctx.expose("priceOf")
        def price_of(sku: str) -> float:
            if sku not in PRICES:
                raise UnknownItemError(sku)
            return PRICES[sku]

        # What is no data arrives as a handle: a function of JavaScript's can be called.
        ctx.expose("audit", lambda line: print("audit:", line()))

        ctx.eval(RULE, "rule.js")
        order = {"id": 1, "customer": 7, "items": [{"sku": "tea", "count": 4}, {"sku": "cup", "count": 1}]}
        print("total:", ctx.call("price", order))

        order["items"] = [{"sku": "gold", "count": 1}]
        try:
            ctx.call("price", order)
        except UnknownItemError as error:
            print("uncaught, it is the exception itself:", repr(error))
        try:
            ctx.call("safePrice", order)
        except JSError as error:
            print("wrapped, it is the cause:", error.name, repr(error.__cause__))

        # A callable is a function wherever it stands in the arguments.
        print("sorted:", ctx.call("Array.prototype.sort.call", ["cup", "tea", "a"], lambda a, b: len(a) - len(b)))
        ctx.unexpose("priceOf")
        print("removed:", ctx.eval("typeof priceOf"))


if __name__ == "__main__":
    main()

"""What does a small rule cost: one small object in, one out?"""

from __future__ import annotations

from ..case import Call, Case, Question, equals

SCRIPT = """
    var rule = (user) => user.age >= 18 && user.tags.includes("a") ? { ok: true } : { ok: false, why: "age" };
    var price = (order) => ({
        id: order.id,
        total: order.items.reduce((sum, item) => sum + item.price * item.count, 0),
        lines: order.items.map((item) => item.name + " × " + item.count),
    });
"""
USER = {"name": "Ada", "age": 36, "tags": ["a", "b"]}
ORDER = {
    "id": 4711,
    "customer": {"name": "Ada Lovelace", "country": "GB"},
    "items": [{"name": f"article {i}", "price": 2.5 * i, "count": i} for i in range(1, 6)],
}
PRICED = {"id": 4711, "total": 137.5, "lines": [f"article {i} × {i}" for i in range(1, 6)]}


def cases(quick: bool) -> list[Case]:
    return [
        Call("a rule on a user", SCRIPT, "rule", lambda: (USER,), equals({"ok": True})),
        Call("the price of an order of five items", SCRIPT, "price", lambda: (ORDER,), equals(PRICED)),
    ]


QUESTION = Question("What does a small rule cost?", cases)

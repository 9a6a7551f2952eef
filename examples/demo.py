"""The demo that `make demo` runs: a rule set in JavaScript judges real tweets, called from Python.

rules.js is the same file that a web page would load. What goes in is a whole search result of Twitter's API, whose ids
are beyond 2**53: they cross as bigints, so nothing is rounded. What comes back has a Date, a Map, Sets and bigints.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

from pyv8bridge import BigInt, Context, Timings

HERE = Path(__file__).resolve().parent

HOPS = {
    "encode": "Python objects       -> MessagePack",
    "message_to_wire": "MessagePack          -> wire bytes or tokens",
    "deserialize": "wire bytes or tokens -> JavaScript values",
    "execute": "JavaScript runs",
    "serialize": "JavaScript values    -> wire bytes or tokens",
    "wire_to_message": "wire bytes or tokens -> MessagePack",
    "decode": "MessagePack          -> Python objects",
}


def width(text: str) -> int:
    """The columns that a text takes in a terminal: Chinese and Japanese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def fitted(text: str, columns: int) -> str:
    """The text cut or padded to so many columns."""
    while width(text) > columns:
        text = text.rstrip("…")[:-1] + "…"
    return text + " " * (columns - width(text))


def table(rows: list[tuple[str, ...]], columns: tuple[int, ...]) -> str:
    """Rows as lines, each cell fitted to its column."""
    return "\n".join("  " + "  ".join(map(fitted, row, columns)).rstrip() for row in rows)


def numbers_in(value: Any) -> list[int]:
    """All ints in a JSON document."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers_in(item)]
    if isinstance(value, list):
        return [number for item in value for number in numbers_in(item)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def main() -> None:
    data = (HERE / "data" / "twitter.json").read_bytes()
    document = json.loads(data)
    large = [number for number in numbers_in(document) if abs(number) >= 2**53]

    with Context() as ctx:
        ctx.eval((HERE / "rules.js").read_text(encoding="utf-8"), "rules.js")

        print("in: examples/data/twitter.json")
        print(f"  {len(data):,} bytes of JSON, {len(document['statuses'])} tweets, {len(large)} ints beyond 2**53\n")

        print('ctx.call("assess", document, {"threshold": 60})\n')
        timings = Timings()
        verdict = ctx.call("assess", document, {"threshold": 60}, timings=timings)

        print(
            f"out: {type(verdict).__name__} with " + ", ".join(f"{k} ({type(v).__name__})" for k, v in verdict.items())
        )
        print(
            f"  {len(verdict['suspicious'])} of {verdict['checked']} tweets score 60 or more; the first and the last:\n"
        )
        rows = [("score", "author", "id", "posted", "reasons")]
        for one in verdict["suspicious"][:4] + verdict["suspicious"][-2:]:
            posted = f"{one['posted']:%H:%M:%S}"
            rows.append((str(one["score"]), one["author"], str(one["id"]), posted, "; ".join(one["reasons"])))
        print(table(rows, (5, 16, 18, 8, 64)))
        for text, authors in verdict["campaigns"].items():
            print(f"\n  {len(authors)} accounts posted the same text: {fitted(text, 56).rstrip()}")

        sent = {tweet["id"] for tweet in document["statuses"]}
        back = [one["id"] for one in verdict["suspicious"]]
        exact = sum(isinstance(number, BigInt) and number in sent for number in back)
        print(f"\n  {exact} of {len(back)} ids came back exact, as bigints: {back[0]!r}")
        same = ctx.eval("x => x")(document)
        print(f"  x => x gives the whole document back equal: {same == document}")

        print("\nwhere the time went (the first call, code still cold, then the best of 10)\n")
        calls = []
        for _ in range(10):
            calls.append(Timings())
            ctx.call("assess", document, {"threshold": 60}, timings=calls[-1])
        best = min(calls, key=lambda call: call.total)
        for hop, nanoseconds in timings.hops().items():
            print(f"  {nanoseconds / 1e6:8.2f} ms {best.hops()[hop] / 1e6:8.2f} ms  {HOPS[hop]}")
        print(f"  {timings.total / 1e6:8.2f} ms {best.total / 1e6:8.2f} ms  in all")


if __name__ == "__main__":
    main()

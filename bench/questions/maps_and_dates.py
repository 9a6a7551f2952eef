"""What does it cost to send what JSON cannot say: dates, Maps, Sets?

Users of JSON write code for that on both sides, which is measured with it: dates as ISO text, a Map as an object, a Set
as an array.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ..case import ByHand, Call, Case, Kind, Question

SCRIPT = """
    var check = (x) => x.when instanceof Date && x.tags instanceof Set && x.prices instanceof Map;
    var echo = (rows) => { if (!rows.every(check)) throw new Error("not rich"); return rows };
    var echoPlain = (rows) => {
        for (const row of rows) {
            row.when = new Date(row.when);
            row.tags = new Set(row.tags);
            row.prices = new Map(Object.entries(row.prices));
        }
        return echo(rows).map((row) => ({
            id: row.id, when: row.when, tags: [...row.tags], prices: Object.fromEntries(row.prices),
        }));
    };
    var laterDates = (dates) => dates.map((date) => new Date(date.getTime() + 1000));
    var laterDatesPlain = (dates) => laterDates(dates.map((date) => new Date(date)));
"""
START = datetime(2024, 1, 1, tzinfo=timezone.utc)


def _rows(count: int) -> list[dict[str, Any]]:
    from pyv8bridge import JSMap

    return [
        {
            "id": i,
            "when": START + timedelta(minutes=i),
            "tags": {"a", f"t{i % 10}"},
            "prices": JSMap([("net", i / 4), ("gross", i / 2)]),
        }
        for i in range(count)
    ]


def _before(rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    return (
        [
            {"id": r["id"], "when": r["when"].isoformat(), "tags": list(r["tags"]), "prices": dict(r["prices"].items())}
            for r in rows
        ],
    )


def _after(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        row["when"], row["tags"] = datetime.fromisoformat(row["when"].replace("Z", "+00:00")), set(row["tags"])
    return rows


def _same_rows(result: Any, arguments: tuple[Any, ...]) -> bool:
    return len(result) == len(arguments[0]) and all(
        got["id"] == sent["id"]
        and got["when"] == sent["when"]
        and set(got["tags"]) == sent["tags"]
        and dict(got["prices"].items()) == dict(sent["prices"].items())
        for got, sent in zip(result, arguments[0], strict=True)
    )


def cases(quick: bool) -> list[Case]:
    count = 10 if quick else 1000
    dates = [START + timedelta(minutes=i) for i in range(count)]
    by_hand = ByHand(
        "laterDatesPlain",
        lambda values: ([value.isoformat() for value in values],),
        lambda values: [datetime.fromisoformat(value.replace("Z", "+00:00")) for value in values],
    )
    later = [date + timedelta(seconds=1) for date in dates]
    return [
        Call(
            f"{count:,} dates, back",
            SCRIPT,
            "laterDates",
            lambda: (dates,),
            lambda result, _: bool(result == later),
            Kind.RICH,
            by_hand,
        ),
        Call(
            f"{count:,} rows with a date, a Set and a Map, back",
            SCRIPT,
            "echo",
            lambda: (_rows(count),),
            _same_rows,
            Kind.RICH,
            ByHand("echoPlain", _before, _after),
        ),
    ]


QUESTION = Question(
    "What do dates, Maps and Sets cost?",
    cases,
    "With JSON text, users convert by hand on both sides (dates as ISO text, a Map as an object, a Set as "
    "an array), which is measured with it.",
)

"""A web service whose rules are JavaScript, under load: 200 concurrent requests, and how long the loop ever waited.

Needs fastapi and httpx; the requests go to the application without a network.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
from fastapi import FastAPI

from pyv8bridge import Context

RULES = """
function assess(order) {
  const total = order.items.reduce((sum, item) => sum + item.price * item.count, 0);
  // Some work, so that there is something to be in the way of.
  let check = 0;
  for (let i = 0; i < 200000; i++) check = (check * 31 + i) | 0;
  return { total, check, approved: total < 100 };
}
"""

app = FastAPI()
ctx = Context(timeout=10)
ctx.eval(RULES, "rules.js")


@app.post("/assess")
async def assess(order: dict[str, Any]) -> Any:
    return await ctx.call_async("assess", order)


async def longest_wait(stop: asyncio.Event) -> float:
    """In seconds: how much later than asked for the loop came back."""
    longest = 0.0
    while not stop.is_set():
        start = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - start - 0.005)
    return longest


async def main() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        stop = asyncio.Event()
        watching = asyncio.create_task(longest_wait(stop))

        async def ask(number: int) -> bool:
            # One after the other, as they come in.
            await asyncio.sleep(number * 0.005)
            answer = await client.post("/assess", json={"items": [{"price": number, "count": 1}]})
            return bool(answer.json()["approved"])

        approved = await asyncio.gather(*[ask(number) for number in range(200)])
        stop.set()
        lag = await watching
    print(f"{sum(approved)} of {len(approved)} orders approved; ", end="")
    print(f"the loop never waited {lag * 1000:.0f} ms longer than asked")
    ctx.close()


if __name__ == "__main__":
    asyncio.run(main())

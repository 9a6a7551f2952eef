"""A web service whose logic is in ES modules, under load: 200 requests at a time, and how long the loop ever waited.

JavaScript awaits Python in the middle of each request. Needs fastapi and httpx; the requests go to the application
without a network.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from pyv8bridge import Context

SHOP = Path(__file__).resolve().parent / "shop"
REQUESTS = 200


async def discount_of(customer: int) -> float:
    await asyncio.sleep(1)  # a database, say, and slow, so that requests pile up
    return 0.5 if customer % 2 else 0.0


PYTHON = {"host:settings": {"currency": "EUR", "vat": 0.2}, "host:customers": {"discountOf": discount_of}}


def make_app(modules: Any, import_map: Any, specifier: str) -> FastAPI:
    """A service that answers with what `bill` of that module makes of an order."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Context(modules=[PYTHON, *modules], import_map=import_map, timeout=30) as ctx:
            # Files are read, and modules run, on another thread: the loop is free from the start.
            library = await ctx.import_module_async(specifier)
            app.state.bill = library.bill
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/bill")
    async def bill(order: dict[str, Any]) -> Any:
        return await app.state.bill.call_async(order)

    return app


async def longest_wait(seconds: float) -> float:
    """How much later than asked for the loop came back at worst, in seconds: in that time, or until cancelled."""
    longest, end = 0.0, time.monotonic() + seconds
    try:
        while (start := time.monotonic()) < end:
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - start - 0.005)
    except asyncio.CancelledError:
        pass
    return longest


async def main(modules: Any = (SHOP,), import_map: Any = None, specifier: str = "./service.js") -> None:
    app = make_app(modules, import_map, specifier)
    transport = httpx.ASGITransport(app=app)
    alone = await longest_wait(1)  # what the machine does to a loop that has nothing to do
    watching = asyncio.create_task(longest_wait(600))
    under_way = most = 0
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):

        async def ask(number: int) -> Any:
            nonlocal under_way, most
            await asyncio.sleep(number * 0.004)  # one after the other, as they come in
            under_way += 1
            most = max(most, under_way)
            items = [{"name": f"item {i}", "price": number + i, "count": i} for i in range(20)]
            answer = await client.post("/bill", json={"customer": number, "items": items}, timeout=60)
            under_way -= 1
            return answer.raise_for_status().json()

        bills = await asyncio.gather(*[ask(number) for number in range(REQUESTS)])
        watching.cancel()
        waited = await watching
    print(f"{len(bills)} bills, {most} at a time; the last: {bills[-1]}")
    print(f"the loop waited {waited * 1000:.0f} ms at worst; with nothing to do, {alone * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())

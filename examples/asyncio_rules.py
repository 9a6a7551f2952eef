"""One context, a thousand concurrent calls: JavaScript awaits Python, Python awaits JavaScript, the loop stays free."""

from __future__ import annotations

import asyncio
import time

from pyv8bridge import Context, JSTimeoutError

SCRIPT = """
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function greet(id) {
  await sleep(id % 20);
  const user = await loadUser(id);
  console.log("loaded", user);
  return `Hello, ${user.name}!`;
}
"""


async def load_user(user_id: int) -> dict[str, object]:
    await asyncio.sleep(0.01)  # a database, say
    return {"id": user_id, "name": f"user {user_id}"}


async def main() -> None:
    ctx = Context(globals=["timers", "console"])
    ctx.expose("loadUser", load_user)
    ctx.eval(SCRIPT, "greet.js")

    greetings = await asyncio.gather(*[ctx.call_async("greet", number) for number in range(1000)])
    print(len(set(greetings)), "greetings, the last one:", greetings[-1])

    # A deadline covers the JavaScript and what it waits for; the others go on.
    start = time.monotonic()
    slow = ctx.eval_async("sleep(10).then(() => { for (;;); })", timeout=0.2)
    results = await asyncio.gather(slow, ctx.call_async("greet", 1), return_exceptions=True)
    print(type(results[0]).__name__, results[1], time.monotonic() - start < 5)
    assert isinstance(results[0], JSTimeoutError)

    # Cancelling ends the JavaScript.
    task = asyncio.create_task(ctx.eval_async("for (;;);"))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    print("cancelled:", task.cancelled(), await ctx.eval_async("'and usable'"))
    ctx.close()


if __name__ == "__main__":
    asyncio.run(main())

"""ES modules: files of a folder, a module made of Python values, names by an import map, import() when it is needed."""

from __future__ import annotations

from pathlib import Path

from pyv8bridge import Context, JSModuleNotFoundError

SHOP = Path(__file__).resolve().parent / "shop"


def main() -> None:
    settings = {"host:settings": {"currency": "EUR", "vat": 0.2}}
    with Context(modules=[settings, SHOP], import_map={"imports": {"#reports/": "./reports/"}}) as ctx:
        shop = ctx.import_module("./main.js")
        print(shop.keys())
        tea = {"items": [{"price": 3, "count": 2}]}
        cake = {"items": [{"price": 4.5, "count": 1}, {"price": 0.5, "count": 3}]}
        print(shop.bill(tea))

        # JavaScript fills in the object that stays there, after the modules that it needs are loaded.
        done = ctx.ref("({})")
        shop.call("report", [tea, cake], done, result="none")
        print(done["text"])

    with Context(modules={"app.js": "import { helper } from './helper.js'"}) as ctx:
        try:
            ctx.import_module("app.js")
        except JSModuleNotFoundError as error:
            print(error)


if __name__ == "__main__":
    main()

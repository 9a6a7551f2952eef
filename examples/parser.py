"""An instance of a JavaScript class, driven from Python: it stays in JavaScript and keeps its methods and its state."""

from __future__ import annotations

from pyv8bridge import Context

PARSER = """\
class LineParser {
  #rest = "";
  #lines = 0;
  constructor(separator = ",") { this.separator = separator; }
  // Takes a piece of text, gives the rows that are complete.
  push(piece) {
    const lines = (this.#rest + piece).split("\\n");
    this.#rest = lines.pop();
    this.#lines += lines.length;
    return lines.map((line) => line.split(this.separator));
  }
  get count() { return this.#lines; }
}
"""


def main() -> None:
    with Context() as ctx:
        ctx.eval(PARSER, "line_parser.js")
        parser = ctx.ref("new LineParser(';')")
        for piece in ("a;b\nc", ";d\n", "e;f"):
            print(piece.encode(), "->", parser.call("push", piece))
        print("lines:", parser.get("count"))

        # The same class again, with an option from Python.
        other = ctx.ref("LineParser").new("\t")
        print(other.call("push", "x\ty\n"), other.get("separator") == "\t")


if __name__ == "__main__":
    main()

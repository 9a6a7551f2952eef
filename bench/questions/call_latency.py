"""What does a call cost in itself?"""

from __future__ import annotations

from ..case import Call, Case, Kind, Question, equals

SCRIPT = """
    var nothing = () => true;
    var add = (a, b) => a + b;
    var greet = (name) => "Hello, " + name;
"""


def cases(quick: bool) -> list[Case]:
    return [
        Call("no arguments", SCRIPT, "nothing", tuple, equals(True), Kind.SCALARS),
        Call("add(1, 2)", SCRIPT, "add", lambda: (1, 2), equals(3), Kind.SCALARS),
        Call("add(0.5, 0.25)", SCRIPT, "add", lambda: (0.5, 0.25), equals(0.75), Kind.SCALARS),
        Call("greet('Ada')", SCRIPT, "greet", lambda: ("Ada",), equals("Hello, Ada"), Kind.SCALARS),
    ]


QUESTION = Question("What does a call cost in itself?", cases)

"""Writes the fuzzers' first inputs: python fuzz/make_seeds.py DIRECTORY makes DIRECTORY/<fuzzer>/<name>.

Wire streams are the vectors of tests/vectors; messages are one of each kind of value and node; what a fuzzer once found
(tests/regress) is where it begins, too.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

MESSAGES = {
    "tree": "84 a16193 01c70002cb3ff8000000000000 a162c0 a163d40305 a164d6ff00000001",
    "strings": "92 a2c3a9 d50400d8",
    "objects": "94 c70606a161a3646769 d407c3 d5084300 d5090102",
    "attachment": "c70d0b7800000000 0000000000000008",
    "map": "c9000000160e000000016d000000019092d60d0000000092d60d0000000001",
    "cycle": "c9000000170e0000000164000000019092d60d0000000081a161d60d00000000",
    "leaves": "c9000000190e000000000000000491d407c39192d60c00000000d60c00000000",
    "views": "c9000000310e0000000276760000000591d50901029392d60d00000000d60d00000001"
    "94d60c0000000042000294d60c0000000062010 1",
    "error": "c9000000330e0000000165000000019092d60d0000000083a46e616d65a9547970654572726f72a76d657373616765a16d"
    "a5737461636ba173",
    "sparse": "c9000000170e0000000170000000019092d60d0000000091ceffffffff",
    "array": "c90000001c0e0000000161000000019092d60d000000009292010292a3666f6fa178",
}


def write(directory: Path, name: str, data: bytes) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def main(target: Path) -> None:
    for line in (ROOT / "tests" / "vectors" / "streams.txt").read_text().splitlines():
        name, _, data = line.partition(" ")
        write(target / "wire_round_trip", name, bytes.fromhex(data))
        write(target / "python_api", name, bytes.fromhex(data))
        # The first byte says what the others are.
        write(target / "differential_v8", name, b"\0" + bytes.fromhex(data))
    for name, message in MESSAGES.items():
        write(target / "message_round_trip", name, b"\0" + bytes.fromhex(message.replace(" ", "")))
    for found in (ROOT / "tests" / "regress").glob("*/*"):
        write(target / found.parent.name, "regress-" + found.name, found.read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Lists the streams of wire-vectors.json as `name hex` lines for the native tests: list_streams.py > streams.txt."""

import json
from pathlib import Path


def streams() -> list[str]:
    vectors = json.loads((Path(__file__).parent / "wire-vectors.json").read_text())
    lines = []
    for name, case in vectors["encode"].items():
        written = case["bytes"]
        variants = sorted(set(written.values())) if isinstance(written, dict) else [written]
        lines += [f"encode.{name}.{i} {hexes}" for i, hexes in enumerate(variants) if not hexes.startswith("!")]
    lines += [f"decode.{name} {case['hex']}" for name, case in vectors["decode"].items()]
    return lines


if __name__ == "__main__":
    print("\n".join(streams()))

"""Numbers in bulk: numpy arrays become typed arrays, and typed arrays numpy arrays. Needs numpy."""

from __future__ import annotations

import numpy as np

from pyv8bridge import Context

SMOOTH = """\
// The mean of each value and its neighbours, `radius` to both sides.
function smooth(values, radius) {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const from = Math.max(0, i - radius), to = Math.min(values.length, i + radius + 1);
    let sum = 0;
    for (let j = from; j < to; j++) sum += values[j];
    out[i] = sum / (to - from);
  }
  return out;
}
"""


def main() -> None:
    signal = np.sin(np.linspace(0, 6.28, 1_000)) + np.tile([0.3, -0.3], 500)
    with Context() as ctx:
        ctx.eval(SMOOTH, "smooth.js")
        result = ctx.call("smooth", signal, 2)
        print(type(result).__name__, len(result), "values")
        smooth = result.numpy()
        print(smooth.dtype, f"roughness {np.abs(np.diff(signal)).mean():.3f} -> {np.abs(np.diff(smooth)).mean():.3f}")


if __name__ == "__main__":
    main()

"""How long hypothesis searches: `pytest --hypothesis-profile=long`, or HYPOTHESIS_PROFILE for a whole run.

dev is for a change at hand, ci for every push, long for a night.

PVB_TEST_CODEC=wire or =shape makes that the codec of every context that does not ask for one, so that the whole suite
holds for both.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

import pyv8bridge

# Examples run through an engine; how long one takes depends on what else the machine does.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.register_profile("dev", _COMMON, max_examples=60)
settings.register_profile("ci", _COMMON, max_examples=200, print_blob=True)
settings.register_profile("long", _COMMON, max_examples=20_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

if _codec := os.environ.get("PVB_TEST_CODEC"):
    pyv8bridge.Context.__init__.__kwdefaults__["codec"] = _codec

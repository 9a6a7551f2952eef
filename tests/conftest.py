"""How long hypothesis searches: `pytest --hypothesis-profile=long`, or HYPOTHESIS_PROFILE for a whole run.

dev is for a change at hand, ci for every push, long for a night.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Examples run through an engine; how long one takes depends on what else the machine does.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.register_profile("dev", _COMMON, max_examples=60)
settings.register_profile("ci", _COMMON, max_examples=200, print_blob=True)
settings.register_profile("long", _COMMON, max_examples=20_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

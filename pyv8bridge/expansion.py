"""How large a value becomes when containers that are met twice are written twice.

`a = [b, b]; b = [c, c]; …` is small in memory and without end in a message. The MessagePack library would write until
memory is gone, so the encoder asks here first.
"""

from __future__ import annotations

import gc
from itertools import compress
from typing import Any, Final

from ._look import count_distinct, count_elements

COPIES_LIMIT: Final = 1 << 24
"""Elements that may exist only because containers are written more than once."""
_CONTAINERS: Final = frozenset({list, dict, tuple})


def expands_too_far(value: object) -> bool:
    """Whether writing `value` as a tree would copy more than COPIES_LIMIT elements.

    Sees plain lists, tuples and dicts. Of a cycle there are copies without end, unless it is a mere chain: that is for
    the library to notice, by its depth.
    """
    # A value with fewer elements than may be copies is fine whatever they are.
    if count_elements(value, COPIES_LIMIT) <= COPIES_LIMIT:
        return False
    allowed = count_distinct(value) + COPIES_LIMIT
    return count_elements(value, allowed) > allowed


def any_met_twice(containers: list[Any]) -> bool:
    """Whether a plain list, tuple or dict is met twice among `containers` and what is inside of them.

    What holds no containers is not looked for: the collector does not track it.
    """
    met: set[int] = set()
    count = 0
    level = [container for container in containers if type(container) in _CONTAINERS]
    while level:
        count += len(level)
        met.update(map(id, level))
        if len(met) < count:
            return True
        inside = list(filter(gc.is_tracked, gc.get_referents(*level)))
        level = list(compress(inside, map(_CONTAINERS.__contains__, map(type, inside))))
    return False

"""How large a value becomes when containers that are met twice are written twice.

`a = [b, b]; b = [c, c]; …` is small in memory and without end in a message. The MessagePack library would write until
memory is gone, so the encoder asks here first. Looking costs little: whole levels are walked by C code, and of large
values only a sample is looked at unless it shows sharing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import compress
from typing import Any, Final

COPIES_LIMIT: Final = 1 << 24
"""Elements that may exist only because containers are written more than once."""
# Values of fewer elements are looked at whole. Of larger ones, so many are looked at in each level.
_LOOK: Final = 4096
_SAMPLE: Final = 512
_COUNT: Final = 1 << 22
_LEVELS: Final = 256
_CONTAINERS: Final = frozenset({list, dict, tuple})


def expands_too_far(value: object) -> bool:
    """Whether writing `value` as a tree would copy more than COPIES_LIMIT elements.

    Sees plain lists, tuples and dicts. A cycle may be noticed or not.
    """
    if type(value) not in _CONTAINERS:
        return False
    level: list[Any] = [value]
    looked = 0
    # The library itself refuses more levels; a cycle has no end of them.
    for _ in range(_LEVELS):
        looked += 1 + sum(map(len, level))
        if looked > _LOOK:
            if len(set(map(id, level))) < len(level):
                return not _is_small(value) and copies_of(value) > COPIES_LIMIT
            level = _sample(level, _SAMPLE)
            share = max(_LOOK // len(level), 16)
            level = [container if len(container) <= share else _sample(container, share) for container in level]
        level = _next_level(level)
        if not level:
            return False
    return False


def _sample(container: Any, count: int) -> Any:
    """At most about `count` of the values inside, evenly spaced, the last one among them."""
    values = list(container.values()) if type(container) is dict else container
    # From the end, so that the last one is met once: twice would look like sharing.
    return list(values) if len(values) <= count else values[:: -(len(values) // count + 1)]


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
        level = _next_level(level)
    return False


def _next_level(level: list[Any]) -> list[Any]:
    """The containers directly inside those of `level`, each as often as it is met."""
    only = level[0]
    if len(level) == 1 and type(only) is not dict:
        if _CONTAINERS.isdisjoint(map(type, only)):
            return []
        referents = only
    else:
        referents = gc.get_referents(*level)
    # Dicts and tuples of nothing but scalars are not tracked: there is nothing inside them to go on with.
    inside = list(filter(gc.is_tracked, referents))
    return list(compress(inside, map(_CONTAINERS.__contains__, map(type, inside))))


def _is_small(value: object) -> bool:
    """Whether the tree has few elements, counted as often as they are met."""
    level: list[Any] = [value]
    count = 0
    while level:
        count += sum(map(len, level)) + len(level)
        if count > _COUNT:
            return False
        level = _next_level(level)
    return True


def copies_of(value: object) -> int:
    """Elements written minus elements there are, visiting each container once; huge for a cycle."""
    sizes: dict[int, int] = {}
    stack: list[tuple[Any, Iterator[Any], int]] = [(value, _children(value), 1)]
    open_ids = {id(value)}
    distinct = 1
    while True:
        container, children, size = stack.pop()
        for child in children:
            size += 1
            distinct += 1
            if type(child) in _CONTAINERS:
                known = sizes.get(id(child))
                if known is None:
                    if id(child) in open_ids:
                        return COPIES_LIMIT + 1
                    stack.append((container, children, size - 1))
                    distinct -= 1
                    open_ids.add(id(child))
                    stack.append((child, _children(child), 1))
                    break
                size += known - 1
        else:
            sizes[id(container)] = size
            open_ids.discard(id(container))
            if not stack:
                return size - distinct
            parent, rest, so_far = stack.pop()
            distinct += 1
            stack.append((parent, rest, so_far + size))


def _children(container: Any) -> Iterator[Any]:
    return iter(container.values() if type(container) is dict else container)

"""Compiled code that is kept from one process to the next, so that large scripts start without being compiled.

V8 can write what it made of a source, and read that instead of compiling; but it looks neither at the source, except
for its length, nor, in newer versions, whether the bytes are whole. So entries are keyed by a hash of the source and
of everything else that matters, and carry a checksum, which is verified before V8 sees them. An entry that is wrong
in any way is as good as none: the source is compiled, and the entry written anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from . import _native

CacheStore: TypeAlias = "MutableMapping[str, bytes] | str | os.PathLike[str]"

_MAGIC: Final = b"pvbcode1"
_DIGEST_SIZE: Final = 32
MIN_SIZE: Final = 16 * 1024


class CodeCache:
    """Code caches in a folder, or in a mapping of the caller's, and what came of them.

    Pass one, or only the folder or mapping, as `code_cache=` to a Context, to eval or to import_module. `min_size` is
    how long a source must be, in characters, to be worth an entry: a short one is compiled as fast as its entry is
    read. Any number of contexts, threads and processes may share one.

    Who can write the entries can run code in this process: V8 believes them. `hits` counts sources that started from
    their entry, `misses` those that had none, `rejected` those whose entry was damaged or of no use to V8.
    """

    def __init__(self, store: CacheStore, *, min_size: int = MIN_SIZE) -> None:
        if isinstance(store, MutableMapping):
            self._store = store
        elif isinstance(store, str | os.PathLike):
            folder = Path(store)
            if folder.exists() and not folder.is_dir():
                raise NotADirectoryError(f"a code cache is in a folder, and {folder} is none")
            self._store = _FolderStore(folder)
        else:
            raise TypeError(f"code_cache is a folder or a mutable mapping, not {type(store).__name__}")
        if isinstance(min_size, bool) or not isinstance(min_size, int) or min_size < 0:
            raise ValueError(f"min_size is a number of characters, not {min_size!r:.80}")
        self._min_size = min_size
        self._tag = b""
        self.hits = 0
        self.misses = 0
        self.rejected = 0

    def takes(self, source: str) -> bool:
        """Whether the source is long enough."""
        return len(source) >= self._min_size

    def key(self, kind: str, source: str, name: str, line_offset: int) -> str:
        """What the entry is called: a hash of all that V8's code depends on.

        V8 keeps the name and first line of a source in its code, so they count.
        """
        digest = hashlib.sha256(self._version())
        for part in (kind.encode(), name.encode("utf-8", "surrogatepass"), str(line_offset).encode()):
            digest.update(len(part).to_bytes(8, "little") + part)
        digest.update(source.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def load(self, key: str) -> bytes | None:
        """The entry's bytes for V8, None when there is none, or none that is whole."""
        try:
            entry = bytes(self._store[key])
        except KeyError:
            return None
        head = len(_MAGIC) + _DIGEST_SIZE
        if entry[: len(_MAGIC)] == _MAGIC and entry[len(_MAGIC) : head] == _digest(key, entry[head:]):
            return entry[head:]
        self.rejected += 1
        return None

    def store(self, key: str, data: bytes) -> None:
        """Keeps what V8 made."""
        self._store[key] = _MAGIC + _digest(key, data) + data

    def trade(self, code: str, name: str, line_offset: int) -> _native.CodeCacheTrade | None:
        """What a run of a script is to be given; None when the script is too short."""
        if not self.takes(code):
            return None
        key = self.key("script", code, name, line_offset)
        return _native.CodeCacheTrade(self.load(key) or b"", key)

    def conclude(self, trade: _native.CodeCacheTrade) -> None:
        """After the run."""
        self.count(given=bool(trade.data), used=trade.used)
        if trade.made:
            self.store(trade.key, trade.made)

    def count(self, *, given: bool, used: bool) -> None:
        """Notes what became of an entry, and of a source without one."""
        self.hits += used
        self.rejected += given and not used
        self.misses += not given

    def _version(self) -> bytes:
        if not self._tag:
            self._tag = f"{_native.v8_version()} {_native.code_cache_tag()} ".encode()
        return self._tag

    def __repr__(self) -> str:
        return f"<CodeCache hits={self.hits} misses={self.misses} rejected={self.rejected}>"


def code_cache_of(given: CodeCache | CacheStore | None) -> CodeCache | None:
    """What `code_cache=` stands for."""
    return given if given is None or isinstance(given, CodeCache) else CodeCache(given)


def _digest(key: str, data: bytes) -> bytes:
    # With the key, so that an entry under another one's name is none.
    digest = hashlib.sha256(key.encode())
    digest.update(data)
    return digest.digest()


class _FolderStore(MutableMapping[str, bytes]):
    """One file an entry. Each writer writes a file of its own and renames it, so what a reader opens is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.v8code"

    def __getitem__(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except OSError:
            raise KeyError(key) from None

    def __setitem__(self, key: str, entry: bytes) -> None:
        # A cache that cannot be written, as the disk is full or read-only, is no reason to fail.
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".new")
            try:
                with open(handle, "wb") as file:
                    file.write(entry)
                os.replace(name, self._path(key))
            except BaseException:
                os.unlink(name)
                raise

    def __delitem__(self, key: str) -> None:
        try:
            self._path(key).unlink()
        except OSError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in self._folder.glob("*.v8code"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

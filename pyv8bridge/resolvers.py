"""Where modules come from: what `modules=` of a Context takes, all made into one kind of thing that finds modules.

A resolver gets a specifier as it stands in an import, and the name of the module that imports. What it finds has a name
of its own, by which the module is known from then on: it is evaluated once, whoever imports it. Names are paths, "/"
between their parts, or URLs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import unquote, urlsplit

from .errors import JSSyntaxError


@dataclass(frozen=True)
class SourceModule:
    """A module of JavaScript source.

    `name` is what the module is known by, None for the name that the specifier leads to; `meta` gives properties for
    `import.meta`, whose `url` is the name unless `meta` says otherwise.
    """

    source: str
    name: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JSONModule:
    """A module of JSON text: its value is the default export. Imported ``with { type: "json" }``."""

    text: str
    name: str | None = None


@dataclass(frozen=True)
class HostModule:
    """A module made of Python values: each item is an export. Values are copied when the module is first imported."""

    exports: Mapping[str, Any]
    name: str | None = None


Module: TypeAlias = SourceModule | JSONModule | HostModule
ModuleLike: TypeAlias = "str | Module | Mapping[str, Any]"
"""Text is JavaScript source, a mapping the exports of a HostModule."""

ResolverFunction: TypeAlias = "Callable[[str, str | None], ModuleLike | None]"
ModulesOption: TypeAlias = (
    "Mapping[str, ModuleLike] | str | os.PathLike[str] | Folder | ResolverFunction | Sequence[Any]"
)
"""What `modules=` takes."""


class Found(NamedTuple):
    """A module that is there, not read yet."""

    name: str
    load: Callable[[], Module]


class NoModuleError(Exception):
    """There is no such module, and this is why."""


class Resolver(Protocol):
    """Finds modules. None: not here, look elsewhere. NoModuleError: not here, for a reason worth telling."""

    top: str
    """What the names of its modules begin with: where relative names of the caller's start from."""

    def find(self, specifier: str, referrer: str | None) -> Found | None: ...


def as_module(found: Any, where: str) -> Module:
    """A module from what a caller may write for one."""
    if isinstance(found, SourceModule | JSONModule | HostModule):
        return found
    if isinstance(found, str):
        return SourceModule(found)
    if isinstance(found, Mapping):
        return HostModule(found)
    raise TypeError(
        f"{where} is source text, a SourceModule, JSONModule or HostModule, or a mapping of exports, not "
        f"{type(found).__name__}"
    )


def _found(module: Module, name: str) -> Found:
    return Found(module.name or name, lambda: module)


# ---- names ----

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


# Characters. A script may ask for what is megabytes long: every step of it would be looked at, or looked for as a file,
# and no deadline ends that.
_LONGEST_RELATIVE = 1 << 16
_LONGEST_PATH = 4096

# That people leave out, as bundlers guess them.
_EXTENSIONS = (".js", ".mjs", "/index.js")


def is_relative(specifier: str) -> bool:
    """Whether it starts from whoever imports: "./a.js", "../a.js"."""
    return specifier in (".", "..") or specifier.startswith(("./", "../"))


def joined(specifier: str, referrer: str | None) -> str:
    """The name that a specifier leads to from `referrer`. A bare one is itself. NoModuleError above the top."""
    if not is_relative(specifier):
        return specifier
    if len(specifier) > _LONGEST_RELATIVE:
        raise NoModuleError(f"a relative specifier has at most {_LONGEST_RELATIVE} characters")
    base = referrer or ""
    origin = _ORIGIN.match(base)
    prefix = origin[0] if origin else ""
    folder = re.split(r"[?#]", base[len(prefix) :])[0] if origin else base
    rooted = folder.startswith("/") or bool(origin)
    path, tail = re.match(r"([^?#]*)(.*)", specifier, re.DOTALL).groups()  # type: ignore[union-attr]
    parts = [part for part in folder.split("/")[:-1] if part]
    for step in path.split("/"):
        if step == "..":
            if not parts and not origin:
                raise NoModuleError("the specifier leads above the topmost folder")
            parts[-1:] = []
        elif step not in ("", "."):
            parts.append(step)
    if path.endswith(("/", "/.", "/..")) or path in (".", ".."):
        parts.append("")
    return prefix + "/" * rooted + "/".join(parts) + tail


# ---- resolvers ----


class MappingResolver:
    """Modules by name. The mapping is asked anew each time, so it may change."""

    top = ""

    def __init__(self, modules: Mapping[str, Any]) -> None:
        if isinstance(modules, dict):  # others may have endless keys, or none to list
            for name in modules:
                if not isinstance(name, str):
                    raise TypeError(f"modules are named by str, not {type(name).__name__}")
        self._modules = modules

    def find(self, specifier: str, referrer: str | None) -> Found | None:
        name = joined(specifier, referrer)
        for key in (name, f"./{name}"):
            if key in self._modules:
                return _found(as_module(self._modules[key], f"module {key!r}"), name)
        for extension in _EXTENSIONS:
            if name + extension in self._modules:
                raise NoModuleError(f"extensions are not guessed, and {name + extension!r} is there")
        return None


class FunctionResolver:
    """Modules that a function of the caller's finds: (specifier, referrer) -> module, or None."""

    top = ""

    def __init__(self, function: ResolverFunction) -> None:
        self._function = function

    def find(self, specifier: str, referrer: str | None) -> Found | None:
        given = self._function(specifier, referrer)
        if given is None:
            return None
        if isinstance(given, Coroutine):
            given.close()
            raise TypeError("a resolver cannot be async: the module is needed before JavaScript goes on")
        return _found(as_module(given, f"what the resolver gives for {specifier!r}"), joined(specifier, referrer))


class Folder:
    """Modules that are files under a folder, as Node finds them by relative paths: extensions as written, no guessing.

    A module's name is its `file:` URL. Nothing outside of the folder is ever read: not by "..", by an absolute path, or
    through a symbolic link. A file that ends in ``.json`` is a JSON module.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._root = Path(path).resolve(strict=True)
        if not self._root.is_dir():
            raise NotADirectoryError(f"modules come from a folder, and {self._root} is none")
        # With the slash at its end, relative specifiers start inside.
        self.top = self._root.as_uri().rstrip("/") + "/"

    def find(self, specifier: str, referrer: str | None) -> Found | None:
        url = self._url(specifier, referrer)
        if url is None:
            if _ORIGIN.match(specifier) or ":" in specifier:
                return None
            raise NoModuleError("a bare name is no file: relative names begin with './', others take an import map")
        if len(url) - len(self.top) > _LONGEST_RELATIVE:
            raise NoModuleError(f"a file's specifier has at most {_LONGEST_RELATIVE} characters")
        split = urlsplit(url)
        if len(split.path) - len(self.top) > 3 * _LONGEST_PATH:  # where each byte is escaped
            raise NoModuleError("the specifier is longer than a path can be")
        if re.search("%2f|%5c|%00", split.path, re.IGNORECASE):
            raise NoModuleError("the specifier holds an encoded separator")
        try:
            path = Path(unquote(split.path)).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise NoModuleError(str(error)) from None
        if not path.is_relative_to(self._root):
            raise NoModuleError(f"it leads out of the folder {self._root}")
        if path.is_dir():
            raise NoModuleError("it is a folder: name the file, with its extension")
        if not path.is_file():
            for extension in _EXTENSIONS:
                if Path(f"{path}{extension}").is_file():
                    raise NoModuleError(f"extensions are not guessed, and {path.name + extension!r} is there")
            return None
        tail = url[len(url.split("?")[0].split("#")[0]) :]
        return Found(path.as_uri() + tail, lambda: self._load(path))

    def _url(self, specifier: str, referrer: str | None) -> str | None:
        if specifier.startswith("file:///"):
            return specifier
        if specifier.startswith("/"):
            return f"file://{specifier}"
        if not is_relative(specifier):
            return None
        if referrer is None or not referrer.startswith("file:///"):
            # A script that the caller named, or a module from elsewhere: its name counts from the folder.
            above = referrer is not None and (_ORIGIN.match(referrer) or referrer.startswith("/"))
            referrer = self.top + ("" if above or referrer is None else referrer)
        return joined(specifier, referrer)

    @staticmethod
    def _load(path: Path) -> Module:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            sentence = f"the module is no UTF-8: {error.reason} at byte {error.start}"
            raise JSSyntaxError(sentence, filename=path.as_uri()) from None
        return JSONModule(text) if path.suffix == ".json" else SourceModule(text)

    def __repr__(self) -> str:
        return f"Folder({str(self._root)!r})"


class ChainResolver:
    """Several resolvers: the first that finds a module gives it."""

    def __init__(self, resolvers: Iterable[Resolver]) -> None:
        self._resolvers = list(resolvers)
        self.top = next((resolver.top for resolver in self._resolvers if resolver.top), "")

    def find(self, specifier: str, referrer: str | None) -> Found | None:
        reason: NoModuleError | None = None
        for resolver in self._resolvers:
            try:
                found = resolver.find(specifier, referrer)
            except NoModuleError as error:
                reason = reason or error
                continue
            if found is not None:
                return found
        if reason is not None:
            raise reason
        return None


class ImportMapResolver:
    """Names of the caller's choice in front of another resolver, as an HTML page's import map has them.

    `imports` maps specifiers; a key that ends in "/" maps all that begin with it. `scopes` holds such mappings for the
    modules whose names begin with a prefix. Addresses count from the top.
    """

    def __init__(self, behind: Resolver, import_map: Mapping[str, Any]) -> None:
        if not isinstance(import_map, Mapping):
            raise TypeError(f"an import map is a mapping, not {type(import_map).__name__}")
        unknown = set(import_map) - {"imports", "scopes"}
        if unknown:
            raise ValueError(f"an import map has 'imports' and 'scopes', not {', '.join(map(repr, sorted(unknown)))}")
        self._behind = behind
        self.top = behind.top
        self._imports = self._entries(import_map.get("imports", {}))
        scopes = import_map.get("scopes", {})
        if not isinstance(scopes, Mapping):
            raise TypeError("the scopes of an import map are a mapping of prefixes to mappings")
        self._scopes = _longest_first(
            {joined(prefix, self.top): self._entries(entries) for prefix, entries in scopes.items()}
        )

    def _entries(self, entries: Mapping[str, str]) -> dict[str, str]:
        pairs = entries.items() if isinstance(entries, Mapping) else None
        if pairs is None or not all(isinstance(part, str) for pair in pairs for part in pair):
            raise TypeError("an import map maps names to addresses, both str")
        for key, address in entries.items():
            if key.endswith("/") and not address.endswith("/"):
                raise ValueError(f"an import map's address for {key!r} ends in '/', as its key does")
        return _longest_first({joined(key, self.top): address for key, address in entries.items()})

    def find(self, specifier: str, referrer: str | None) -> Found | None:
        asking = self.top if referrer is None else referrer
        name = joined(specifier, asking)
        for prefix, entries in self._scopes.items():
            if asking == prefix or (prefix.endswith("/") and asking.startswith(prefix)):
                address = _mapped(entries, name)
                if address is not None:
                    return self._behind.find(address, None)
        address = _mapped(self._imports, name)
        return self._behind.find(specifier, referrer) if address is None else self._behind.find(address, None)


def _longest_first(entries: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(entries.items(), key=lambda entry: len(entry[0]), reverse=True))


def _mapped(entries: Mapping[str, str], name: str) -> str | None:
    for key, address in entries.items():
        if key == name:
            return address
        if key.endswith("/") and name.startswith(key):
            return address + name[len(key) :]
    return None


def resolver_of(modules: Any, import_map: Mapping[str, Any] | None = None) -> Resolver:
    """The resolver that `modules=` and `import_map=` stand for."""
    resolver = _single(modules)
    return resolver if import_map is None else ImportMapResolver(resolver, import_map)


def _single(modules: Any) -> Resolver:
    if isinstance(modules, Folder):
        return modules
    if isinstance(modules, Mapping):
        return MappingResolver(modules)
    if isinstance(modules, str | os.PathLike):
        return Folder(modules)
    if callable(modules):
        return FunctionResolver(modules)
    if isinstance(modules, Sequence):
        return ChainResolver([_single(part) for part in modules])
    raise TypeError(
        "modules is a mapping of names to sources, a folder, a function (specifier, referrer), or a list of those, not "
        f"{type(modules).__name__}"
    )

"""From an import to an evaluated module: what a context does when JavaScript, or Python, asks for one.

V8 compiles a module and lists what it imports; a resolver finds that; V8 compiles it; until every module of the graph
is there and linked. Then V8 evaluates. Python's import_module and import() in scripts take this same way, inside the
call that asks, so that its deadline and other limits hold for the resolver's part too.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ref

from . import _native, _native_modules
from ._native_modules import ModuleRequest, Request, Wanted
from .encode import encode_arguments
from .errors import EncodeError, Error, JSError, JSModuleNotFoundError, JSSyntaxError, TerminatedError
from .message import Attachments
from .promises import JSPromise
from .resolvers import Found, HostModule, JSONModule, Module, NoModuleError, Resolver, SourceModule
from .thrown import thrown_error

if TYPE_CHECKING:
    from .code_cache import CodeCache
    from .context import Context
    from .options import EncodeOptions

_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")


class _Failure(NamedTuple):
    """What an error says, and where; not the error, whose traceback holds on to whoever imported."""

    says: tuple[str, str]
    place: dict[str, Any]

    @classmethod
    def of(cls, error: JSError) -> _Failure:
        return cls((error.name, error.message), {name: getattr(error, name) for name in _PLACE})


# Of a specifier, in characters: a script may make one up that is as long as a string can be.
_MOST_SHOWN = 1000

_PLACE = ("filename", "line", "column", "end_column", "source_line")


@dataclass(eq=False)
class _Loaded:
    """A module that V8 has compiled."""

    number: int
    name: str
    requests: list[Request]
    source: str
    """For the lines that errors show, until it is linked."""
    is_json: bool
    wants_cache: bool
    targets: list[_Loaded] | None = None
    """What it imports, once linked."""
    evaluated: bool = False
    failure: _Failure | None = None
    """How its evaluation failed the first time: V8 knows the place only then."""


@dataclass
class _Own(threading.local):
    """Imports of import_module, per thread: the innermost is the one that V8's side asks about next."""

    running: list[OwnImport] = field(default_factory=list)


@dataclass(eq=False)
class OwnImport:
    """An import of Python's."""

    code_cache: CodeCache | None
    failure: BaseException | None = None
    root: _Loaded | None = None

    @property
    def name(self) -> str:
        """Of the module, once it is found."""
        return self.root.name if self.root is not None else ""


class ModuleLoader(_native_modules.Importer):
    """The modules of one context. All but import_module runs inside the isolate, so on one thread at a time."""

    def __init__(self, resolver: Resolver, code_cache: CodeCache | None) -> None:
        self._resolver = resolver
        self._code_cache = code_cache
        self._modules: dict[tuple[str, bool], _Loaded] = {}
        self._own = _Own()
        # Imports that wait for a top-level await, and those of them that were stopped, for the next import to look at.
        self._waiting: dict[OwnImport, _Loaded] = {}
        self._stopped: list[_Loaded] = []
        # What V8 evaluates right now, the innermost last: a module may call a host function that imports.
        self._evaluating: list[_Loaded] = []
        self._context: Callable[[], Context | None] = lambda: None
        self.number = _native_modules.importer_add(self)

    def attach(self, context: Context) -> None:
        """Tells whose modules these are; the context keeps the loader and not the other way round."""
        self._context = ref(context)

    def import_module(
        self,
        context: Context,
        specifier: str,
        limits: tuple[int, int],
        code_cache: CodeCache | None,
        decode: Callable[[str], _native.Decode[Any]],
    ) -> Any:
        """Imports from Python; `decode` is given the name of the module and decodes the handle on its namespace."""
        own = self.new_import(code_cache)
        module, promise = self.start(context, own, specifier, limits, decode)
        if promise is None:
            return module
        self.conclude(own, stopped=False)
        promise.close()
        module.close()
        raise Error(
            f"the module {own.name!r}, or one that it imports, still waits for something with await; "
            "import_module_async waits with it"
        )

    def new_import(self, code_cache: CodeCache | None) -> OwnImport:
        """What an import is known by, from `start` to `conclude`."""
        return OwnImport(code_cache or self._code_cache)

    def start(
        self,
        context: Context,
        own: OwnImport,
        specifier: str,
        limits: tuple[int, int],
        decode: Callable[[str], _native.Decode[Any]],
        token: int = 0,
    ) -> tuple[Any, JSPromise | None]:
        """Imports from Python as far as it goes without waiting: the namespace, and the promise of its end if it waits.

        Who is given a promise has to call `conclude`.
        """
        self._own.running.append(own)
        try:
            module, promise = _native_modules.import_module(
                context._native,
                specifier,
                *limits,
                token,
                context._decode,
                lambda message, attachments: decode(own.name)(message, attachments),
            )
            if not promise:
                return module, None
            if own.root is not None:
                self._waiting[own] = own.root
            return module, JSPromise(context, "p", promise)
        except TerminatedError:
            # Perhaps in a microtask, behind an await that never ends now.
            if own.root is not None:
                self._stopped.append(own.root)
            raise
        except _native.ThrownError as thrown:
            # The failure as it happened in Python, which may be no JavaScript error at all.
            error = own.failure if own.failure is not None else context._host.error(thrown)
        finally:
            self._own.running.remove(own)
        raise error

    def conclude(self, own: OwnImport, *, stopped: bool) -> None:
        """An import waits no more. One that was stopped is to begin anew, unless somebody else waits for it."""
        root = self._waiting.pop(own, None)
        if root is not None and stopped:
            self._stopped.append(root)

    def explain(self, error: JSError, own: OwnImport) -> None:
        """Adds what V8 does not say to how the import ended."""
        if own.root is not None:
            self._explain(error, own.root)

    # ---- inside the isolate ----

    def serve(self, import_id: int) -> None:
        context = self._context()
        if context is None:
            return
        native, decode = context._native, context._decode
        while self._stopped:
            self._forget_unfinished(native, self._stopped.pop())
        wanted = _native_modules.import_describe(native, import_id)
        own = self._own.running[-1] if wanted.by_python else None
        load = _Load(self, context, own.code_cache if own else self._code_cache)
        try:
            root = load.graph(wanted)
            if self._forget_stopped(native, root):
                root = load.graph(wanted)
        except TerminatedError:
            load.forget()
            return  # The call that imports ends, and says why.
        except Exception as error:
            load.forget()
            if own is not None:
                own.failure = error
            self._reject(context, import_id, error)
            return
        except BaseException:
            load.forget()
            raise
        if own is not None:
            own.root = root
        try:
            self._evaluating.append(root)
            try:
                _native_modules.import_settle(native, import_id, root.number, decode)
            finally:
                self._evaluating.pop()
        except _native.ThrownError as thrown:
            if thrown.detail.is_syntax_error:
                load.forget()  # It was not instantiated: other sources may do better.
            failure = context._host.error(thrown)
            if isinstance(failure, JSError):
                self._explain(failure, root)
            if own is not None:
                own.failure = failure
        except TerminatedError:
            self._forget_unfinished(native, root)
        else:
            if _native_modules.module_evaluated(native, root.number):
                outer = self._in_evaluation()
                for module in _graph(root):
                    module.evaluated = module.evaluated or module not in outer
            load.keep_code()

    def _reject(self, context: Context, import_id: int, error: Exception) -> None:
        """JavaScript gets an Error that stands for the exception, as for one of a host function."""
        host = context._host
        attachments = Attachments()
        number, name, text, details = host.kept(error, attachments)
        try:
            try:
                _native_modules.import_throw(context._native, import_id, (number, name, text), details, attachments)
            except EncodeError:
                # Something that it carries cannot cross.
                _native_modules.import_throw(context._native, import_id, (number, name, text), b"", ())
        except TerminatedError:
            pass
        except BaseException:
            host.released(number)
            raise

    def known(self, name: str, is_json: bool) -> _Loaded | None:
        """The module of that name, if there is one."""
        return self._modules.get((name, is_json))

    def add(self, module: _Loaded) -> None:
        """From here on the name stands for this module."""
        self._modules[module.name, module.is_json] = module

    def forget(self, native: _native.NativeContext, modules: Sequence[_Loaded]) -> None:
        """Lets the names be found anew."""
        for module in modules:
            if self._modules.get((module.name, module.is_json)) is module:
                del self._modules[module.name, module.is_json]
            # Inside a call that is being stopped, each says so and does its work all the same.
            with suppress(Error):
                _native_modules.module_remove(native, module.number)

    @property
    def resolver(self) -> Resolver:
        return self._resolver

    def _forget_unfinished(self, native: _native.NativeContext, root: _Loaded) -> None:
        """After a stop: V8 would take what was stopped for failed, and for ever."""
        goes_on = self._in_evaluation().union(*map(_graph, list(self._waiting.values())))
        unfinished = []
        for module in _graph(root):
            if module.evaluated or module in goes_on:
                continue
            try:
                done = _native_modules.module_evaluated(native, module.number)
            except Error:
                done = False
            if not done:
                unfinished.append(module)
        self._forget_with_importers(native, unfinished, goes_on)

    def _forget_stopped(self, native: _native.NativeContext, root: _Loaded) -> bool:
        """The same for what a stop hit later, in a microtask, or while an import further out used the module."""
        goes_on = self._in_evaluation()
        stopped = [
            module
            for module in _graph(root)
            if not module.evaluated
            and module not in goes_on
            and _native_modules.module_evaluated(native, module.number) is None
        ]
        self._forget_with_importers(native, stopped, goes_on)
        return bool(stopped)

    def _in_evaluation(self) -> set[_Loaded]:
        """The modules that an import further out evaluates, and those that they import."""
        return set().union(*map(_graph, self._evaluating))

    def _forget_with_importers(
        self, native: _native.NativeContext, modules: Sequence[_Loaded], but: set[_Loaded]
    ) -> None:
        """And with who imports one of them, itself or through others: it would stay with what is forgotten."""
        if not modules:
            return
        importers: dict[_Loaded, list[_Loaded]] = {}
        for module in self._modules.values():
            for target in module.targets or ():
                importers.setdefault(target, []).append(module)
        found = list(modules)
        seen = but.union(modules)
        waiting = list(modules)
        while waiting:
            for importer in importers.get(waiting.pop(), ()):
                if importer not in seen:
                    seen.add(importer)
                    found.append(importer)
                    waiting.append(importer)
        self.forget(native, found)

    def _explain(self, error: JSError, root: _Loaded) -> None:
        """Adds what V8 does not say: where a module threw that failed before, and which modules import each other."""
        if error.filename is not None:
            thrower = next((module for module in _graph(root) if module.name == error.filename), root)
            thrower.failure = _Failure.of(error)
        else:
            for module in _graph(root):
                if module.failure is not None and module.failure.says == (error.name, error.message):
                    vars(error).update(module.failure.place)
                    break
        if error.name == "ReferenceError" and "before initialization" in error.message:
            cycle = next((_cycle(module) for module in _graph(root) if module.name == error.filename), None)
            if cycle and hasattr(error, "add_note"):  # from Python 3.11 on
                error.add_note(f"these modules import each other: {' -> '.join(module.name for module in cycle)}")


class _Load:
    """One import: finds, compiles and links what is missing of a graph, and can take that back."""

    def __init__(self, loader: ModuleLoader, context: Context, code_cache: CodeCache | None) -> None:
        self._loader = loader
        self._context = context
        self._native = context._native
        self._code_cache = code_cache
        self._fresh: list[tuple[_Loaded, str | None]] = []

    def graph(self, wanted: Wanted) -> _Loaded:
        """The module that is wanted, with all that it imports, linked."""
        referrer = None if wanted.referrer is None or wanted.referrer.startswith("<") else wanted.referrer
        root = self._module(Request(wanted.specifier, 0, 0, wanted.attributes), referrer, None, wanted.by_python)
        waiting = [root]
        while waiting:
            module = waiting.pop()
            if module.targets is not None:
                continue
            targets = [self._module(request, module.name, module, False) for request in module.requests]
            _native_modules.module_link(self._native, module.number, [target.number for target in targets])
            module.targets = targets
            module.source = ""
            waiting += targets
        return root

    def forget(self) -> None:
        """Takes back what this import has made."""
        self._loader.forget(self._native, [module for module, _ in self._fresh if not module.evaluated])

    def keep_code(self) -> None:
        """Stores code caches of what V8 had to compile, now that it has run."""
        if self._code_cache is None:
            return
        for module, key in self._fresh:
            if key is not None and module.wants_cache:
                with suppress(Error):
                    made = _native_modules.module_code_cache(self._native, module.number)
                    if made:
                        self._code_cache.store(key, made)

    def _module(self, request: Request, referrer: str | None, by: _Loaded | None, any_kind: bool) -> _Loaded:
        unknown = {key: value for key, value in request.attributes.items() if (key, value) != ("type", "json")}
        if unknown:
            key, value = next(iter(unknown.items()))
            raise _placed(JSSyntaxError(f"the import attribute {key}: {value!r} is not known"), request, by)
        try:
            found = self._loader.resolver.find(request.specifier, referrer)
            if found is None:
                raise NoModuleError("")
        except NoModuleError as why:
            raise _placed(_missing(request.specifier, referrer, str(why)), request, by) from None
        wants_json = "type" in request.attributes
        known = self._loader.known(found.name, wants_json)
        if known is None and any_kind:
            known = self._loader.known(found.name, True)
        if known is not None:
            return known
        made_of = found.load()
        if isinstance(made_of, JSONModule) != wants_json and not any_kind:
            sentence = (
                "is no JSON module" if wants_json else "is a JSON module, which is imported with { type: 'json' }"
            )
            raise _placed(JSError(f"{found.name} {sentence}", name="TypeError"), request, by)
        return self._compile(found, made_of)

    def _compile(self, found: Found, made_of: Module) -> _Loaded:
        encode = self._context._defaults.encode
        attachments = Attachments()
        values, source, key, cached = b"", "", None, None
        if isinstance(made_of, SourceModule):
            kind, source = _native_modules.SOURCE, made_of.source
            values = encode_arguments(({"url": found.name, **made_of.meta},), encode, attachments)
            if self._code_cache is not None and self._code_cache.takes(source):
                key = self._code_cache.key("module", source, found.name, 0)
                cached = self._code_cache.load(key)
        elif isinstance(made_of, JSONModule):
            kind, source = _native_modules.JSON, made_of.text
        else:
            kind, values = _native_modules.VALUES, _exports(found.name, made_of, encode, attachments)
        request = ModuleRequest(
            found.name, kind, source, values, attachments, encode.big_ints, None if key is None else cached or b""
        )
        try:
            number, requests, used = _native_modules.module_create(self._native, request, self._context._decode)
        except _native.ThrownError as thrown:
            error = thrown_error(thrown)
        else:
            if self._code_cache is not None and key is not None:
                self._code_cache.count(given=bool(cached), used=used)
            module = _Loaded(
                number, found.name, requests, source, isinstance(made_of, JSONModule), key is not None and not used
            )
            self._loader.add(module)
            self._fresh.append((module, key))
            return module
        raise error


def _exports(where: str, module: HostModule, encode: EncodeOptions, attachments: list[memoryview]) -> bytes:
    for name in module.exports:
        if not isinstance(name, str):
            raise TypeError(f"the names of exports are str, not {type(name).__name__}")
    try:
        return encode_arguments((dict(module.exports),), encode, attachments)
    except EncodeError as error:
        error.argument = None
        error.message = f"the exports of module {where!r}: {error.message}"
        raise


def _missing(specifier: str, referrer: str | None, why: str) -> JSModuleNotFoundError:
    shown = repr(specifier) if len(specifier) <= _MOST_SHOWN else repr(specifier[:_MOST_SHOWN]) + "…"
    sentence = f"cannot find module {shown}" + (f", imported from {referrer}" if referrer else "")
    if why:
        sentence += f": {why}"
    return JSModuleNotFoundError(sentence, specifier=specifier, referrer=referrer)


def _placed(error: JSError, request: Request, by: _Loaded | None) -> JSError:
    """The error with the place of the import that it is about."""
    if by is not None:
        error.filename = by.name
        error.line, error.column = request.line, request.column
        lines = _LINE_END.split(by.source, maxsplit=request.line)
        if request.line <= len(lines) and len(lines[request.line - 1]) <= 1000:
            error.source_line = lines[request.line - 1]
    return error


def _graph(root: _Loaded) -> list[_Loaded]:
    """The module and all that it imports, each once."""
    seen = {root: None}
    waiting = [root]
    while waiting:
        for target in waiting.pop().targets or ():
            if target not in seen:
                seen[target] = None
                waiting.append(target)
    return list(seen)


def _cycle(start: _Loaded) -> list[_Loaded]:
    """The shortest way by imports from a module back to itself; empty when there is none."""
    ways = [[start]]
    seen = set()
    while ways:
        way = ways.pop(0)
        for target in way[-1].targets or ():
            if target is start:
                return [*way, start]
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []

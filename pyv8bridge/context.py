"""A context: a global object with JavaScript's builtins, in which scripts and calls run.

Every operation takes the same way: arguments are encoded into one message, one native call does the rest, the message
that comes back is decoded while its bytes are still the native side's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from time import perf_counter_ns
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from . import _native, _native_host
from ._native_small import Plans, call_small
from .crossing import CallOptions
from .decode import decode
from .encode import encode_arguments
from .errors import ClosedError, EncodeError, NotFoundError
from .handles import NO_THIS, RELEASED, JSFunction, JSObject, as_handle
from .host_functions import FunctionOptions, HostFunctions
from .isolate import Isolate
from .many_calls import call_many
from .message import Attachments
from .options import BigInts, Codec, EncodeOptions, Keys
from .promises import JSPromise
from .time_limits import AS_DEFAULT, Seconds, nanoseconds

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .code_cache import CacheStore, CodeCache
    from .crossing import CallKeywords, EvalKeywords, ImportKeywords, ManyKeywords, RunKeywords, SetKeywords
    from .isolate import HeapStatistics
    from .module_loader import ModuleLoader
    from .modules import JSModule
    from .profiles import CPUProfile
    from .resolvers import ModulesOption
    from .web_globals import Part

_Function = TypeVar("_Function", bound=Callable[..., Any])

_NO_KEYWORDS: Mapping[str, Any] = {}
_IMPORT_NAMES = frozenset({"timeout", "cpu_timeout", "code_cache"})  # of ImportKeywords

# Expressions that a script would take for a block or a declaration.
_STATEMENT_LIKE = re.compile(r"\s*(?:\{|class\b|(?:async\s+)?function\b)")


class Context:
    """A global object to run JavaScript in; it makes its own isolate unless given one.

    `memory_limit`, `timeout` and `cpu_timeout` are those of Isolate: limits that JavaScript cannot exceed. In a given
    isolate, the time limits are this context's own defaults, and there is no memory limit to set. `big_ints`, `keys`,
    `references` and `default` say how Python values are written, see docs/values.md. All of them but the memory limit
    are defaults: every call takes them as keyword arguments too.

    `codec` is about speed alone (docs/shape-codec.md): ``"shape"`` lets plain trees of data cross through code that V8
    compiles for them, ``"wire"`` never does, and ``"auto"`` chooses by size.

    `modules` says where ES modules come from, for import_module and for import() in scripts: a mapping of names to
    sources, a folder, a function (specifier, referrer), or a list of those; `import_map` puts names of choice in
    front, see docs/modules.md. `code_cache`, a folder or a mapping, keeps compiled code, and a `snapshot` is where
    contexts start from, see docs/start-up.md.

    `globals` names what the context has besides the language's own builtins: "timers", "console", "queueMicrotask",
    "structuredClone", "encoding", "url" (docs/async.md). `on_unhandled_rejection` is called, inside the isolate, with
    the error of a promise whose rejection nobody handles; without it, such are logged as warnings ("pyv8bridge").

    >>> ctx = Context()
    >>> ctx.eval("const add = (a, b) => a + b")
    undefined
    >>> ctx.call("add", 1, 2)
    3
    """

    def __init__(
        self,
        isolate: Isolate | None = None,
        *,
        memory_limit: int | None = None,
        timeout: Seconds | None = None,
        cpu_timeout: Seconds | None = None,
        big_ints: BigInts = "bigint",
        keys: Keys | None = None,
        references: bool = False,
        default: Callable[[Any], Any] | None = None,
        codec: Codec = "auto",
        globals: Iterable[Part] = (),
        on_unhandled_rejection: Callable[[BaseException], None] | None = None,
        modules: ModulesOption | None = None,
        import_map: Mapping[str, Any] | None = None,
        code_cache: CodeCache | CacheStore | None = None,
        snapshot: bytes | None = None,
    ) -> None:
        if codec not in _native.CODECS:
            raise ValueError(f"codec is 'auto', 'wire' or 'shape', not {codec!r}")
        if not isinstance(isolate, Isolate | None):
            raise TypeError(f"isolate must be an Isolate, not {type(isolate).__name__}")
        if not (on_unhandled_rejection is None or callable(on_unhandled_rejection)):
            raise TypeError(f"on_unhandled_rejection is a function, not {on_unhandled_rejection!r:.80}")
        self._closing = self._closed = False
        self._own_isolate = isolate is None
        time_limits = AS_DEFAULT, AS_DEFAULT
        if isolate is None:
            isolate = Isolate(memory_limit=memory_limit, timeout=timeout, cpu_timeout=cpu_timeout, snapshot=snapshot)
        elif memory_limit is not None or snapshot is not None:
            what = "a snapshot" if memory_limit is None else "a memory limit"
            raise TypeError(f"{what} is its isolate's, not a context's: pass it to Isolate()")
        else:
            time_limits = (
                AS_DEFAULT if timeout is None else nanoseconds(timeout, "timeout"),
                AS_DEFAULT if cpu_timeout is None else nanoseconds(cpu_timeout, "cpu_timeout"),
            )
        self._isolate = isolate
        self._code_cache = _code_cache_of(code_cache)
        self._loader = _loader_of(modules, import_map, self._code_cache)
        number = _native_host.new_number()
        self._native = _native.context_create(
            isolate._native, self._loader.number if self._loader else 0, number, codec
        )
        encode = EncodeOptions(
            big_ints=big_ints,
            keys=keys,
            references=references,
            default=default,
            handle_of=_handles_of(self._native),
        )
        self._host = HostFunctions(self, number, encode)
        self._host.on_unhandled = on_unhandled_rejection
        self._defaults = CallOptions(self._host.encode, timeout=time_limits[0], cpu_timeout=time_limits[1])
        self._small_plans = Plans(self._defaults)
        if self._loader is not None:
            self._loader.attach(self)
        if globals:
            from .web_globals import install

            install(self, globals)

    @property
    def isolate(self) -> Isolate:
        """The isolate that the context lives in."""
        return self._isolate

    @property
    def closed(self) -> bool:
        """Whether the context or its isolate was closed."""
        return self._closed or self._isolate.closed

    @property
    def globals(self) -> Globals:
        """The global object's properties as a mapping."""
        return Globals(self)

    def eval(self, code: str, filename: str = "<eval>", **options: Unpack[EvalKeywords]) -> Any:
        """Runs a script and gives the value of its last expression statement.

        `filename` is what errors and stacks call the script, and where its import() starts from. Raises JSSyntaxError
        when the script does not compile, JSError when it throws, DataCloneError when the result holds what cannot be
        copied, and JSTimeoutError or MemoryLimitError when it goes past a limit.
        """
        return self._evaluate(code, filename, 0, _native.RESULT_VALUE, options)

    def ref(self, expression: str, **options: Unpack[RunKeywords]) -> JSObject:
        """A handle to the object that an expression gives; a TypeError when it gives no object.

        >>> numbers = Context().ref("new Map([[1, 'one']])")
        >>> numbers.call("get", 1)
        'one'
        """
        if not isinstance(expression, str):
            raise TypeError(f"the expression must be a str, not {type(expression).__name__}")
        line_offset = 0
        if _STATEMENT_LIKE.match(expression):
            # Lines of their own for the parentheses keep positions in errors right, and let it end in a comment.
            expression, line_offset = f"(\n{expression.rstrip().rstrip(';')}\n)", -1
        found = self._evaluate(expression, "<ref>", line_offset, _native.RESULT_HANDLE, options)
        return as_handle(found, "the expression's result")

    def call(self, path: str, /, *args: Any, **options: Unpack[CallKeywords]) -> Any:
        """Calls the function that `path` names, such as ``"score"`` or ``"rules.spam.score"``; a path binds `this`.

        Raises NotFoundError when the path leads nowhere, EncodeError when an argument cannot cross, and what eval
        raises.
        """
        if not options:
            plan = self._small_plans[path]
            if plan is not None:
                return call_small(self, plan, args)
        return self._run(_native.CALL, 0, path, args, keywords=options)

    @overload
    def map(
        self, path: str, items: Iterable[Any], /, *, lazy: Literal[False] = ..., **options: Unpack[ManyKeywords]
    ) -> list[Any]: ...
    @overload
    def map(
        self, path: str, items: Iterable[Any], /, *, lazy: Literal[True], **options: Unpack[ManyKeywords]
    ) -> Iterator[Any]: ...
    def map(
        self, path: str, items: Iterable[Any], /, *, lazy: bool = False, **options: Unpack[ManyKeywords]
    ) -> list[Any] | Iterator[Any]:
        """Calls what `path` names with each item: see JSFunction.map."""
        return call_many(self, None, path, zip(items, strict=False), NO_THIS, lazy, options)

    @overload
    def starmap(
        self,
        path: str,
        items: Iterable[Iterable[Any]],
        /,
        *,
        lazy: Literal[False] = ...,
        **options: Unpack[ManyKeywords],
    ) -> list[Any]: ...
    @overload
    def starmap(
        self, path: str, items: Iterable[Iterable[Any]], /, *, lazy: Literal[True], **options: Unpack[ManyKeywords]
    ) -> Iterator[Any]: ...
    def starmap(
        self, path: str, items: Iterable[Iterable[Any]], /, *, lazy: bool = False, **options: Unpack[ManyKeywords]
    ) -> list[Any] | Iterator[Any]:
        """As `map`, with each item unpacked into several arguments."""
        return call_many(self, None, path, map(tuple, items), NO_THIS, lazy, options)

    async def eval_async(self, code: str, filename: str = "<eval>", **options: Unpack[EvalKeywords]) -> Any:
        """As `eval`, without blocking the event loop: JavaScript runs on another thread; a promise is waited for.

        `timeout` counts from now until the value is there. Cancelling the caller ends the JavaScript.
        """

        from .async_calls import call_async

        def work(keywords: Mapping[str, Any], token: int, timeout: int) -> Any:
            return self._evaluate(code, filename, 0, _native.RESULT_VALUE, keywords, timeout, token)

        return await call_async(self, work, options, encodes=False)

    async def call_async(self, path: str, /, *args: Any, **options: Unpack[CallKeywords]) -> Any:
        """As `call`, without blocking the event loop; see `eval_async`."""
        return await self._run_async(0, path, args, options)

    def set(self, name: str, value: Any, **options: Unpack[SetKeywords]) -> None:
        """Sets a global variable, or the property that a path (``"config.limits"``) names."""
        self._run(_native.SET, 0, name, (value,), mode=_native.RESULT_NONE, keywords=options)

    def function(
        self,
        target: Callable[..., Any],
        *,
        name: str | None = None,
        this: bool = False,
        handles: bool = False,
        max_args: int | None = None,
    ) -> JSFunction:
        """The JavaScript function that calls a Python callable, with options as in `expose`."""
        return self._host.handle(target, FunctionOptions(this, handles, max_args), name)

    @overload
    def expose(
        self, name: str, target: _Function, *, this: bool = ..., handles: bool = ..., max_args: int | None = ...
    ) -> _Function: ...
    @overload
    def expose(
        self, name: str, target: None = ..., *, this: bool = ..., handles: bool = ..., max_args: int | None = ...
    ) -> Callable[[_Function], _Function]: ...
    def expose(
        self,
        name: str,
        target: Callable[..., Any] | None = None,
        *,
        this: bool = False,
        handles: bool = False,
        max_args: int | None = None,
    ) -> Any:
        """Makes a Python callable a global function, or the property that a path names; also as a decorator.

        JavaScript calls it with positional arguments; `this=True` puts its `this` first, `handles=True` hands objects
        in as handles, and arguments beyond `max_args` are dropped. Results cross as arguments do. An exception is
        thrown as an Error. See docs/host-functions.md.

        >>> ctx = Context()
        >>> @ctx.expose("price_of")
        ... def price_of(item):
        ...     return {"tea": 3}[item]
        >>> ctx.eval("price_of('tea') * 2")
        6
        """
        if not isinstance(name, str):
            advice = ": write @ctx.expose('name')" if callable(name) else ""
            raise TypeError(f"the name must be a str, not {type(name).__name__}{advice}")
        options = FunctionOptions(this, handles, max_args)
        if target is None:

            def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
                self._host.expose(name, function, options)
                return function

            return decorate
        self._host.expose(name, target, options)
        return target

    def unexpose(self, name: str) -> None:
        """Takes an exposed function back: its name is deleted, and whoever still holds it gets an Error for calling it.

        KeyError when nothing was exposed by that name.
        """
        if not self._host.unexpose(name):
            raise KeyError(name)
        self._run(_native.DELETE, 0, name)

    def import_module(self, specifier: str, **options: Unpack[ImportKeywords]) -> JSModule:
        """Imports an ES module, found by this context's `modules`, and gives its exports.

        A module runs once in a context, whoever imports it first. Raises JSModuleNotFoundError when it, or one that it
        imports, is not found; JSSyntaxError when one does not compile, or lacks an export that another imports; what
        the resolver raises; and what eval raises.

        >>> ctx = Context(modules={"shop.js": "export const total = (items) => items.reduce((a, b) => a + b)"})
        >>> ctx.import_module("shop.js").total([2, 3])
        5
        """
        loader, code_cache, limits = self._import_options(options)
        module: JSModule = loader.import_module(self, specifier, limits, code_cache, self._decode_module)
        return module

    async def import_module_async(self, specifier: str, **options: Unpack[ImportKeywords]) -> JSModule:
        """As `import_module`, without blocking the event loop; a module's top-level await is waited for.

        The resolver runs on another thread too. `timeout` counts from now until the module has run to its end, and
        cancelling the caller ends what runs of it: the next import begins anew.
        """
        from .async_calls import import_async

        loader, code_cache, limits = self._import_options(options)
        module: JSModule = await import_async(self, loader, specifier, limits, code_cache)
        return module

    def _import_options(self, options: ImportKeywords) -> tuple[ModuleLoader, CodeCache | None, tuple[int, int]]:
        if self._loader is None:
            raise TypeError("the context has no modules: say where they come from with Context(modules=...)")
        keywords = dict(options)
        for name in keywords:
            if name not in _IMPORT_NAMES:
                names = ", ".join(sorted(_IMPORT_NAMES))
                raise TypeError(f"unexpected keyword argument {name!r} (options here: {names})")
        code_cache = _code_cache_of(keywords.pop("code_cache", None))  # type: ignore[arg-type]
        run = self._defaults.updated(keywords, encodes=False) if keywords else self._defaults
        return self._loader, code_cache, (run.timeout, run.cpu_timeout)

    def heap_statistics(self) -> HeapStatistics:
        """The sizes of the heap that the context lives in."""
        return self._isolate.heap_statistics()

    def heap_snapshot(self, path: str | os.PathLike[str]) -> None:
        """Writes all objects in the heap to a file for the Memory panel of Chrome's DevTools (.heapsnapshot)."""
        self._isolate.heap_snapshot(path)

    def cpu_profile(
        self, path: str | os.PathLike[str] | None = None, *, sampling_interval: Seconds = 0.001
    ) -> CPUProfile:
        """``with ctx.cpu_profile("x.cpuprofile"):`` samples what JavaScript does in this thread's calls.

        The file opens in Chrome's DevTools and in speedscope; `data` of what `with` gives is the same as a dict.
        """
        return self._isolate.cpu_profile(path, sampling_interval=sampling_interval)

    def terminate(self) -> None:
        """Makes the call that runs now in this context's isolate raise JSCancelledError; callable from any thread."""
        self._isolate.terminate()

    def close(self) -> None:
        """Frees the context; later use is a ClosedError. Fine to repeat.

        An isolate of the context's own is closed with it, which ends JavaScript that runs in it. Otherwise this waits
        until nobody is inside the isolate.
        """
        self._closing = True
        try:
            if self._own_isolate:
                self._isolate.close()
            else:
                _native.context_close(self._native)
            self._closed = True
        finally:
            self._closing = self._closed
        self._host.close()

    def __enter__(self) -> Context:
        if self.closed:
            raise ClosedError("the context is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __copy__(self) -> Context:
        return self

    def __repr__(self) -> str:
        return f"<Context {'closed' if self.closed else 'open'}>"

    # ---- the one way that everything above takes ----

    def _run(
        self,
        operation: int,
        base: int,
        path: str,
        args: Sequence[Any] = (),
        *,
        this: Any = NO_THIS,
        path_is_name: bool = False,
        mode: int = _native.RESULT_VALUE,
        keywords: Mapping[str, Any] = _NO_KEYWORDS,
        timeout: int | None = None,
        token: int = 0,
    ) -> Any:
        if base == RELEASED:
            raise ClosedError("the handle was let go of with close()")
        options = self._defaults
        if keywords:
            options = options.updated(keywords)
            if "result" in keywords:
                mode = options.mode
        timings = options.timings
        has_this = this is not NO_THIS
        if has_this:
            args = (*args, this)
        plan = (_native.shared_plan if timeout is None else _native.CallPlan)(
            operation,
            base,
            path,
            path_is_name,
            has_this,
            mode,
            options.encode.big_ints,
            options.transfer,
            # What is left of an operation's time is never twice the same, and would only fill the cache.
            options.timeout if timeout is None else timeout,
            options.cpu_timeout,
        )
        attachments = Attachments()
        try:
            if not args:
                message = b""
            elif timings is None:
                message = encode_arguments(args, options.encode, attachments)
            else:
                start = perf_counter_ns()
                message = encode_arguments(args, options.encode, attachments)
                timings.encode += perf_counter_ns() - start
            return _native.call(self._native, plan, message, attachments, self._decode, timings, token)
        except _native.ThrownError as thrown:
            error = self._host.error(thrown)
        except EncodeError as refused:
            # The message knows positions only. Errors of functions that JavaScript called pass here too, without one.
            if refused.argument is not None:
                if has_this and refused.argument == len(args) - 1:
                    refused.argument = "this"
                elif operation == _native.SET:
                    refused.argument = None
            raise
        # Outside of the handler, so that the error's context is the caller's and not our own machinery.
        raise error

    def _evaluate(
        self,
        code: str,
        filename: str,
        line_offset: int,
        mode: int,
        keywords: Mapping[str, Any],
        timeout: int | None = None,
        token: int = 0,
    ) -> Any:
        options = self._defaults
        cache = self._code_cache
        if keywords:
            if "code_cache" in keywords:
                keywords = dict(keywords)
                cache = _code_cache_of(keywords.pop("code_cache"))
            options = options.updated(keywords, encodes=False)
            if "result" in keywords:
                mode = options.mode
        trade = None if cache is None else cache.trade(code, filename, line_offset)
        try:
            return _native.evaluate(
                self._native,
                code,
                filename,
                line_offset,
                mode,
                options.transfer,
                options.timeout if timeout is None else timeout,
                options.cpu_timeout,
                self._decode,
                options.timings,
                trade,
                token,
            )
        except _native.ThrownError as thrown:
            error = self._host.error(thrown)
        finally:
            if trade is not None and cache is not None:
                cache.conclude(trade)
        raise error

    def _decode(self, message: memoryview, attachments: Sequence[memoryview | bytes]) -> Any:
        return decode(message, make_handle=self._make_handle, attachments=attachments)

    def _decode_module(self, name: str) -> _native.Decode[JSModule]:
        from .modules import JSModule

        def make(kind: str, handle: int) -> JSModule:
            return JSModule(self, kind, handle, name)

        return lambda message, attachments: decode(message, make_handle=make, attachments=attachments)

    def _make_handle(self, kind: str, handle: int) -> JSObject:
        return _HANDLES.get(kind, JSObject)(self, kind, handle)

    async def _run_async(
        self, base: int, path: str, args: Sequence[Any], keywords: Mapping[str, Any], this: Any = NO_THIS
    ) -> Any:
        from .async_calls import call_async

        def work(keywords: Mapping[str, Any], token: int, timeout: int) -> Any:
            return self._run(_native.CALL, base, path, args, this=this, keywords=keywords, timeout=timeout, token=token)

        return await call_async(self, work, keywords, encodes=True)


_HANDLES = {"f": JSFunction, "p": JSPromise}


def _code_cache_of(given: CodeCache | CacheStore | None) -> CodeCache | None:
    if given is None:
        return None
    from .code_cache import code_cache_of

    return code_cache_of(given)


def _loader_of(
    modules: ModulesOption | None, import_map: Mapping[str, Any] | None, code_cache: CodeCache | None
) -> ModuleLoader | None:
    if modules is None:
        if import_map is not None:
            raise TypeError("an import map needs modules to lead to: pass modules= too")
        return None
    from .module_loader import ModuleLoader
    from .resolvers import resolver_of

    return ModuleLoader(resolver_of(modules, import_map), code_cache)


def _handles_of(native: _native.NativeContext) -> Callable[[Any], tuple[str, int]]:
    """What encoding asks about handles. Knows only the native context: a Context in its own options makes a cycle."""

    def handle_of(value: JSObject) -> tuple[str, int]:
        if value.context._native is not native:
            raise EncodeError(_of_another_context(value))
        kind, number = value.__pvb_handle__
        if number == RELEASED:
            raise EncodeError(f"the {type(value).__name__} was let go of with close()")
        return kind, number

    return handle_of


def _of_another_context(value: JSObject) -> str:
    advice = "define it in this one" if isinstance(value, JSFunction) else "send its .value()"
    return f"a {type(value).__name__} of another context cannot cross: {advice}"


class Globals(MutableMapping[str, Any]):
    """The global object of a context as a mapping from names to values.

    Iterating gives what Object.keys gives. Builtins, and what scripts declare with let, const or class, are not among
    those keys, though they can be read by name.

    >>> ctx = Context()
    >>> ctx.globals["limit"] = 10
    >>> list(ctx.globals), ctx.eval("limit + 1")
    (['limit'], 11)
    """

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getitem__(self, name: str) -> Any:
        try:
            return self._context._run(_native.GET, 0, name, path_is_name=True)
        except NotFoundError:
            raise KeyError(name) from None

    def __setitem__(self, name: str, value: Any) -> None:
        self._context._run(_native.SET, 0, name, (value,), path_is_name=True, mode=_native.RESULT_NONE)

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        # Variables of let, const and class are no properties, so there is nothing to delete, and they stay.
        if not self._context._run(_native.DELETE, 0, name, path_is_name=True) or name in self:
            raise TypeError(f"JavaScript refuses to delete the global {name!r}")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._context._run(_native.HAS, 0, name, path_is_name=True))

    def __iter__(self) -> Iterator[str]:
        names: list[str] = self._context._run(_native.KEYS, 0, "")
        return iter(names)

    def __len__(self) -> int:
        return len(self._context._run(_native.KEYS, 0, ""))

    def __repr__(self) -> str:
        return f"<Globals of {self._context!r}>"

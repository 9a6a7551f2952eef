"""ES modules: where they come from, what they export, what goes wrong, and that limits hold while they load."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from children import run_child

import pyv8bridge
from pyv8bridge import (
    ClosedError,
    Context,
    EncodeError,
    Error,
    Folder,
    HostModule,
    Isolate,
    JSCancelledError,
    JSError,
    JSFunction,
    JSModule,
    JSModuleNotFoundError,
    JSONModule,
    JSSyntaxError,
    JSTimeoutError,
    MemoryLimitError,
    NotFoundError,
    SourceModule,
    undefined,
)


def attributes_keyword() -> str | None:
    """The keyword of import attributes, where this V8 has any."""
    for word in ("with", "assert"):
        try:
            Context(modules={"a.js": f"import './b.json' {word} {{ type: 'json' }}"}).import_module("a.js")
        except JSModuleNotFoundError:
            return word
        except JSSyntaxError:
            continue
    return None


KEYWORD = attributes_keyword()
needs_attributes = pytest.mark.skipif(KEYWORD is None, reason="this V8 knows no import attributes")


def context(**modules: Any) -> Context:
    """A context with modules a, b … of these sources, named a.js, b.js …"""
    return Context(modules={f"{name}.js": source for name, source in modules.items()})


def failure(kind: type[BaseException], ctx: Context, specifier: str) -> Any:
    with pytest.raises(kind) as caught:
        ctx.import_module(specifier)
    assert type(caught.value) is kind
    return caught.value


class TestNamespace:
    def test_exports_are_attributes_and_items(self) -> None:
        module = context(a="export const n = 1; export default 'x'; export const f = (k) => k + 1").import_module(
            "a.js"
        )
        assert (module.n, module["n"], module["default"], module.f(2)) == (1, 1, "x", 3)
        assert isinstance(module.f, JSFunction)
        assert module.keys() == ["default", "f", "n"]
        assert "n" in module
        assert "m" not in module
        assert "n" in dir(module)
        assert repr(module) == "<JSModule 'a.js'>"

    def test_a_missing_export(self) -> None:
        module = context(a="export const n = 1").import_module("a.js")
        with pytest.raises(AttributeError, match=r"module 'a\.js' has no export 'm'"):
            _ = module.m
        with pytest.raises(KeyError):
            module["m"]
        assert module.get("m", 7) == 7

    def test_an_export_that_has_the_name_of_a_method_is_an_item(self) -> None:
        module = context(a="export const get = 1, keys = 2").import_module("a.js")
        assert (module["get"], module["keys"], module.keys()) == (1, 2, ["get", "keys"])

    def test_exports_are_live(self) -> None:
        module = context(a="export let n = 0; export const inc = () => ++n").import_module("a.js")
        assert (module.n, module.inc(), module.n) == (0, 1, 1)

    def test_exports_cannot_be_set(self) -> None:
        module = context(a="export let n = 0").import_module("a.js")
        with pytest.raises(TypeError, match=r"only module 'a\.js' itself"):
            module["n"] = 1
        with pytest.raises(TypeError, match="itself"):
            del module["n"]

    def test_it_goes_back_into_javascript(self) -> None:
        ctx = context(a="export const n = 5")
        assert ctx.eval("(ns) => ns.n")(ctx.import_module("a.js")) == 5

    def test_structured_data_crosses(self) -> None:
        module = context(a="export const swap = (m) => new Map([...m].map(([k, v]) => [v, k]))").import_module("a.js")
        assert module.swap(pyv8bridge.JSMap([(1, "one")])) == pyv8bridge.JSMap([("one", 1)])

    def test_a_namespace_that_exports_then_is_no_promise(self) -> None:
        assert context(a="export const then = (done) => done(1)").import_module("a.js").keys() == ["then"]


class TestGraph:
    def test_a_module_runs_once_whoever_imports_it(self) -> None:
        ctx = context(
            a="import './b.js'; import './c.js'",
            b="import './c.js'",
            c="globalThis.runs = (globalThis.runs ?? 0) + 1",
        )
        ctx.import_module("a.js")
        ctx.import_module("./b.js")
        ctx.import_module("c.js")
        assert ctx.eval("runs") == 1

    def test_contexts_have_modules_of_their_own(self) -> None:
        modules = {"a.js": "export let n = 0; export const inc = () => ++n"}
        with Isolate() as isolate:
            one, two = Context(isolate, modules=modules), Context(isolate, modules=modules)
            assert one.import_module("a.js").inc() == 1
            assert two.import_module("a.js").inc() == 1

    def test_order_of_evaluation_is_depth_first(self) -> None:
        ctx = context(
            a="import './b.js'; import './c.js'; order.push('a')",
            b="import './d.js'; order.push('b')",
            c="import './d.js'; order.push('c')",
            d="order.push('d')",
        )
        ctx.globals["order"] = []
        ctx.import_module("a.js")
        assert ctx.eval("order") == ["d", "b", "c", "a"]

    def test_modules_that_import_each_other(self) -> None:
        ctx = context(
            even="import { odd } from './odd.js'; export const even = (n) => n === 0 || odd(n - 1)",
            odd="import { even } from './even.js'; export const odd = (n) => n !== 0 && even(n - 1)",
        )
        assert ctx.import_module("even.js").even(10) is True

    def test_a_module_that_imports_itself(self) -> None:
        module = context(a="import * as self from './a.js'; export const n = 1; export const f = () => self.n")
        assert module.import_module("a.js").f() == 1

    def test_a_long_chain(self) -> None:
        modules = {f"{i}.js": f"import n from './{i + 1}.js'; export default n + 1" for i in range(1000)}
        assert Context(modules={**modules, "1000.js": "export default 0"}).import_module("0.js")["default"] == 1000

    def test_top_level_await_of_something_that_settles(self) -> None:
        ctx = context(
            a="import { n } from './b.js'; export const m = n + 1", b="export const n = await Promise.resolve(1)"
        )
        assert ctx.import_module("a.js").m == 2

    def test_top_level_await_of_something_that_does_not_settle_yet(self) -> None:
        ctx = context(a="export const n = await new Promise((done) => { globalThis.done = done })")
        with pytest.raises(Error, match="await"):
            ctx.import_module("a.js")
        ctx.eval("done(3)")
        assert ctx.import_module("a.js").n == 3

    def test_import_meta(self) -> None:
        modules = {
            "a.js": "export default import.meta",
            "b.js": SourceModule("export default import.meta", meta={"env": {"debug": True}, "url": "app:b"}),
        }
        ctx = Context(modules=modules)
        assert ctx.import_module("a.js")["default"] == {"url": "a.js"}
        assert ctx.import_module("b.js")["default"] == {"url": "app:b", "env": {"debug": True}}


class TestDynamicImport:
    def test_from_a_script(self) -> None:
        ctx = context(a="export const n = 1")
        assert ctx.eval("const seen = []; import('./a.js').then((a) => seen.push(a.n)); seen") == [1]

    def test_relative_to_the_script_that_asks(self) -> None:
        ctx = Context(modules={"lib/a.js": "export const n = 1"})
        ctx.eval("import('./a.js').then((a) => { globalThis.n = a.n }); 0", "lib/main.js")
        assert ctx.eval("n") == 1

    def test_from_a_function_that_is_called(self) -> None:
        ctx = context(a="export const n = 1")
        ctx.eval("async function load() { globalThis.n = (await import('a.js')).n }")
        ctx.call("load", result="none")
        assert ctx.eval("n") == 1

    def test_from_a_module_and_of_one_that_is_loaded(self) -> None:
        ctx = context(
            a="import { n } from './b.js'; export const same = (await import('./b.js')).f === (await import('b.js')).f",
            b="export const n = 1; export function f() {}",
        )
        assert ctx.import_module("a.js").same is True

    def test_chains_within_one_call(self) -> None:
        ctx = context(
            a="export default (await import('./b.js')).default + 1",
            b="export default (await import('./c.js')).default + 1",
            c="export default 1",
        )
        assert ctx.import_module("a.js")["default"] == 3

    @pytest.mark.parametrize(
        ("specifier", "expected"),
        [
            ("./nope.js", "TypeError: cannot find module './nope.js'"),
            ("./syntax.js", "SyntaxError: Unexpected token '='"),
            ("./throws.js", "RangeError: boom"),
            ("./lacks.js", "SyntaxError: The requested module './empty.js' does not provide an export named 'x'"),
        ],
    )
    def test_a_failure_rejects(self, specifier: str, expected: str) -> None:
        ctx = context(
            syntax="let x = =", throws="throw new RangeError('boom')", lacks="import { x } from './empty.js'", empty=""
        )
        assert ctx.eval(f"const seen = []; import('{specifier}').catch((e) => seen.push(String(e))); seen") == [
            expected
        ]

    def test_what_the_resolver_raises_rejects(self) -> None:
        def resolver(specifier: str, referrer: str | None) -> str:
            raise ValueError(f"{specifier} from {referrer}")

        ctx = Context(modules=resolver)
        seen = ctx.eval("const seen = []; import('x').catch((e) => seen.push(e.name, e.message)); seen", "main.js")
        assert seen == ["ValueError", "x from main.js"]

    def test_without_modules_it_rejects(self) -> None:
        seen = Context().eval("const seen = []; import('x').catch((e) => seen.push(e.name, e.message)); seen")
        assert seen == ["TypeError", "this context has nobody who finds modules: x"]

    def test_one_error_object_for_all_who_import_what_threw(self) -> None:
        ctx = context(a="throw new Error('x')")
        ctx.eval(
            "let e1, e2; import('a.js').catch((e) => { e1 = e; return import('a.js') }).catch((e) => { e2 = e }); 0"
        )
        assert ctx.eval("e1 instanceof Error && e1 === e2") is True

    def test_in_a_context_that_was_dropped_nothing_happens(self) -> None:
        run_child("""
            import gc
            from pyv8bridge import Context, Isolate
            isolate = Isolate()
            ctx = Context(isolate, modules={"a.js": "export const n = 1"})
            ctx.eval("globalThis.load = () => import('a.js')")
            load = ctx.eval("() => { import('a.js') }")
            ctx.close()
            del ctx, load
            gc.collect()
            assert Context(isolate).eval("1 + 1") == 2
            print("done")
        """)


class TestWhereFrom:
    def test_host_modules(self) -> None:
        ctx = Context(
            modules={
                "host:config": {"debug": True, "default": [1, {"a": 2**60}]},
                "host:typed": HostModule({"limit": 10}),
                "a.js": "import c, { debug } from 'host:config'; import { limit } from 'host:typed';"
                "export const all = [c, debug, limit]",
            }
        )
        assert ctx.import_module("a.js").all == [[1, {"a": 2**60}], True, 10]
        assert ctx.import_module("host:config").debug is True

    def test_a_host_module_can_hold_functions_of_javascript(self) -> None:
        modules: dict[str, Any] = {"a.js": "import { double } from 'host:math'; export const n = double(4)"}
        ctx = Context(modules=modules)
        modules["host:math"] = {"double": ctx.eval("(n) => n * 2")}
        assert ctx.import_module("a.js").n == 8

    def test_a_host_value_that_cannot_cross(self) -> None:
        ctx = Context(modules={"host:x": {"value": object()}})
        with pytest.raises(EncodeError, match=r"\$\.value"):
            ctx.import_module("host:x")
        with pytest.raises(TypeError, match="names of exports are str"):
            Context(modules={"host:x": {1: 2}}).import_module("host:x")

    def test_a_large_binary_in_a_host_module(self) -> None:
        ctx = Context(modules={"host:x": {"data": b"a" * 100_000}})
        assert ctx.import_module("host:x").data == b"a" * 100_000

    def test_options_of_the_context_hold_for_host_modules(self) -> None:
        ctx = Context(modules={"host:x": {"n": 2**60}}, big_ints="number")
        assert ctx.import_module("host:x").n == 2.0**60

    def test_json_modules(self) -> None:
        ctx = Context(modules={"data.json": JSONModule('{"a": [1, 1e400, "\\u2028"], "__proto__": 1}')})
        value = ctx.import_module("data.json")["default"]
        assert value == {"a": [1, float("inf"), "\u2028"], "__proto__": 1}

    @needs_attributes
    def test_json_modules_by_import_attributes(self) -> None:
        with_type = f"{KEYWORD} {{ type: 'json' }}"
        ctx = Context(
            modules={
                "a.js": f"import d from './d.json' {with_type}; export default d.n",
                "b.js": "import d from './d.json'",
                "c.js": f"import d from './a.js' {with_type}",
                "d.json": JSONModule('{"n": 1}'),
            }
        )
        assert ctx.import_module("a.js")["default"] == 1
        assert "imported with { type: 'json' }" in failure(JSError, ctx, "b.js").message
        assert "is no JSON module" in failure(JSError, ctx, "c.js").message

    def test_malformed_json(self) -> None:
        error = failure(JSSyntaxError, Context(modules={"data.json": JSONModule('{"a": ')}), "data.json")
        assert error.filename == "data.json"

    def test_a_function_is_asked_with_the_specifier_and_who_imports(self) -> None:
        asked = []

        def resolver(specifier: str, referrer: str | None) -> Any:
            asked.append((specifier, referrer))
            return {
                "app": SourceModule("import './b.js'; import 'bare'", name="https://host/x/app.js"),
                "./b.js": "import './c.js'",
                "bare": {"n": 1},
                "./c.js": "",
            }.get(specifier)

        module = Context(modules=resolver).import_module("app")
        assert repr(module) == "<JSModule 'https://host/x/app.js'>"
        assert asked == [
            ("app", None),
            ("./b.js", "https://host/x/app.js"),
            ("bare", "https://host/x/app.js"),
            ("./c.js", "https://host/x/b.js"),
        ]

    def test_a_function_that_finds_nothing(self) -> None:
        failure(JSModuleNotFoundError, Context(modules=lambda *_: None), "x")

    def test_the_first_of_several_that_finds_it(self) -> None:
        ctx = Context(modules=[{"a.js": "export default 1"}, lambda name, _: "export default 2"])
        assert [ctx.import_module(name)["default"] for name in ("a.js", "b.js")] == [1, 2]

    def test_what_a_resolver_raises_comes_out_as_it_is(self) -> None:
        raised = LookupError("no such customer")

        def resolver(specifier: str, referrer: str | None) -> str:
            if specifier == "b":
                raise raised
            return "import 'b'"

        with pytest.raises(LookupError) as caught:
            Context(modules=resolver).import_module("a")
        assert caught.value is raised

    def test_a_resolver_may_use_the_context(self) -> None:
        def resolver(specifier: str, referrer: str | None) -> str:
            if specifier == "outer":
                return f"export const n = {ctx.import_module('inner').n} + {ctx.eval('1 + 1')}"
            return "export const n = 40"

        ctx = Context(modules=resolver)
        assert ctx.import_module("outer").n == 42

    @pytest.mark.parametrize("wrong", [3, b"", object()])
    def test_what_is_no_module(self, wrong: Any) -> None:
        with pytest.raises(TypeError, match="source text"):
            Context(modules=lambda *_: wrong).import_module("a")

    @pytest.mark.parametrize("wrong", [3, b"x", None])
    def test_what_is_no_resolver(self, wrong: Any) -> None:
        with pytest.raises(TypeError, match="modules"):
            Context(modules=[wrong])

    def test_a_context_without_modules(self) -> None:
        with pytest.raises(TypeError, match="no modules"):
            Context().import_module("a.js")
        with pytest.raises(TypeError, match="an import map needs modules"):
            Context(import_map={})

    def test_lone_surrogates_in_a_specifier(self) -> None:
        asked = []
        ctx = Context(modules=lambda specifier, _: asked.append(specifier))
        ctx.eval("import('\\ud800').catch(() => 0); 0")
        assert asked == ["\ud800"]


class TestFolder:
    @pytest.mark.parametrize(
        "specifier",
        ["'./' + '%2e%2e/'.repeat(n)", "'/'.repeat(n)", "'./' + '../a/'.repeat(n)", "'./?' + 'a'.repeat(n)"],
    )
    def test_endless_specifiers_do_not_outlast_the_deadline(self, tmp_path: Path, specifier: str) -> None:
        # Each of the steps was looked for as a folder of its own, as long as all before it.
        ctx = Context(modules=tmp_path)
        start = time.monotonic()
        code = f"import((n => {specifier})(1_000_000)).catch((e) => e.message.slice(-80))"
        assert "characters" in ctx.eval(code, timeout=20).result()
        assert time.monotonic() - start < 3

    def test_a_path_of_many_steps_is_a_path(self, tmp_path: Path) -> None:
        (tmp_path / "a.js").write_text("export const n = 1")
        ctx = Context(modules=tmp_path)
        assert ctx.import_module("./" + "x/../" * 500 + "a.js?" + "q" * 10_000).n == 1
        with pytest.raises(JSModuleNotFoundError, match="longer than a path"):
            ctx.import_module("./" + "%2e/" * 4000 + "a.js")

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        root = tmp_path / "my modules"
        (root / "lib").mkdir(parents=True)
        (root / "main.js").write_text(
            "import { n } from './lib/a.mjs'; export { n }; export const url = import.meta.url"
        )
        (root / "lib" / "a.mjs").write_text("\ufeffimport data from '../lib/b.js'; export const n = data + 1", "utf-8")
        (root / "lib" / "b.js").write_text("export default 1")
        (root / "lib" / "data.json").write_text('{"a": 1}')
        (tmp_path / "secret.js").write_text("export default 'secret'")
        return root

    def test_relative_imports(self, root: Path) -> None:
        module = Context(modules=root).import_module("./main.js")
        assert (module.n, module.url) == (2, (root / "main.js").as_uri())

    def test_a_folder_by_its_name(self, root: Path) -> None:
        assert Context(modules=str(root)).import_module("./lib/b.js")["default"] == 1
        assert Context(modules=Folder(root)).import_module((root / "lib/b.js").as_uri())["default"] == 1

    def test_a_folder_that_is_not_there(self, root: Path) -> None:
        with pytest.raises(FileNotFoundError):
            Context(modules=root / "nope")
        with pytest.raises(NotADirectoryError):
            Context(modules=root / "main.js")

    def test_scripts_count_from_the_folder(self, root: Path) -> None:
        ctx = Context(modules=root)
        code = "import('./b.js').then((b) => { globalThis.b = b.default }, (e) => { globalThis.b = e.message }); 0"
        ctx.eval(code, "lib/script.js")
        assert ctx.eval("b") == 1

    @pytest.mark.parametrize(
        "specifier", ["../secret.js", "./lib/../../secret.js", "./%2e%2e/secret.js", "./..%2fsecret.js", "./link.js"]
    )
    def test_nothing_outside_is_read(self, root: Path, specifier: str) -> None:
        (root / "link.js").symlink_to(root.parent / "secret.js")
        failure(JSModuleNotFoundError, Context(modules=root), specifier)
        absolute = (root.parent / "secret.js").as_uri()
        assert "out of the folder" in failure(JSModuleNotFoundError, Context(modules=root), absolute).message
        assert "out of the folder" in failure(JSModuleNotFoundError, Context(modules=root), "/etc/passwd").message

    @pytest.mark.parametrize(
        "specifier", ["./lib", "./lib/", "./lib/a", "./lib%2Fb.js", "main.js", "./nope.js", "./a\0.js", "./x%00"]
    )
    def test_names_are_not_guessed(self, root: Path, specifier: str) -> None:
        failure(JSModuleNotFoundError, Context(modules=root), specifier)

    def test_a_link_inside_is_the_module_that_it_leads_to(self, root: Path) -> None:
        (root / "again.js").symlink_to(root / "lib" / "b.js")
        ctx = Context(modules=root)
        assert ctx.import_module("./again.js")["default"] == 1
        assert repr(ctx.import_module("./again.js")) == f"<JSModule {(root / 'lib' / 'b.js').as_uri()!r}>"

    def test_names_with_a_query_are_modules_of_their_own(self, root: Path) -> None:
        (root / "count.js").write_text(
            "globalThis.runs = (globalThis.runs ?? 0) + 1; export const url = import.meta.url"
        )
        ctx = Context(modules=root)
        urls = {ctx.import_module(name).url for name in ("./count.js?1", "./count.js?2", "./count.js?1")}
        assert (len(urls), ctx.eval("runs")) == (2, 2)

    def test_names_are_percent_encoded(self, root: Path) -> None:
        (root / "é #1.js").write_text("export default 7")
        assert Context(modules=root).import_module("./%C3%A9%20%231.js")["default"] == 7

    def test_json_files(self, root: Path) -> None:
        assert Context(modules=root).import_module("./lib/data.json")["default"] == {"a": 1}


class TestImportMap:
    MODULES: Mapping[str, Any] = {
        "vendor/lib/index.js": "export * from './sub.js'",
        "vendor/lib/sub.js": "export const v = 1; export { v as default }",
        "vendor/lib2/sub.js": "export default 2",
        "old/a.js": "import v from 'lib/sub.js'; export default v",
        "a.js": "import v from 'lib/sub.js'; export default v",
    }
    MAP: Mapping[str, Any] = {
        "imports": {"lib": "./vendor/lib/index.js", "lib/": "./vendor/lib2/", "./x.js": "./a.js"},
        "scopes": {"./old/": {"lib/": "./vendor/lib/"}},
    }

    def test_in_a_mapping(self) -> None:
        ctx = Context(modules=self.MODULES, import_map=self.MAP)
        assert ctx.import_module("lib").v == 1
        assert [ctx.import_module(name)["default"] for name in ("a.js", "./old/a.js", "./x.js")] == [2, 1, 2]

    def test_in_a_folder(self, tmp_path: Path) -> None:
        for name, source in self.MODULES.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(source)
        ctx = Context(modules=tmp_path, import_map=self.MAP)
        assert ctx.import_module("lib").v == 1
        assert [ctx.import_module(name)["default"] for name in ("./a.js", "./old/a.js", "./x.js")] == [2, 1, 2]

    def test_the_longest_key_counts(self) -> None:
        modules = {"one/x/y.js": "export default 1", "two/y.js": "export default 2"}
        ctx = Context(modules=modules, import_map={"imports": {"p/": "./one/", "p/x/": "./two/"}})
        assert ctx.import_module("p/x/y.js")["default"] == 2

    def test_what_is_no_import_map(self) -> None:
        with pytest.raises(ValueError, match="'import'"):
            Context(modules={}, import_map={"import": {}})
        with pytest.raises(ValueError, match="ends in '/'"):
            Context(modules={}, import_map={"imports": {"a/": "./b"}})


class TestErrors:
    def test_a_missing_module(self) -> None:
        error = failure(JSModuleNotFoundError, context(), "nope.js")
        assert (error.specifier, error.referrer, error.line) == ("nope.js", None, None)
        assert isinstance(error, NotFoundError)

    def test_a_missing_import_has_its_place(self) -> None:
        error = failure(
            JSModuleNotFoundError, context(a="import './b.js'", b="\n  import { x } from './c.js';"), "a.js"
        )
        assert (error.specifier, error.referrer) == ("./c.js", "b.js")
        assert str(error) == (
            "TypeError: cannot find module './c.js', imported from b.js\n"
            "  at b.js:2:21\n"
            "      import { x } from './c.js';\n"
            "                        ^"
        )

    def test_a_syntax_error(self) -> None:
        error = failure(JSSyntaxError, context(a="import './b.js'", b="\nlet x = ;"), "a.js")
        assert (error.filename, error.line, error.column) == ("b.js", 2, 9)

    def test_a_missing_export(self) -> None:
        error = failure(JSSyntaxError, context(a="import { x } from './b.js'", b="export const y = 1"), "a.js")
        assert error.message == "The requested module './b.js' does not provide an export named 'x'"
        assert (error.filename, error.line, error.column) == ("a.js", 1, 10)

    def test_conflicting_star_exports(self) -> None:
        ctx = context(
            a="import { x } from './b.js'",
            b="export * from './c.js'; export * from './d.js'",
            c="export const x = 1",
            d="export const x = 2",
        )
        assert "conflicting star exports" in failure(JSSyntaxError, ctx, "a.js").message

    def test_a_cycle_that_fails_to_resolve(self) -> None:
        ctx = context(a="import { x } from './b.js'; export { x }", b="import { x } from './a.js'; export { x }")
        error = failure(JSSyntaxError, ctx, "a.js")
        assert "Detected cycle while resolving name 'x'" in error.message
        assert error.line == 1

    def test_a_cycle_that_fails_to_evaluate(self) -> None:
        ctx = context(
            a="import { b } from './b.js'; export const a = b + 1",
            b="import { a } from './a.js'; export const b = a + 1",
        )
        error = failure(JSError, ctx, "a.js")
        assert (error.name, error.filename) == ("ReferenceError", "b.js")
        if sys.version_info >= (3, 11):
            assert error.__notes__ == ["these modules import each other: b.js -> a.js -> b.js"]

    def test_what_a_module_throws(self) -> None:
        ctx = context(a="import './b.js'", b="\nthrow Object.assign(new RangeError('boom'), { code: 7 })")
        for _ in range(2):
            error = failure(JSError, ctx, "a.js")
            assert (error.name, error.message, error.code) == ("RangeError", "boom", 7)
            assert (error.filename, error.line) == ("b.js", 2)

    def test_what_a_module_throws_that_is_no_error(self) -> None:
        assert failure(JSError, context(a="throw { code: 7 }"), "a.js").value == {"code": 7}

    def test_what_a_module_throws_after_an_await(self) -> None:
        assert failure(JSError, context(a="await 0; throw new RangeError('late')"), "a.js").message == "late"

    def test_a_module_that_threw_stays_failed_and_does_not_run_again(self) -> None:
        ctx = context(a="globalThis.runs = (globalThis.runs ?? 0) + 1; throw new Error('x')", b="import './a.js'")
        for name in ("a.js", "a.js", "b.js"):
            failure(JSError, ctx, name)
        assert ctx.eval("runs") == 1

    @pytest.mark.parametrize(
        ("broken", "mended"),
        [({"a.js": "let = ;"}, {"a.js": "export default 1"}),
         ({"a.js": "import n from './b.js'; export default n"}, {"b.js": "export default 1"}),
         ({"a.js": "import './b.js'"}, {"a.js": "export default 1"}),
         ({"a.js": "import n from './b.js'; export default n", "b.js": ""}, {"b.js": "export default 1"}),
         ({"a.js": "import n from './b.js'; export default n", "b.js": "let = "}, {"b.js": "export default 1"})],
        ids=["syntax", "missing", "missing, importer mended", "export", "syntax of an import"],
    )  # fmt: skip
    def test_what_did_not_link_can_be_tried_again(self, broken: dict[str, str], mended: dict[str, str]) -> None:
        modules = dict(broken)
        ctx = Context(modules=modules)
        with pytest.raises(JSError):
            ctx.import_module("a.js")
        modules.update(mended)
        assert ctx.import_module("a.js")["default"] == 1

    def test_unknown_keyword(self) -> None:
        with pytest.raises(TypeError, match="big_ints"):
            context(a="").import_module("a.js", big_ints="number")  # type: ignore[call-arg]

    def test_errors_of_modules_can_be_pickled(self) -> None:
        import pickle

        error = failure(JSModuleNotFoundError, context(a="import './b.js'"), "a.js")
        again = pickle.loads(pickle.dumps(error))
        assert (again.specifier, again.referrer, str(again)) == ("./b.js", "a.js", str(error))

    def test_closed(self) -> None:
        ctx = context(a="export const n = 1")
        module = ctx.import_module("a.js")
        ctx.close()
        with pytest.raises(ClosedError):
            ctx.import_module("a.js")
        with pytest.raises(ClosedError):
            _ = module.n

    def test_handles_of_modules_are_released(self) -> None:
        ctx = context(a="export const n = 1")
        before = ctx.heap_statistics().handles
        for _ in range(50):
            ctx.import_module("a.js")
        assert ctx.heap_statistics().handles == before


def test_a_long_specifier_is_shown_in_part() -> None:
    with pytest.raises(JSModuleNotFoundError) as caught:
        Context(modules={}).import_module("m" * 100_000)
    assert len(str(caught.value)) < 2000
    assert caught.value.specifier == "m" * 100_000


def test_a_specifier_as_long_as_a_string_can_be() -> None:
    # V8 gave nothing for the sentence about it, and crashed over that.
    assert (
        run_child("""
        from pyv8bridge import Context
        ctx = Context()
        print(ctx.eval("import('x'.repeat(2 ** 29 - 30)).catch((e) => e.name + ': ' + e.message)").result())
        """)
        == "TypeError: this context has nobody who finds modules\n"
    )


class TestLimits:
    def test_a_timeout_in_evaluation_and_then_again(self) -> None:
        modules = {"a.js": "import './b.js'; export const n = 1", "b.js": "while (globalThis.stuck) {}"}
        ctx = Context(modules=modules)
        ctx.eval("var stuck = true")
        with pytest.raises(JSTimeoutError):
            ctx.import_module("a.js", timeout=0.1)
        ctx.eval("stuck = false")
        assert ctx.import_module("a.js").n == 1

    def test_a_stop_while_a_host_function_had_imported_who_imports_the_module(self) -> None:
        modules = {
            "a.js": "nest(); while (globalThis.stuck) {} export const n = 1",
            "b.js": "import { n } from './a.js'; export const read = () => n",
        }
        ctx = Context(modules=modules)
        ctx.expose("nest", lambda: ctx.import_module("b.js") and None)
        ctx.eval("var stuck = true")
        with pytest.raises(JSTimeoutError):
            ctx.import_module("a.js", timeout=0.1)
        ctx.eval("stuck = false")
        assert ctx.import_module("a.js").n == 1
        assert ctx.import_module("b.js").read() == 1

    def test_a_nested_import_that_is_stopped_leaves_what_is_being_evaluated(self) -> None:
        modules = {
            "a.js": "globalThis.turns = (globalThis.turns || 0) + 1; nest(); export const n = 1",
            "b.js": "import { n } from './a.js'; for (;;);",
        }
        ctx = Context(modules=modules)

        def nest() -> None:
            with pytest.raises(JSTimeoutError):
                ctx.import_module("b.js", timeout=0.1)

        ctx.expose("nest", nest)
        assert ctx.import_module("a.js").n == 1
        assert ctx.import_module("a.js").n == 1
        assert ctx.eval("turns") == 1

    def test_a_stop_behind_an_await_and_then_again(self) -> None:
        # V8 ended the process as the second import was told how the first had ended.
        assert (
            run_child("""
            from pyv8bridge import Context, JSTimeoutError

            modules = {
                "a.js": "import './b.js'; while (globalThis.stuck) {} export const n = 1",
                "b.js": "await 1",
                "c.js": "export { n } from './a.js'",
            }

            def stopped(work):
                try:
                    work()
                except JSTimeoutError:
                    print("stopped")

            for first in "a.js", "c.js":
                ctx = Context(modules=modules)
                ctx.eval("var stuck = true")
                stopped(lambda: ctx.import_module(first, timeout=0.1))
                ctx.eval("stuck = false")
                print(ctx.import_module("c.js").n, ctx.import_module("a.js").n)
            ctx = Context(modules=modules)
            ctx.eval("var stuck = true")
            stopped(lambda: ctx.eval("import('a.js').catch(() => {}); 0", timeout=0.1))
            ctx.eval("stuck = false")
            print(ctx.eval("import('c.js').then((c) => c.n, String)").result())
            """)
            == "stopped\n1 1\nstopped\n1 1\nstopped\n1\n"
        )

    def test_deadlines_wherever_they_land_among_modules_that_await(self) -> None:
        # V8 ended the process where a termination came between two of them.
        assert (
            run_child("""
            import random
            from pyv8bridge import Context, Isolate, JSTimeoutError

            parts = {f"k{i}": "await 1" for i in range(30)}
            modules = {"app": "".join(f"import '{name}';" for name in parts), **parts}
            isolate, random = Isolate(), random.Random(1)
            for _ in range(60):
                with Context(isolate, modules=modules) as ctx:
                    try:
                        ctx.import_module("app", timeout=random.uniform(0.0002, 0.01))
                    except JSTimeoutError:
                        pass
            print("alive")
            """)
            == "alive\n"
        )

    def test_a_module_whose_own_await_was_stopped_runs_again(self) -> None:
        ctx = Context(modules={"a.js": "await 1; while (globalThis.stuck) {} export const n = 1"})
        ctx.eval("var stuck = true")
        with pytest.raises(JSTimeoutError):
            ctx.import_module("a.js", timeout=0.1)
        ctx.eval("stuck = false")
        assert ctx.import_module("a.js").n == 1

    def test_a_nested_import_that_is_stopped_says_so_to_the_import_around_and_to_no_later_one(self) -> None:
        modules = {
            "a.js": "import './b.js'; import './c.js'; export const n = 1",
            "b.js": "nest()",
            "c.js": "while (globalThis.stuck) {}",
        }
        ctx = Context(modules=modules)

        def nest() -> None:
            with pytest.raises(JSTimeoutError):
                ctx.import_module("c.js", timeout=0.1)

        ctx.expose("nest", nest)
        ctx.eval("var stuck = true")
        with pytest.raises(JSError, match="a call was stopped while it evaluated"):
            ctx.import_module("a.js")
        ctx.eval("stuck = false")
        ctx.expose("nest", lambda: None)
        assert ctx.import_module("a.js").n == 1
        ctx.import_module("c.js")

    def test_a_module_that_throws_null_has_thrown_it_for_good(self) -> None:
        ctx = Context(modules={"a.js": "globalThis.runs = (globalThis.runs || 0) + 1; throw null"})
        for _ in range(2):
            with pytest.raises(JSError, match="null"):
                ctx.import_module("a.js")
        assert ctx.eval("runs") == 1

    def test_a_timeout_counts_the_resolver(self) -> None:
        def slow(specifier: str, referrer: str | None) -> str:
            time.sleep(0.3)
            return "export const n = 1"

        ctx = Context(modules=slow)
        with pytest.raises(JSTimeoutError):
            ctx.import_module("a.js", timeout=0.1)
        assert ctx.import_module("a.js").n == 1

    def test_the_contexts_default_timeout(self) -> None:
        with pytest.raises(JSTimeoutError):
            Context(modules={"a.js": "for (;;);"}, timeout=0.1).import_module("a.js")

    def test_a_timeout_in_import_of_a_script(self) -> None:
        ctx = context(a="for (;;);")
        with pytest.raises(JSTimeoutError):
            ctx.eval("import('a.js'); 0", timeout=0.1)
        assert ctx.eval("1 + 1") == 2

    def test_a_cpu_timeout(self) -> None:
        with pytest.raises(JSTimeoutError):
            context(a="for (;;);").import_module("a.js", cpu_timeout=0.1)

    def test_terminate(self) -> None:
        ctx = context(a="for (;;);")
        timer = threading.Timer(0.1, ctx.terminate)
        timer.start()
        with pytest.raises(JSCancelledError):
            ctx.import_module("a.js")
        timer.join()

    def test_terminate_while_the_resolver_runs(self) -> None:
        def resolver(specifier: str, referrer: str | None) -> str:
            ctx.terminate()
            return "export const n = 1"

        ctx = Context(modules=resolver)
        with pytest.raises(JSCancelledError):
            ctx.import_module("a.js")

    def test_what_a_stopped_call_was_to_import_is_forgotten(self) -> None:
        asked = []
        ctx = Context(modules=lambda specifier, _: asked.append(specifier))
        with pytest.raises(JSTimeoutError):
            ctx.eval("import('late'); for (;;);", timeout=0.1)
        ctx.eval("1")
        assert asked == []

    def test_the_memory_limit(self) -> None:
        ctx = Context(
            modules={"a.js": "const a = []; for (;;) a.push(new Array(1000).fill(1.5))"}, memory_limit=64 << 20
        )
        with pytest.raises(MemoryLimitError):
            ctx.import_module("a.js")
        assert ctx.eval("1 + 1") == 2

    def test_ctrl_c_in_evaluation(self) -> None:
        run_child("""
            import os, signal, threading
            from pyv8bridge import Context
            def resolver(specifier, referrer):
                threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
                return "for (;;);"
            ctx = Context(modules=resolver)
            try:
                ctx.import_module("a.js")
            except KeyboardInterrupt:
                print("interrupted")
            assert ctx.eval("1 + 1") == 2
        """)

    @pytest.mark.parametrize("how", ["ctx.import_module('a.js')", "ctx.eval(\"import('a.js'); 0\")"])
    def test_what_ends_a_program_ends_the_import(self, how: str) -> None:
        class Leave(BaseException):
            pass

        def resolver(specifier: str, referrer: str | None) -> str:
            raise Leave

        ctx = Context(modules=resolver)
        with pytest.raises(Leave):
            eval(how, {"ctx": ctx})
        assert ctx.eval("1 + 1") == 2

    def test_a_signal_handler_that_raises_in_the_resolver(self) -> None:
        class AlarmError(Exception):
            pass

        def ring(*_: Any) -> None:
            raise AlarmError

        def resolver(specifier: str, referrer: str | None) -> str:
            signal.raise_signal(signal.SIGUSR1)
            return ""

        before = signal.signal(signal.SIGUSR1, ring)
        try:
            with pytest.raises(AlarmError):
                Context(modules=resolver).import_module("a.js")
        finally:
            signal.signal(signal.SIGUSR1, before)

    def test_many_threads_import_at_once(self) -> None:
        ctx = Context(modules={f"{i}.js": f"export default {i}" for i in range(8)} | {"bad.js": "let = "})
        wrong: list[Any] = []

        def run(number: int) -> None:
            for i in range(100):
                try:
                    if ctx.import_module(f"{(i + number) % 8}.js")["default"] != (i + number) % 8:
                        wrong.append(number)
                    ctx.import_module("bad.js")
                    wrong.append("no error")
                except JSSyntaxError:
                    pass
                except BaseException as error:
                    wrong.append(error)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


def test_module_repr_and_type() -> None:
    module = context(a="export const u = undefined").import_module("a.js")
    assert isinstance(module, JSModule)
    assert module.u is undefined
    module.close()
    assert repr(module) == "<JSModule 'a.js' released>"


class TestWrongArguments:
    @pytest.mark.parametrize(
        ("options", "kind", "match"),
        [
            ({"modules": {5: "x"}}, TypeError, "named by str, not int"),
            ({"modules": {}, "import_map": 5}, TypeError, "an import map is a mapping, not int"),
            ({"modules": {}, "import_map": {"imports": ["a"]}}, TypeError, "maps names to addresses"),
            ({"modules": {}, "import_map": {"imports": {"a": 5}}}, TypeError, "maps names to addresses"),
            ({"modules": {}, "import_map": {"scopes": ["a"]}}, TypeError, "scopes"),
        ],
    )
    def test_of_a_context(self, options: dict[str, Any], kind: type[Exception], match: str) -> None:
        with pytest.raises(kind, match=match):
            Context(**options)

    def test_of_an_import(self) -> None:
        ctx = context(a="")
        for name, value in {"result": "handle", "transfer": True, "foo": 1}.items():
            with pytest.raises(TypeError, match=rf"'{name}' \(options here: code_cache, cpu_timeout, timeout\)"):
                ctx.import_module("a.js", **{name: value})  # type: ignore[arg-type]

    def test_a_resolver_cannot_be_async(self) -> None:
        async def find(specifier: str, referrer: str | None) -> str:
            return ""

        with pytest.raises(TypeError, match="a resolver cannot be async"):
            Context(modules=find).import_module("a")  # type: ignore[arg-type]

    def test_an_export_that_cannot_cross_is_named(self) -> None:
        error = failure(EncodeError, Context(modules={"app:x": {"thing": object()}}), "app:x")
        assert str(error).startswith("at $.thing: the exports of module 'app:x': an object has no")


class TestAdvice:
    def test_about_extensions(self, tmp_path: Path) -> None:
        (tmp_path / "shop.js").write_text("")
        (tmp_path / "lib").mkdir()
        (tmp_path / "lib" / "index.js").write_text("")
        for ctx in (Context(modules={"shop.js": "", "lib/index.js": ""}), Context(modules=tmp_path)):
            assert "extensions are not guessed, and 'shop.js' is there" in str(
                failure(JSModuleNotFoundError, ctx, "./shop")
            )
        assert "'lib/index.js' is there" in str(failure(JSModuleNotFoundError, context(**{"lib/index": ""}), "lib"))

    def test_about_bare_names_in_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "shop.js").write_text("")
        ctx = Context(modules=tmp_path)
        assert "relative names begin with './'" in str(failure(JSModuleNotFoundError, ctx, "shop.js"))
        assert "./" not in str(failure(JSModuleNotFoundError, ctx, "app:settings"))

    def test_about_a_file_that_is_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "a.js").write_bytes(b"// \xff")
        error = failure(JSSyntaxError, Context(modules=tmp_path), "./a.js")
        assert (error.filename, "no UTF-8" in error.message) == ((tmp_path / "a.js").as_uri(), True)

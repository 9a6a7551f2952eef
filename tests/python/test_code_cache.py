"""Code caches: they are used, never believed, and never in the way."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from children import run_child

from pyv8bridge import CodeCache, Context, JSError, JSSyntaxError

SCRIPT = "function add(a, b) { return a + b }\n" + "".join(
    f"function f{i}(n) {{ return [n, {i}, 'text {i}'] }}\n" for i in range(1000)
)
assert len(SCRIPT) > 32 * 1024


def run(code: str, cache: Any, filename: str = "big.js", expression: str = "add(2, 3)") -> Any:
    """What the script gives in a context of its own."""
    with Context(code_cache=cache) as ctx:
        return ctx.eval(code + expression, filename)


class TestScripts:
    def test_the_second_run_starts_from_the_first(self) -> None:
        cache = CodeCache({})
        assert [run(SCRIPT, cache) for _ in range(3)] == [5, 5, 5]
        assert (cache.hits, cache.misses, cache.rejected) == (2, 1, 0)

    def test_short_scripts_have_no_entry(self) -> None:
        store: dict[str, bytes] = {}
        assert run("1;", store, expression="1 + 1") == 2
        assert store == {}
        cache = CodeCache(store, min_size=1)
        assert [run("1;", cache, expression="1 + 1") for _ in range(2)] == [2, 2]
        assert (cache.hits, len(store)) == (1, 1)

    def test_functions_that_ran_are_in_it(self) -> None:
        idle: dict[str, bytes] = {}
        busy: dict[str, bytes] = {}
        assert run(SCRIPT, idle) == run(
            SCRIPT, busy, expression="for (let i = 0; i < 1000; i++) globalThis['f' + i](i); add(2, 3)"
        )
        (one,), (other,) = idle.values(), busy.values()
        assert len(other) > len(one) * 1.5

    def test_for_one_run_only(self) -> None:
        store: dict[str, bytes] = {}
        with Context() as ctx:
            ctx.eval(SCRIPT, code_cache=store)
            assert len(store) == 1
            ctx.eval(SCRIPT + "1")
            assert len(store) == 1
        with Context(code_cache=store) as ctx:
            ctx.eval(SCRIPT + "2", code_cache=None)
            assert len(store) == 1

    def test_other_sources_of_the_same_length_differ(self) -> None:
        cache = CodeCache({})
        assert run(SCRIPT, cache, expression="add(2, 3)") == 5
        assert run(SCRIPT, cache, expression="add(2, 4)") == 6
        assert cache.misses == 2

    def test_errors_name_the_file_of_this_run(self) -> None:
        cache = CodeCache({})
        for filename in ("one.js", "two.js", "one.js"):
            with pytest.raises(JSError) as caught:
                run(SCRIPT, cache, filename, "\nnull.x")
            assert (caught.value.filename, caught.value.line) == (filename, 1003)
        # What throws has no entry.
        assert cache.hits == 0
        with Context(code_cache=cache) as ctx:
            ctx.eval(SCRIPT + "function bad() { null.x }", "three.js")
        with Context(code_cache=cache) as ctx:
            ctx.eval(SCRIPT + "function bad() { null.x }", "three.js")
            assert cache.hits == 1
            with pytest.raises(JSError) as caught:
                ctx.call("bad")
            assert (caught.value.filename, caught.value.line) == ("three.js", 1002)
            assert caught.value.source_line == "function bad() { null.x }"

    def test_a_script_that_does_not_compile(self) -> None:
        store: dict[str, bytes] = {}
        with pytest.raises(JSSyntaxError):
            run(SCRIPT, store, expression="let = =")
        assert store == {}

    def test_wide_characters(self) -> None:
        cache = CodeCache({})
        assert [run(SCRIPT + "// \u4e2d\U0001f600\n", cache, expression="'\u4e2d'") for _ in range(2)] == ["\u4e2d"] * 2
        assert cache.hits == 1

    def test_ref_and_lines(self) -> None:
        cache = CodeCache({}, min_size=1)
        for _ in range(2):
            with Context(code_cache=cache) as ctx:
                assert ctx.ref("{ a: 1 }").value() == {"a": 1}
        assert cache.hits == 1


class TestDistrust:
    def damaged(self, entry: bytes) -> Iterator[bytes]:
        yield b""
        yield entry[:5]
        yield entry[:40]
        yield entry[:-1]
        yield entry + b"\0"
        for at in (0, 9, 45, 60, 100, len(entry) // 2, len(entry) - 1):
            yield entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :]
        yield b"\xff" * len(entry)

    def test_damaged_entries_are_ignored_and_written_anew(self) -> None:
        store: dict[str, bytes] = {}
        run(SCRIPT, store)
        ((key, entry),) = store.items()
        for count, bad in enumerate(self.damaged(entry), 1):
            store[key] = bad
            cache = CodeCache(store)
            assert run(SCRIPT, cache) == 5, count
            assert (cache.hits, cache.rejected) == (0, 1), count
            assert run(SCRIPT, cache) == 5
            assert cache.hits == 1, count

    def test_an_entry_under_another_ones_name(self) -> None:
        store: dict[str, bytes] = {}
        run(SCRIPT, store, expression="add(2, 3)")
        (entry,) = store.values()
        store.clear()
        run(SCRIPT, store, expression="add(2, 4)")
        (key,) = store
        store[key] = entry
        cache = CodeCache(store)
        assert run(SCRIPT, cache, expression="add(2, 4)") == 6
        assert (cache.hits, cache.rejected) == (0, 1)

    def test_what_v8_refuses_is_written_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        store: dict[str, bytes] = {}
        run(SCRIPT, store)
        key = next(iter(store))
        cache = CodeCache(store)
        cache.store(key, b"\1" * 1000)  # whole, and no code
        assert run(SCRIPT, cache) == 5
        assert (cache.hits, cache.rejected) == (0, 1)
        assert run(SCRIPT, cache) == 5
        assert cache.hits == 1

    def test_another_v8_has_other_entries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cache = CodeCache({})
        ours = cache.key("script", SCRIPT, "a.js", 0)
        monkeypatch.setattr("pyv8bridge._native.code_cache_tag", lambda: 7)
        assert CodeCache({}).key("script", SCRIPT, "a.js", 0) != ours
        assert cache.key("module", SCRIPT, "a.js", 0) != ours
        assert cache.key("script", SCRIPT, "a.js", 1) != ours
        assert cache.key("script", SCRIPT, "b.js", 0) != ours


class TestFolder:
    def test_entries_are_files(self, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "cache"
        assert [run(SCRIPT, folder), run(SCRIPT, str(folder))] == [5, 5]
        (entry,) = folder.iterdir()
        assert entry.suffix == ".v8code"
        assert folder.stat().st_mode & 0o777 == 0o700
        cache = CodeCache(folder)
        run(SCRIPT, cache)
        assert cache.hits == 1

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert run(SCRIPT, tmp_path / "file" / "below") == 5

    def test_an_entry_that_cannot_be_read(self, tmp_path: Path) -> None:
        run(SCRIPT, tmp_path)
        (entry,) = tmp_path.iterdir()
        entry.unlink()
        entry.mkdir()
        assert run(SCRIPT, tmp_path) == 5
        assert os.listdir(tmp_path) == [entry.name]

    def test_many_writers_and_readers(self, tmp_path: Path) -> None:
        wrong: list[Any] = []

        def work(number: int) -> None:
            for i in range(6):
                cache = CodeCache(tmp_path)
                code = SCRIPT + f"// {(number + i) % 2}\n"
                if run(code, cache) != 5 or cache.rejected:
                    wrong.append((number, i, cache))
                if i == 3:
                    for path in tmp_path.glob("*.v8code"):
                        path.unlink(missing_ok=True)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert not list(tmp_path.glob("*.new"))

    def test_the_next_process_starts_from_it(self, tmp_path: Path) -> None:
        run(SCRIPT, tmp_path)
        (tmp_path / "script.js").write_text(SCRIPT + "add(2, 3)")
        child = f"""
            from pathlib import Path
            from pyv8bridge import CodeCache, Context
            cache = CodeCache({str(tmp_path)!r})
            code = Path({str(tmp_path)!r}, "script.js").read_text()
            print(Context(code_cache=cache).eval(code, "big.js"), cache.hits)
        """
        assert run_child(child) == "5 1\n"


class TestModules:
    def imported(self, cache: CodeCache, **modules: str) -> Any:
        with Context(modules={f"{name}.js": text for name, text in modules.items()}, code_cache=cache) as ctx:
            return ctx.import_module("a.js")["default"]

    def test_modules_start_from_it(self) -> None:
        cache = CodeCache({})
        source = SCRIPT + "export default add(import.meta.url.length, 1)"
        for _ in range(3):
            assert self.imported(cache, a=source) == 5
        assert (cache.hits, cache.misses) == (2, 1)

    def test_all_modules_of_a_graph(self) -> None:
        cache = CodeCache({})
        modules = {
            "a": SCRIPT + "import n from './b.js'; export default n + add(1, 1)",
            "b": SCRIPT + "export default add(2, 1)",
        }
        assert [self.imported(cache, **modules) for _ in range(2)] == [5, 5]
        assert (cache.hits, cache.misses) == (2, 2)

    def test_a_script_is_no_module(self) -> None:
        cache = CodeCache({})
        assert self.imported(cache, a=SCRIPT + "export default 1") == 1
        with pytest.raises(JSSyntaxError):
            run(SCRIPT, cache, "a.js", "export default 1")

    def test_given_to_one_import(self) -> None:
        store: dict[str, bytes] = {}
        ctx = Context(modules={"a.js": SCRIPT, "b.js": SCRIPT})
        ctx.import_module("a.js", code_cache=store)
        ctx.import_module("b.js")
        assert len(store) == 1

    def test_what_throws_has_no_entry(self) -> None:
        store: dict[str, bytes] = {}
        with pytest.raises(JSError):
            self.imported(CodeCache(store), a=SCRIPT + "throw 1")
        assert store == {}


def test_what_is_no_store() -> None:
    with pytest.raises(TypeError, match="folder or a mutable mapping"):
        Context(code_cache=3)  # type: ignore[arg-type]


def test_any_mutable_mapping_will_do() -> None:
    class Store(MutableMapping[str, bytes]):
        def __init__(self) -> None:
            self.entries: dict[str, bytearray] = {}

        def __getitem__(self, key: str) -> bytes:
            return self.entries[key]  # type: ignore[return-value]

        def __setitem__(self, key: str, value: bytes) -> None:
            self.entries[key] = bytearray(value)

        def __delitem__(self, key: str) -> None:
            del self.entries[key]

        def __iter__(self) -> Iterator[str]:
            return iter(self.entries)

        def __len__(self) -> int:
            return len(self.entries)

    cache = CodeCache(Store())
    assert [run(SCRIPT, cache) for _ in range(2)] == [5, 5]
    assert cache.hits == 1


def test_wrong_arguments(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="a code cache is in a folder"):
        CodeCache(tmp_path / "file")
    for wrong in (-1, "1", True, None):
        with pytest.raises(ValueError, match="min_size is a number of characters"):
            CodeCache({}, min_size=wrong)  # type: ignore[arg-type]

"""`python -m pyv8bridge`: data through a function of a script, from the command line."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pyv8bridge import JSMap, undefined
from pyv8bridge.cli import main
from pyv8bridge.decode import decode
from pyv8bridge.encode import encode

SCRIPT = """\
const rules = { minimum: 2, pick(rows, extra = 0) { return rows.filter((row) => row.n >= this.minimum + extra) } };
function id(x) { return x }
function shapes() { return new Map([[1, { when: new Date(0), big: 10n }]]) }
function fail(x) {
\tthrow new RangeError("no " + x);
}
function nothing() {}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.js").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "rows.json").write_text('[{"n": 1}, {"n": 2}, {"n": 9007199254740993}]', encoding="utf-8")
    return tmp_path


def run(capfdbinary: Any, *arguments: str) -> tuple[int, bytes, str]:
    code = main(arguments)
    out, err = capfdbinary.readouterr()
    return code, out, err.decode()


class TestCall:
    def test_json_in_json_out(self, folder: Path, capfdbinary: Any) -> None:
        code, out, err = run(capfdbinary, "call", "s.js", "rules.pick", "--data", "rows.json")
        assert (code, err) == (0, "")
        assert json.loads(out) == [{"n": 2}, {"n": 9007199254740993}]

    def test_arguments_in_their_order(self, folder: Path, capfdbinary: Any) -> None:
        _, out, _ = run(capfdbinary, "call", "s.js", "rules.pick", "-d", "rows.json", "--arg", "1")
        assert json.loads(out) == [{"n": 9007199254740993}]
        _, out, _ = run(capfdbinary, "call", "s.js", "Array.of", "-a", "1", "-d", "rows.json", "-a", '"x"')
        assert [type(item) for item in json.loads(out)] == [int, list, str]

    def test_messagepack_in_and_out(self, folder: Path, capfdbinary: Any) -> None:
        value = [{"n": 5, "bytes": b"\x01"}, JSMap({1: undefined})]
        (folder / "data.msgpack").write_bytes(encode(value))
        code, out, _ = run(capfdbinary, "call", "s.js", "id", "-d", "data.msgpack", "-o", "msgpack")
        assert code == 0
        assert decode(out) == value
        (folder / "data.bin").write_bytes(encode(value))
        _, out, _ = run(capfdbinary, "call", "s.js", "id", "-d", "data.bin", "--input", "msgpack", "-o", "msgpack")
        assert decode(out) == value

    def test_what_json_cannot_say_is_shown_as_a_tree(self, folder: Path, capfdbinary: Any) -> None:
        code, out, _ = run(capfdbinary, "call", "s.js", "shapes")
        assert code == 0
        assert out.decode().splitlines() == [
            "Map, 1 entry",
            "└─ number 1 ⇒ Object, 2 properties",
            "   ├─ when: Date 1970-01-01T00:00:00+00:00",
            "   └─ big: bigint 10",
        ]

    def test_json_of_it_when_asked_for(self, folder: Path, capfdbinary: Any) -> None:
        code, out, _ = run(capfdbinary, "call", "s.js", "shapes", "-o", "json")
        assert code == 0
        assert json.loads(out) == {"1": {"when": "1970-01-01T00:00:00Z", "big": 10}}

    def test_undefined_prints_nothing(self, folder: Path, capfdbinary: Any) -> None:
        assert run(capfdbinary, "call", "s.js", "nothing") == (0, b"", "")
        assert run(capfdbinary, "call", "s.js", "nothing", "-o", "tree")[1] == b"undefined\n"

    def test_lone_surrogates_are_escaped(self, folder: Path, capfdbinary: Any) -> None:
        code, out, _ = run(capfdbinary, "eval", r"'a\ud800é'")
        assert (code, out.decode()) == (0, '"a\\ud800é"\n')
        assert json.loads(out) == "a\ud800é"

    def test_time_goes_to_stderr(self, folder: Path, capfdbinary: Any) -> None:
        code, out, err = run(capfdbinary, "call", "s.js", "id", "-d", "rows.json", "--time")
        assert code == 0
        assert json.loads(out)
        for hop in ("encode", "message → wire", "deserialize", "execute", "serialize", "wire → message", "decode"):
            assert hop in err


class TestEval:
    def test_code_and_file(self, folder: Path, capfdbinary: Any) -> None:
        assert run(capfdbinary, "eval", "[1, 2].map((n) => n * 2)")[1] == b"[\n  2,\n  4\n]\n"
        (folder / "e.js").write_text("({ a: 10n ** 20n })", encoding="utf-8")
        assert json.loads(run(capfdbinary, "eval", "-f", "e.js")[1]) == {"a": 10**20}

    def test_nan_is_no_json(self, folder: Path, capfdbinary: Any) -> None:
        assert run(capfdbinary, "eval", "NaN")[1] == b"number nan\n"
        code, out, err = run(capfdbinary, "eval", "NaN", "-o", "json")
        assert (code, out) == (3, b"")
        assert "--output tree" in err

    def test_a_function_is_no_json(self, folder: Path, capfdbinary: Any) -> None:
        code, out, err = run(capfdbinary, "eval", "() => 1", "-o", "json")
        assert (code, out) == (3, b"")
        assert "stays in JavaScript" in err

    def test_wants_one_of_both(self, folder: Path, capfdbinary: Any) -> None:
        assert run(capfdbinary, "eval")[0] == 2
        assert run(capfdbinary, "eval", "1", "-f", "s.js")[0] == 2


class TestErrors:
    def test_a_javascript_error_reads_like_a_compilers(self, folder: Path, capfdbinary: Any) -> None:
        code, out, err = run(capfdbinary, "call", "s.js", "fail", "-a", "7")
        assert (code, out) == (1, b"")
        assert err.splitlines()[:3] == [
            "s.js:5:2: RangeError: no 7",
            ' 5 | \tthrow new RangeError("no " + x);',
            "   | \t^",
        ]
        assert "    at fail (s.js:5:8)" in err.splitlines()

    def test_a_syntax_error(self, folder: Path, capfdbinary: Any) -> None:
        (folder / "bad.js").write_text("let a = 1;\nlet b = ;\n", encoding="utf-8")
        code, _, err = run(capfdbinary, "call", "bad.js", "f")
        assert code == 1
        assert err.splitlines() == ["bad.js:2:9: SyntaxError: Unexpected token ';'", " 2 | let b = ;", "   |         ^"]

    @pytest.mark.parametrize(
        ("arguments", "expected", "message"),
        [
            (("call", "s.js", "missing"), 2, "missing"),
            (("call", "nowhere.js", "f"), 2, "nowhere.js: No such file"),
            (("call", "s.js", "id", "-d", "nowhere.json"), 2, "nowhere.json: No such file"),
            (("call", "s.js", "id", "-d", "s.js"), 3, "s.js:1:1: not valid JSON"),
            (("call", "s.js", "id", "-a", "{1}"), 3, "--arg:1:2: not valid JSON"),
            (("call", "s.js", "id", "-d", "rows.json", "-i", "msgpack"), 3, "rows.json: not a valid message"),
            (("call", "s.js", "id", "-d", "-", "-d", "-"), 2, "stdin (-) can be read only once"),
            (("call", "s.js", ""), 2, "'' is no path"),
            (("call", "s.js", "rules..pick"), 2, "'rules..pick' is no path"),
            (("eval", "({ a: () => 1 })"), 3, "$.a"),
        ],
    )
    def test_others(
        self, folder: Path, capfdbinary: Any, arguments: tuple[str, ...], expected: int, message: str
    ) -> None:
        code, out, err = run(capfdbinary, *arguments)
        assert (code, out) == (expected, b"")
        assert message in err
        assert "Traceback" not in err

    def test_wrong_usage(self, capfd: pytest.CaptureFixture[str]) -> None:
        for arguments in ([], ["call", "s.js"], ["run"], ["eval", "1", "-o", "xml"]):
            with pytest.raises(SystemExit) as caught:
                main(arguments)
            assert caught.value.code == 2
        assert "exit codes" not in capfd.readouterr().err

    def test_help_and_version(self, capfd: pytest.CaptureFixture[str]) -> None:
        for arguments in (["--help"], ["call", "--help"], ["--version"]):
            with pytest.raises(SystemExit) as caught:
                main(arguments)
            assert caught.value.code == 0
        out = capfd.readouterr().out
        assert "exit codes:" in out
        assert "with V8 " in out


class TestAsAProcess:
    COMMAND = (sys.executable, "-m", "pyv8bridge")

    def test_stdin(self, folder: Path) -> None:
        child = subprocess.run(
            [*self.COMMAND, "call", "s.js", "rules.pick", "-d", "-"],
            input=b'[{"n": 3}]', capture_output=True, timeout=60, check=True,
        )  # fmt: skip
        assert json.loads(child.stdout) == [{"n": 3}]
        assert child.stderr == b""

    def test_ctrl_c_ends_it_at_once_and_quietly(self, folder: Path) -> None:
        child = subprocess.Popen([*self.COMMAND, "eval", "while (true);"], stdout=-1, stderr=-1)
        try:
            time.sleep(0.7)
            assert child.poll() is None
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=10)
        finally:
            child.kill()
        assert (child.returncode, out, err) == (-signal.SIGINT, b"", b"")

    def test_a_closed_pipe_is_quiet(self, folder: Path) -> None:
        child = subprocess.Popen([*self.COMMAND, "eval", "new Array(1e6).fill('text')"], stdout=-1, stderr=-1)
        assert child.stdout is not None
        assert child.stderr is not None
        with child.stdout, child.stderr:
            child.stdout.read(10)
            child.stdout.close()
            assert child.wait(30) == -signal.SIGPIPE
            assert child.stderr.read() == b""

    def test_a_locale_that_is_not_utf8(self, folder: Path) -> None:
        environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        (folder / "u.js").write_text("function f\u00e9(x) { return ['\u00fc', x] }", encoding="utf-8")
        for arguments in (["eval", "['ü', '😀']"], ["call", "u.js", "fé", "-a", '"😀"']):
            done = subprocess.run(
                [sys.executable, "-m", "pyv8bridge", *arguments], env=environment, capture_output=True, check=False
            )
            assert (json.loads(done.stdout), done.stderr) == (["ü", "😀"], b"")
        done = subprocess.run(
            [sys.executable.encode(), b"-m", b"pyv8bridge", b"eval", b"'\xff'"],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"CODE is not valid UTF-8" in done.stderr

    def test_a_file_name_that_is_no_utf8(self, folder: Path) -> None:
        (folder / os.fsdecode(b"a\xff.js")).write_text("throw new Error('no')", encoding="utf-8")
        child = subprocess.run(
            [*self.COMMAND, "eval", "-f", b"a\xff.js"], capture_output=True, text=True, timeout=60, check=False
        )
        assert child.returncode == 1
        assert child.stderr.startswith("a\\udcff.js:1:1: Error: no\n")

    @pytest.mark.parametrize(
        ("redirection", "message"),
        [
            (">/dev/full", "stdout: No space left on device"),
            (">&-", "stdout is closed"),
            ("-f - <&-", "stdin is closed"),
        ],
    )
    def test_streams_that_do_not_work(self, folder: Path, redirection: str, message: str) -> None:
        code = "" if "-f" in redirection else "1"
        child = subprocess.run(
            f"{shlex.join(self.COMMAND)} eval {code} {redirection}",
            shell=True, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (child.returncode, child.stderr) == (2, f"pyv8bridge: {message}\n")

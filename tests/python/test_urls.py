"""URL and URLSearchParams, row by row of the URL Standard."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pyv8bridge import Context, JSError, JSTimeoutError


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context(globals=["url"]) as context:
        yield context


def test_urls(ctx: Context) -> None:
    assert ctx.eval(
        "const u = new URL('../x?a=1#h', 'https://user:pw@ex.com:8080/b/c');"
        "[u.href, u.origin, u.host, u.hostname, u.port, u.pathname, u.search, u.hash, u.username, `${u}`,"
        "JSON.stringify(u)]"
    ) == [
        "https://user:pw@ex.com:8080/x?a=1#h",
        "https://ex.com:8080",
        "ex.com:8080",
        "ex.com",
        "8080",
        "/x",
        "?a=1",
        "#h",
        "user",
        "https://user:pw@ex.com:8080/x?a=1#h",
        '"https://user:pw@ex.com:8080/x?a=1#h"',
    ]
    with pytest.raises(JSError) as caught:
        ctx.eval("new URL('nowhere')")
    assert caught.value.name == "TypeError"
    assert ctx.eval("[URL.canParse('a:b'), URL.canParse('b'), URL.parse('b')]") == [True, False, None]


def test_url_setters_and_its_parameters(ctx: Context) -> None:
    assert ctx.eval(
        "const v = new URL('http://a/'); v.pathname = '/p q'; v.port = 'x'; v.searchParams.append('k', 'a b&');"
        "const first = v.href; v.search = '?n=2'; [first, v.searchParams.get('n'), v.href]"
    ) == ["http://a/p%20q?k=a+b%26", "2", "http://a/p%20q?n=2"]


def test_url_arguments_are_strings_of_unicode_scalars(ctx: Context) -> None:
    assert ctx.eval("new URL('http://a/?\\ud83d').href") == "http://a/?%EF%BF%BD"
    for bad in ("new URL()", "new URL(Symbol())", "new URL('x', null)", "URL.canParse()", "URL('http://a')"):
        with pytest.raises(JSError) as caught:
            ctx.eval(bad)
        assert caught.value.name == "TypeError", bad


@pytest.mark.parametrize(
    ("url", "base", "href"),
    [
        ("../c", "http://a/b/d", "http://a/c"),
        ("?q", "http://a/b?x#y", "http://a/b?q"),
        ("#f", "http://a/b?x#y", "http://a/b?x#f"),
        ("//h/p", "https://a/b", "https://h/p"),
        ("", "http://a/b?c#d", "http://a/b?c"),
        ("C|/x", "file:///a/b", "file:///C:/x"),
        ("/p", "mailto:x@y", None),
        ("  HTTP://EXAMPLE.com:80\\b/./../c ", None, "http://example.com/c"),
        ("http://1.2.3/", None, "http://1.2.0.3/"),
        ("http://[::0001]/", None, "http://[::1]/"),
        ("https://faß.de/", None, "https://xn--fa-hia.de/"),
        ("http://a.com:99999/", None, None),
        ("http://a b/", None, None),
        ("urn:isbn:1", None, "urn:isbn:1"),
    ],
)
def test_url_parsing(ctx: Context, url: str, base: str | None, href: str | None) -> None:
    parse = ctx.eval("(url, base) => URL.parse(url, base ?? undefined)?.href ?? null")
    assert parse(url, base) == href


def test_url_setters_that_make_no_url_change_nothing(ctx: Context) -> None:
    assert ctx.eval(
        "const w = new URL('http://a.com/p'); w.protocol = 'foo'; w.host = ''; w.hostname = 'c d'; w.port = '80x';"
        "w.pathname = 'a b/?#'; w.username = 'u s'; w.hash = 'h h';"
        "const m = new URL('mailto:a@b'); m.host = 'x'; m.port = '3'; [w.href, m.href]"
    ) == ["http://u%20s@a.com/a%20b/%3F%23#h%20h", "mailto:a@b"]
    with pytest.raises(JSError) as caught:
        ctx.eval("w.href = 'nope'")
    assert caught.value.name == "TypeError"
    assert ctx.eval("w.hostname") == "a.com"


def test_url_parameters_and_query_follow_each_other(ctx: Context) -> None:
    assert ctx.eval(
        "{ const u = new URL('http://h/p?a=~b\\'c d#f'); const p = u.searchParams; const before = [u.search, "
        "p.get('a')];"
        "p.set('x', 'y'); const set = u.href; u.search = ''; const cleared = [p.size, u.href]; p.append('k', '1');"
        "p.delete('k'); [before, set, cleared, u.href, u.searchParams === p] }"
    ) == [["?a=~b%27c%20d", "~b'c d"], "http://h/p?a=%7Eb%27c+d&x=y#f", [0, "http://h/p#f"], "http://h/p#f", True]


def test_form_decoding_is_by_bytes(ctx: Context) -> None:
    pairs = ctx.eval("(text) => [...new URLSearchParams(text)]")
    assert pairs("a=b+c%20d&&e&=f&g=%zz") == [["a", "b c d"], ["e", ""], ["", "f"], ["g", "%zz"]]
    assert pairs("x=%c3%28&y=%ff%fea&z=%F0%9F%98%80") == [["x", "\ufffd("], ["y", "\ufffd\ufffda"], ["z", "\U0001f600"]]
    assert pairs("??a=1&\ud800=b") == [["?a", "1"], ["\ufffd", "b"]]


def test_iteration_of_parameters_is_live(ctx: Context) -> None:
    assert ctx.eval(
        "{ const p = new URLSearchParams('a=1&b=2&c=3'); const seen = []; for (const [k] of p) { seen.push(k); "
        "p.delete(k) }"
        "const later = new URLSearchParams('a=1'); const entries = later.entries(); later.append('b', '2');"
        "[seen, String(p), [...entries], String(entries), [...later.keys()], [...later.values()]] }"
    ) == [["a", "c"], "b=2", [["a", "1"], ["b", "2"]], "[object URLSearchParams Iterator]", ["a", "b"], ["1", "2"]]
    assert ctx.eval(
        "{ const p = new URLSearchParams('a=1&b=2'); const seen = []; p.forEach(function (v, k, all) {"
        "seen.push(v, k, all === p, this.t); p.delete('b') }, { t: 5 }); seen }"
    ) == ["1", "a", True, 5]


def test_arguments_of_parameters(ctx: Context) -> None:
    make = ctx.eval("(init) => String(new URLSearchParams(init))")
    assert make({"a": 1, "b": None}) == "a=1&b=null"
    assert make([["a", "b c"], ["d", "é~!*-._'()"]]) == "a=b+c&d=%C3%A9%7E%21*-._%27%28%29"
    assert ctx.eval("String(new URLSearchParams(new URLSearchParams('x=1')))") == "x=1"
    assert ctx.eval("String(new URLSearchParams(new Map([['k', 'v']])))") == "k=v"
    for bad in ("[['a']]", "[['a', 'b', 'c']]", "[1]", "['ab']", "Symbol()"):
        with pytest.raises(JSError) as caught:
            ctx.eval(f"new URLSearchParams({bad})")
        assert caught.value.name == "TypeError", bad
    for bad in ("append('a')", "get()", "set('a')", "has()", "delete()", "getAll()", "forEach(1)"):
        with pytest.raises(JSError) as caught:
            ctx.eval(f"new URLSearchParams().{bad}")
        assert caught.value.name == "TypeError", bad
    assert ctx.eval(
        "{ const p = new URLSearchParams('b=1&a=2&b=0&\\ud83d\\ude00=x&\\ufffd=y'); p.sort(); const sorted = String(p);"
        "p.set('b', '9'); [sorted, String(p)] }"
    ) == ["a=2&b=1&b=0&%F0%9F%98%80=x&%EF%BF%BD=y", "a=2&b=9&%F0%9F%98%80=x&%EF%BF%BD=y"]


def test_url_search_params(ctx: Context) -> None:
    assert ctx.eval(
        "const p = new URLSearchParams('?a=1&b=%C3%A9+x&a=2&bad=%FF'); p.set('b', 'z'); p.delete('bad');"
        "[[...p], p.getAll('a'), p.has('a', '2'), p.size, p.get('none'),"
        "String(new URLSearchParams({x: '1 2', y: \"'()~*\"}))]"
    ) == [[["a", "1"], ["b", "z"], ["a", "2"]], ["1", "2"], True, 3, None, "x=1+2&y=%27%28%29%7E*"]


def test_many_parameters_end_with_the_deadline_and_are_all_there(ctx: Context) -> None:
    # Python made all pairs in one go: a hundred bytes and some microseconds for each.
    start = time.monotonic()
    with pytest.raises(JSTimeoutError):
        ctx.eval("new URLSearchParams('a=b&'.repeat(5_000_000))", timeout=0.1)
    assert time.monotonic() - start < 3
    assert (
        ctx.eval("[...new URLSearchParams('a=%C3%A9&'.repeat(10_000) + 'b')].join('|')") == "a,\u00e9|" * 10_000 + "b,"
    )

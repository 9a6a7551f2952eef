"""TextEncoder and TextDecoder, row by row of the Encoding Standard."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from pyv8bridge import Context, JSError, JSTimeoutError, text_encodings


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context(globals=["encoding"]) as context:
        yield context


def test_text_encoder(ctx: Context) -> None:
    assert ctx.eval("new TextEncoder().encode('hé😀\\ud800')") == "hé😀\ufffd".encode()
    assert ctx.eval("const to = new Uint8Array(4); [new TextEncoder().encodeInto('aé😀', to), to]") == [
        {"read": 2, "written": 3},
        "aé\0".encode(),
    ]


def test_text_decoder(ctx: Context) -> None:
    decode = ctx.eval("(bytes, label, options) => new TextDecoder(label, options).decode(bytes)")
    assert decode("\ufeffhé".encode(), "UTF-8", {}) == "hé"
    assert decode("\ufeffh".encode(), "utf8", {"ignoreBOM": True}) == "\ufeffh"
    assert decode(b"a\xffb", "utf-8", {}) == "a\ufffdb"
    assert decode("hé".encode("utf-16-le"), "utf-16", {}) == "hé"
    assert decode(b"\x80", "latin1", {}) == "€"
    with pytest.raises(JSError) as caught:
        decode(b"\xff", "utf-8", {"fatal": True})
    assert caught.value.name == "TypeError"
    with pytest.raises(JSError) as caught:
        decode(b"", "klingon", {})
    assert caught.value.name == "RangeError"
    assert ctx.eval(
        "{ const d = new TextDecoder(); [d.encoding, d.decode(new Uint8Array([0xe2, 0x82]), {stream: true}),"
        "d.decode(new Uint8Array([0xac]).buffer), d.decode()] }"
    ) == ["utf-8", "", "€", ""]


def test_labels_of_the_standard(ctx: Context) -> None:
    name = ctx.eval("(label) => new TextDecoder(label).encoding")
    labels = {
        "l5": "windows-1254", "iso-8859-9": "windows-1254", "ISO_8859-1:1987": "windows-1252", "ms_kanji": "shift_jis",
        "chinese": "gbk", "big5-hkscs": "big5", "korean": "euc-kr", "mac": "macintosh", "tis-620": "windows-874",
        "logical": "iso-8859-8-i", "unicode": "utf-16le", "\t\n\f\r utf8 ": "utf-8",
    }  # fmt: skip
    assert {label: name(label) for label in labels} == labels
    for unknown in ("utf-7", "\u00a0utf-8", "utf\u20118", ""):
        with pytest.raises(JSError) as caught:
            name(unknown)
        assert caught.value.name == "RangeError"


def test_every_label_has_a_codec() -> None:
    for label, (name, _) in text_encodings._ENCODINGS.items():
        decode = text_encodings.make_decoder(label, fatal=True, keep_bom=False)
        assert decode is not None
        assert (decode("name", False, True), decode(b"", False, True)) == (name, "")
        if not name.startswith("utf-16"):
            assert decode(b"Az09", False, True) == "Az09"


def test_bytes_without_a_code(ctx: Context) -> None:
    decode = ctx.eval("(bytes, label, fatal) => new TextDecoder(label, { fatal }).decode(bytes)")
    # C1 controls where the standard has them, U+FFFD elsewhere.
    assert decode(b"\x80\x81\x9d", "windows-1252", True) == "\u20ac\x81\x9d"
    assert decode(b"\x81\xaa", "windows-1253", False) == "\x81\ufffd"
    with pytest.raises(JSError) as caught:
        decode(b"\x81\xaa", "windows-1253", True)
    assert caught.value.name == "TypeError"
    assert decode(b"\xed\xa0\x80|\xf0\x9f\x98", "utf-8", False) == "\ufffd\ufffd\ufffd|\ufffd"
    assert decode(b"\x3d\xd8A\0", "utf-16le", False) == "\ufffdA"


def test_streams(ctx: Context) -> None:
    assert ctx.eval(
        "{ const d = new TextDecoder(); const b = (...bytes) => new Uint8Array(bytes);"
        "[d.decode(b(0xef), { stream: true }), d.decode(b(0xbb), { stream: true }), d.decode(b(0xbf, 65), "
        "{ stream: true }),"
        "d.decode(b(0xe2, 0x82), { stream: true }), d.decode(), d.decode(b(0xef, 0xbb, 0xbf, 66))] }"
    ) == ["", "", "A", "", "\ufffd", "B"]
    assert ctx.eval(
        "{ const d = new TextDecoder('utf-8', { fatal: true }); let name;"
        "d.decode(new Uint8Array([0xe2]), { stream: true }); try { d.decode() } catch (e) { name = e.name }"
        "[name, d.decode(new Uint8Array([67]))] }"
    ) == ["TypeError", "C"]


def test_arguments_of_encoders_and_decoders(ctx: Context) -> None:
    assert ctx.eval(
        "[new TextDecoder('utf-8', null).fatal, new TextDecoder().decode(undefined, null),"
        "new TextDecoder().decode(new Uint8Array(new SharedArrayBuffer(2)).fill(65)),"
        "new TextDecoder().decode(new DataView(new Uint8Array([65, 66, 67]).buffer, 1, 1)),"
        "`${new TextDecoder()}`, `${new TextEncoder()}`, Object.keys(TextDecoder.prototype),"
        "new TextEncoder().encodeInto('\\ud83dab', new Uint8Array(4)),"
        "new TextEncoder().encodeInto('\\ud83d\\ude00', new Uint8Array(3))]"
    ) == [
        False, "", "AA", "B", "[object TextDecoder]", "[object TextEncoder]",
        ["encoding", "fatal", "ignoreBOM", "decode"], {"read": 2, "written": 4}, {"read": 0, "written": 0},
    ]  # fmt: skip
    for bad in ("decode('x')", "decode(null)", "decode(new Uint8Array(1), 5)"):
        with pytest.raises(JSError) as caught:
            ctx.eval(f"new TextDecoder().{bad}")
        assert caught.value.name == "TypeError"


@pytest.mark.parametrize("label", ["windows-1252", "utf-8", "utf-16le", "big5"])
def test_a_deadline_ends_long_decoding(ctx: Context, label: str) -> None:
    # Bytes without a code took Python up to ten microseconds each, in one go.
    code = f"new TextDecoder('{label}').decode(new Uint8Array(20_000_000).fill({0x81 if label[0] == 'w' else 0xDC}))"
    start = time.monotonic()
    with pytest.raises(JSTimeoutError):
        ctx.eval(code, timeout=0.1)
    assert time.monotonic() - start < 3


def test_a_deadline_ends_long_encoding(ctx: Context) -> None:
    start = time.monotonic()
    with pytest.raises(JSTimeoutError):
        ctx.eval("new TextEncoder().encode('\\ud800a'.repeat(10_000_000)).length", timeout=0.1)
    assert time.monotonic() - start < 3


def test_pieces_make_no_difference(ctx: Context) -> None:
    text = "".join(random.Random(1).choices(["a", "\u00e9", "\u20ac", "\U0001f600", "\ud800", "\ufeff"], k=100_000))
    encoded = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    assert ctx.eval("(text) => new TextEncoder().encode(text)")(text) == encoded
    decode = ctx.eval("(bytes, label) => new TextDecoder(label, { ignoreBOM: true }).decode(bytes)")
    assert decode(encoded, "utf-8") == encoded.decode()
    for label in ("utf-8", "gb18030", "shift_jis", "utf-16be"):
        data = random.Random(label).randbytes(100_000)
        assert decode(data, label) == data.decode(text_encodings._ENCODINGS[label][1], "replace")


def test_what_no_decoder_has_room_for_is_replaced() -> None:
    data = bytes.fromhex("d8dc0c4041d83040d8d8d8d8d83041dc40411b2481d83030dc1b1bdcdc1b248130dc81241b753030")
    for fatal in (True, False):
        decode = text_encodings.make_decoder("iso-2022-jp", fatal, keep_bom=False)
        assert decode is not None
        pieces = [decode(data[at : at + 8], at + 8 < len(data), at > 0) for at in range(0, len(data), 8)]
        assert (None in pieces) == fatal


def test_a_decoder_that_was_stopped_begins_anew() -> None:
    with Context(globals=["encoding"]) as own:
        own.eval("globalThis.decoder = new TextDecoder(); globalThis.bytes = new Uint8Array(20_000_000).fill(0xe2)")
        with pytest.raises(JSTimeoutError):
            own.eval("decoder.decode(bytes)", timeout=0.05)
        assert own.eval("decoder.decode(new Uint8Array([0x82, 0xac, 0x41]))") == "\ufffd\ufffdA"

"""JavaScript expressions for every type that can be copied, with its edges, and positions where a value can stand."""

from __future__ import annotations

from typing import Final

JS_SOURCES: Final[dict[str, tuple[str, ...]]] = {
    "undefined": ("undefined",),
    "null": ("null",),
    "boolean": ("true", "false"),
    "number": (
        "0", "-0", "1", "-1", "0.1", "-0.5", "NaN", "Infinity", "-Infinity", "5e-324", "-5e-324", "1e308", "2 ** 30",
        "2 ** 31 - 1", "2 ** 31", "-(2 ** 31)", "-(2 ** 31) - 1", "2 ** 32 - 1", "2 ** 32", "3e9", "2 ** 53 - 1",
        "2 ** 53", "2 ** 53 + 2", "-(2 ** 53) + 1", "-(2 ** 53)", "2 ** 63", "2 ** 64", "1.5e300", "Number.EPSILON",
        "Number.MAX_VALUE", "Number.MIN_VALUE", "1e21", "1e-7", "123456789.125",
    ),
    "bigint": (
        "0n", "1n", "-1n", "127n", "128n", "-128n", "-129n", "255n", "256n", "2n ** 53n", "2n ** 63n - 1n",
        "-(2n ** 63n)", "-(2n ** 63n) - 1n", "2n ** 64n - 1n", "2n ** 64n", "-(2n ** 64n) + 1n", "10n ** 100n",
        "-(10n ** 1000n)", "2n ** 4096n - 1n", "BigInt('9'.repeat(5000))",
    ),
    "string": (
        "''", "'a'", "'caf\\xe9'", "'\\0'", "'a\\0b'", "'\\xff'.repeat(130)", "'\\u0100'", "'\\u0100'.repeat(64)",
        "'\\u{1F600}'", "'\\ud800'", "'\\udc00'", "'\\udc00\\ud800'", "'x\\ud800y'", "'\\ud83d' + '\\ude00'",
        "'\\ufeff'", "'\\ufffe\\uffff'", "('x'.repeat(20) + '\\u0100\\u0100').slice(0, 20)", "'a'.repeat(70000)",
        "'\\u65e5\\u672c'.repeat(20000)", "'\\u2028\\u2029'", "'__proto__'", "'0'",
    ),
    "Array": (
        "[]", "[1, 2, 3]", "[1.5, 2.5]", "[1.5, 3]", "[[], [[]]]", "['a', null, undefined, true]", "[NaN, -0]",
        "new Array(2).fill(0)", "Array.from({ length: 1000 }, (_, i) => i * i)", "Array.from({ length: 3 })",
        "[...Array(70000).keys()]", "'abcabc'.split('b')",
    ),
    "Array with holes": (
        "[,]", "[1, , 3]", "[, , 1]", "[1, , ]", "[undefined, , undefined]", "[1.5, , 2.5]", "new Array(3)",
        "new Array(1024)", "(() => { const a = [1, 2, 3]; delete a[1]; return a })()",
        "(() => { const a = [1, 2, 3]; a.length = 5; return a })()",
        "(() => { const a = []; for (let i = 0; i < 5000; i += 2) a[i] = i; return a })()",
    ),
    "Array with properties": (
        "Object.assign([1, 2], { index: 5, 'a b': null })", "Object.assign([], { a: undefined })",
        "Object.assign([1, , 3], { '-1': 0, '01': 1, '4294967295': 2, '1.5': 3, '': 4, '\\ud800': 5 })",
        "'xay'.match(/(?<name>a)/).slice()", "Object.assign([0], { a: [1, , 2] })",
        "Object.defineProperty([1], '__proto__', { value: 7, enumerable: true, writable: true, configurable: true })",
    ),
    "sparse Array": (
        "new Array(1025)", "new Array(5000)", "new Array(2 ** 20)", "new Array(2 ** 32 - 1)",
        "(() => { const a = []; a[4294967294] = 'last'; return a })()",
        "(() => { const a = new Array(5000); a[7] = 'x'; a[4999] = -0; return a })()",
        "(() => { const a = []; a[2147483648] = 1; a[2147483647] = 2; a[0] = 3; a.extra = 4; return a })()",
        "Object.assign(new Array(2000), { a: {}, '-5': 1 })",
    ),
    "Object": (
        "({})", "({ a: 1 })", "({ b: 1, a: { c: [] } })", "({ a: undefined, b: null })", "({ b: 1, 7: 2, 0: 3 })",
        "({ 4294967294: 1, 4294967295: 2, '-1': 3, '1.5': 4, '01': 5 })", "({ '': 1, ' ': 2, '\\0': 3 })",
        "({ constructor: 1, toString: 2, hasOwnProperty: 3, length: 4, valueOf: 5 })", "({ ['__proto__']: 4 })",
        "JSON.parse('{\"__proto__\": {\"a\": 1}}')", "({ '\\ud800': 1, '\\u{1F600}': 2, '\\xe9': 3, '\\u0100': 4 })",
        "({ then: 1 })", "({ toJSON: 1 })", "Object.fromEntries([...Array(2000).keys()].map((i) => ['k' + i, i]))",
    ),
    "Map": (
        "new Map()", "new Map([[1, 'int'], [true, 'bool'], [1n, 'bigint'], ['1', 'str'], [null, 0], [undefined, 1]])",
        "new Map([[NaN, 1], [0, 2], [false, 3], ['', 4]])", "new Map([[{}, 1], [{}, 2], [[], 3], [[], 4]])",
        "new Map([[new Date(0), 1], [new Date(0), 2]])", "new Map([['b', 1], ['a', 2], [3, 3], [1, 4]])",
        "new Map([[new Uint8Array(1), 1], [new Uint8Array(1), 2]])", "new Map([[-0, -0]])",
        "(() => { const m = new Map([[1, 1], [2, 2]]); m.delete(1); m.set(1, 3); return m })()",
        "new Map([[2 ** 53, 1], [2n ** 53n, 2], [1.5, 3], [Infinity, 4]])", "new Map([[new Map(), new Set()]])",
    ),
    "Set": (
        "new Set()", "new Set([1, true, '1', 1n, null, undefined, NaN, 0, ''])", "new Set([{}, {}, [], []])",
        "new Set([3, 1, 2])", "new Set([new Set([new Set()])])", "new Set([new Date(0), new Date(0)])",
        "new Set([2 ** 53, 2n ** 53n, -1, -1n])",
    ),
    "Date": (
        "new Date(0)", "new Date(-1)", "new Date(1)", "new Date(1234567890123)", "new Date(253402300799999)",
        "new Date(253402300800000)", "new Date(-62135596800000)", "new Date(-62135596800001)", "new Date(8.64e15)",
        "new Date(-8.64e15)", "new Date(NaN)", "new Date(2 ** 32 * 1000)", "new Date(2 ** 34 * 1000 + 1)",
    ),
    "RegExp": (
        "/a/", "new RegExp('')", "/a/dgimsuy", "/[/]\\/\\n/", "/\\u{1F600}/u", "/\\u0100\\xe9/i", "new RegExp('\\n')",
        "new RegExp('\\ud800')", "/(?<year>\\d{4})/y", "/a|b*?[^c]{2,}$/m", "new RegExp('/')",
    ),
    "Error": (
        "new Error('no')", "new Error()", "new TypeError('no')", "new RangeError('')", "new EvalError('\\ud800')",
        "new ReferenceError('a\\0b')", "new SyntaxError('x')", "new URIError('\\u0100')",
        "(() => { const e = new Error('m'); e.stack = 'S'; return e })()",
        "(() => { const e = new Error('m'); e.stack = undefined; return e })()",
        "(() => { const e = new Error('m'); e.stack = ''; return e })()",
    ),
    "boxed": (
        "new Number(1)", "new Number(-0)", "new Number(NaN)", "new Number(1.5)", "new Number(2 ** 53)",
        "new String('')", "new String('s\\u0100')", "new String('\\ud800')", "new Boolean(true)", "new Boolean(false)",
        "Object(10n)", "Object(0n)", "Object(-(2n ** 64n))",
    ),
    "ArrayBuffer": ("new ArrayBuffer(0)", "new Uint8Array([1, 2, 255]).buffer", "new ArrayBuffer(10000)"),
    "view": (
        "new Uint8Array()", "new Uint8Array([0, 255])", "new Uint8Array(5000).fill(7)", "new Int8Array([-1, 127])",
        "new Uint8ClampedArray([300, -5])", "new Uint8ClampedArray()", "new Int16Array([-1, 2])",
        "new Uint16Array([65535])", "new Int32Array([-(2 ** 31)])", "new Uint32Array([2 ** 32 - 1])",
        "new Float32Array([0.5, NaN, -0, Infinity])", "new Float64Array([0.1, NaN, -0, -Infinity])",
        "new Float64Array(new BigUint64Array([0x7ff8000000001234n]).buffer)", "new BigInt64Array([-1n, 2n ** 62n])",
        "new BigUint64Array([2n ** 64n - 1n])", "new DataView(new Uint8Array([1, 2, 3]).buffer)",
        "new DataView(new ArrayBuffer(0))", "new Float64Array(0)", "new BigInt64Array(1000)",
    ),
    "shared": (
        "(() => { const o = {}; return [o, o] })()", "(() => { const a = [1]; return { x: a, y: { z: a } } })()",
        "(() => { const d = new Date(0); return [d, d, new Date(0)] })()",
        "(() => { const d = new Date(NaN); return new Map([[d, d]]) })()",
        "(() => { const r = /a/g; return [r, r, /a/g] })()", "(() => { const n = Object(1n); return [n, n] })()",
        "(() => { const e = new Error('x'); return [e, { e }] })()",
        "(() => { const m = new Map(); return [m, m, new Map()] })()",
        "(() => { const s = new Set(); return [s, s] })()",
        "(() => { const b = new ArrayBuffer(8); return [b, b] })()",
        "(() => { const u = new Uint8Array(2); return [u, u] })()",
        "(() => { const u = new Uint8Array(2); return [u, u.buffer] })()",
        "(() => { const u = new Uint8Array(2); return [u.buffer, u] })()",
        "(() => { const b = new ArrayBuffer(9); return [new Int8Array(b, 2, 3), new DataView(b, 8), b] })()",
        "(() => { const b = new ArrayBuffer(4); return new Map([[new Uint8Array(b), new Uint8Array(b)]]) })()",
        "(() => { const a = new Array(3); a.x = 1; return [a, a] })()",
        "(() => { const s = new Array(5000); s[3] = 1; return [s, [s]] })()",
        "(() => { const o = { '\\ud800': 1 }; return [o, o] })()",
        "(() => { const u = new Uint8Array([1, 2, 3]); return [u.subarray(1, 2), u.subarray(1, 2), u.subarray(3)] })()",
    ),
    "cycle": (
        "(() => { const o = {}; o.self = o; return o })()", "(() => { const a = []; a.push(a, a); return a })()",
        "(() => { const m = new Map(); m.set(m, m); return m })()",
        "(() => { const s = new Set(); s.add(s); return s })()",
        "(() => { const o = { list: [] }; o.list.push(o, o.list); return o })()",
        "(() => { const a = []; a.me = a; return a })()",
        "(() => { const a = new Array(5000); a[9] = a; a.me = a; return a })()",
        "(() => { const o = { '\\udc00': 0 }; o['\\udc01'] = o; return o })()",
        "(() => { const a = { n: 1 }, b = { n: 2, a }; a.b = b; return [a, b, new Map([[a, b], [b, a]])] })()",
    ),
    "deep": (
        "(() => { let v = 1; for (let i = 0; i < 400; ++i) v = [v]; return v })()",
        "(() => { let v = {}; for (let i = 0; i < 400; ++i) v = { v }; return v })()",
        "(() => { let v = 0; for (let i = 0; i < 400; ++i) v = new Map([[i, v]]); return v })()",
        "(() => { let v = 0; for (let i = 0; i < 400; ++i) v = new Set([v]); return v })()",
    ),
}  # fmt: skip
"""By type: expressions whose values structured clone copies whole, in every V8 from 10.2 on. Each makes a new value."""

JS_POSITIONS: Final[dict[str, str]] = {
    "top": "VALUE",
    "property": "({ a: 0, value: VALUE, z: 0 })",
    "element": "[0, VALUE, 0]",
    "element beside a hole": "[, VALUE]",
    "property of an Array": "Object.assign([0], { value: VALUE })",
    "element of a sparse Array": "(() => { const a = new Array(3000); a[2999] = VALUE; return a })()",
    "Map key": "new Map([[VALUE, 'value'], ['other', 0]])",
    "Map value": "new Map([['key', VALUE], [0, VALUE]])",
    "Set member": "new Set([VALUE, 'other'])",
    "beside a lone surrogate": "({ '\\ud800': VALUE })",
    "in a cycle": "(() => { const o = { value: VALUE }; o.self = o; return o })()",
    "twice": "((value) => [value, { value }])(VALUE)",
    "below everything": "({ a: [new Map([[new Set([[VALUE]]), { b: [, VALUE] }]])] })",
}
"""By name: expressions with VALUE where a value's expression can stand in parentheses."""


def placed(position: str, source: str) -> str:
    """The expression of JS_POSITIONS[position] with `source` as its value.

    >>> placed("element", "-0")
    '[0, (-0), 0]'
    """
    return JS_POSITIONS[position].replace("VALUE", f"({source})")

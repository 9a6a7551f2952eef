// One builtin that makes much

// == new Array(1e8).fill()
// known: fatal, hangs
new Array(1e8).fill(1.5).length

// == spread of a Set
const s = new Set(); for (let i = 0; i < 1.5e7; i++) s.add(i); [...s].length

// == spread of 3e7 elements
const a = new Array(3e7).fill(1); const all = []; for (;;) all.push([...a])

// == Array.from({ length: 1e8 })
Array.from({ length: 1e8 }).length

// == Array.from with a function
Array.from({ length: 1e8 }, (_, i) => [i]).length

// == map
let a = [1]; for (;;) { const b = a.map((x) => [x]); a = b.concat(b) }

// == flat
const a = new Array(1e4).fill(new Array(1e5).fill(1)); a.flat().length

// == flatMap
const b = new Array(1e5).fill(1); new Array(1e4).fill(0).flatMap(() => b).length

// == sort with a comparator that allocates
const all = []; new Array(1e6).fill(0).map((_, i) => (i * 7919) % 1000003)
  .sort((a, b) => { all.push([a, b]); return b - a })

// == default sort of texts
const a = [];
for (let i = 0; ; i++) { a.push('' + Math.random()); if (i % 1e6 === 0) a.sort() }

// == join
const a = new Array(1e5).fill('x'.repeat(1000)); const all = [];
for (;;) all.push(a.join())

// == join of numbers
const a = new Array(3e7).fill(1234567); a.join('-').length

// == repeat
const all = [];
for (let i = 0; ; i++) { const s = ('x' + i).repeat(1e6); /z/.test(s); all.push(s) }

// == repeat to the longest string, flattened
// known: fatal
const s = 'x'.repeat(2 ** 29 - 25); /y$/.test(s)

// == padEnd
const all = []; for (;;) { const s = 'x'.padEnd(1e7, 'ab'); /z/.test(s); all.push(s) }

// == split into letters
const t = 'ab'.repeat(1.5e7); const all = []; for (;;) all.push(t.split(''))

// == split of a string of 2**28
// known: fatal
'a'.repeat(2 ** 28).split('').length

// == split by a comma
const t = 'abc,'.repeat(5e6); const all = [];
for (;;) all.push((t + all.length).split(','))

// == replace with a longer text
let s = 'aaaa'; for (;;) s = s.replace(/a/g, 'aa')

// == replace with a function
const all = []; for (;;) 'a'.repeat(1e7).replace(/a/g, (m) => { all.push([m]); return 'bb' })

// == replace of 1e8 matches with a function
// known: fatal
'a'.repeat(1e8).replace(/a/g, (m) => m + m)

// == replaceAll
let s = 'a'; const all = [];
for (;;) { s = s.length > 1e7 ? 'a' : s.replaceAll('a', 'aaa'); all.push(s) }

// == match with the flag g
const t = 'ab '.repeat(1e7); const all = []; for (;;) all.push(t.match(/\w/g))

// == matchAll
[...'ab '.repeat(2e7).matchAll(/(\w)(\w)/g)].length

// == upper case
const all = [];
for (let i = 0; ; i++) all.push(('\u00e9' + i).repeat(1e6).toUpperCase())

// == normalize
const all = [];
for (let i = 0; ; i++) all.push(('\u00e9' + i).repeat(1e5).normalize('NFD'))

// == encodeURIComponent
const t = '\u4e2d'.repeat(1e6), all = []; for (;;) all.push(encodeURIComponent(t))

// == template literals
const all = [];
let t = 'x';
for (let i = 0; ; i++) { t = t.length > 1e7 ? 'x' + i : `${t}${t}`; /z/.test(t); all.push(t) }

// == tagged templates
const all = [];
const tag = (parts, ...v) => all.push([parts, v]);
for (let i = 0; ; i++) tag`a${i}b${all.length}`

// == JSON.stringify
const o = new Array(1e6).fill({ a: 1, b: 'text' }); const all = [];
for (;;) all.push(JSON.stringify(o))

// == JSON.stringify with a toJSON that makes more
const deeper = { toJSON: () => new Array(1e4).fill('x') }, all = [];
const o = { toJSON: () => [{ toJSON: () => all.push(new Array(1000).fill(1)) }, ...new Array(100).fill(deeper)] };
for (;;) all.push(JSON.stringify(o))

// == JSON.stringify of a doubled structure
let o = [1]; for (let i = 0; i < 40; i++) o = [o, o]; JSON.stringify(o)

// == JSON.parse
const t = '[' + '{"a":[1,2,3]},'.repeat(1e6) + '0]'; const all = [];
for (;;) all.push(JSON.parse(t))

// == JSON.parse with a reviver
const t = '[' + '[1],'.repeat(2e6) + '0]', all = [];
for (;;) JSON.parse(t, (k, v) => { all.push([k, v]); return v })

// == JSON.parse of 5e7 brackets
// known: fatal, hangs, JSTimeoutError, value
JSON.parse('['.repeat(5e7) + ']'.repeat(5e7)).length

// == Object.entries
const o = {}, all = []; for (let i = 0; i < 1e5; i++) o['k' + i] = i;
for (;;) all.push(Object.entries(o))

// == Object.keys of a long string
const t = 'ab'.repeat(1e6); const all = []; for (;;) all.push(Object.keys(Object(t)))

// == Object.assign
const o = {}, all = []; for (let i = 0; i < 1e4; i++) o['k' + i] = i;
for (;;) all.push(Object.assign({}, o))

// == Object.fromEntries
const e = new Array(1e5).fill(0).map((_, i) => ['k' + i, i]), all = [];
for (;;) all.push(Object.fromEntries(e))

// == rest parameters
const f = (...rest) => all.push(rest), all = [], a = new Array(1e4).fill(1);
for (;;) f(...a)

// == apply with a huge list
const all = [], a = new Array(1e5).fill(0); for (;;) all.push(Array.of.apply(null, a))

// == a bigint to the power of a huge one
let n = 3n; const all = []; for (;;) { n = n ** 3n; all.push(n) }

// == a shifted bigint
const all = []; for (let i = 0n; ; i++) all.push(1n << (1000000n + i))

// == the digits of bigints
const n = 1n << 100000n, all = []; for (let i = 0n; ; i++) all.push((n + i).toString(2))

// == new ArrayBuffer(2 ** 33)
new ArrayBuffer(2 ** 33).byteLength

// == new Float64Array(2 ** 28)
new Float64Array(2 ** 28).length

// == typed array from an iterable
function* g() { for (let i = 0; ; i++) yield i } Uint8Array.from(g())

// == structured data of shared parts
let o = ['x'.repeat(100)];
for (let i = 0; i < 30; i++) o = [o.slice(), o.slice()];
o.flat(Infinity).length

// == recursion that allocates
const all = [];
function f(n) { all.push(new Array(1000).fill(n)); return f(n + 1) + 1 }
for (;;) try { f(0) } catch { }

// == `a.length = 1e9; a.fill(0)`
// known: fatal, hangs
const a = []; a.length = 1e9; a.fill(0)

// == Array.from({ length: 1e9 })
// known: fatal, hangs
Array.from({ length: 1e9 }).length

// == Intl objects
// known: JSTimeoutError, value
const all = []; for (let i = 0; ; i++) all.push(new Intl.NumberFormat('de'))

// == texts in many locales
// known: JSTimeoutError
const all = [];
for (let i = 0; ; i++) all.push((i * 1.5).toLocaleString('de'), new Date(i * 1e9).toLocaleString('ja'))

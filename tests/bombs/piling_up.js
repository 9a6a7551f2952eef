// Things that pile up
// Each script runs in a block of its own, so that what it made is garbage once it has been stopped.

// == numbers in an array
const all = []; for (let i = 0; ; i++) all.push(i)

// == doubles in an array
const all = []; for (let i = 0; ; i++) all.push(i + 0.5)

// == arrays
const all = []; for (let i = 0; ; i++) all.push([i, i, i])

// == objects
const all = []; for (let i = 0; ; i++) all.push({ i, text: 'x' })

// == objects of ever new shapes
const all = []; for (let i = 0; ; i++) all.push({ ['p' + i]: i })

// == strings
const all = []; for (let i = 0; ; i++) all.push('text ' + i)

// == long strings
const all = []; for (let i = 0; ; i++) all.push(('x' + i).repeat(10000))

// == two-byte strings
const all = []; for (let i = 0; ; i++) all.push(('\u4e2d' + i).repeat(10000))

// == slices of a string
const all = [], text = 'abcdefghij'.repeat(1000);
for (let i = 0; ; i++) all.push(text.slice(i % 1000, 5000))

// == maps
const all = []; for (let i = 0; ; i++) all.push(new Map([[i, i]]))

// == sets
const all = []; for (let i = 0; ; i++) all.push(new Set([i]))

// == WeakMaps
const all = []; for (let i = 0; ; i++) all.push(new WeakMap([[{}, i]]))

// == WeakRefs
const all = []; for (let i = 0; ; i++) all.push(new WeakRef({ i }))

// == closures
const all = []; for (let i = 0; ; i++) all.push(() => i)

// == bound functions
const all = []; function f() {} for (let i = 0; ; i++) all.push(f.bind(null, i))

// == classes
const all = []; for (let i = 0; ; i++) all.push(class { field = i; method() {} })

// == instances with class fields
class C { a = [1]; #b = {}; c = () => this } const all = [];
for (let i = 0; ; i++) all.push(new C())

// == bigints
const all = []; for (let i = 0; ; i++) all.push(BigInt(i) ** 100n)

// == regexps
const all = []; for (let i = 0; ; i++) all.push(new RegExp('a' + i))

// == compiled regexps
const all = [];
for (let i = 0; ; i++) { const r = new RegExp('(a|b)+' + i); r.test('abab'); all.push(r) }

// == match results
const all = []; for (let i = 0; ; i++) all.push(/(a)(b)?(c)?/.exec('ab'))

// == generators
const all = [];
function* g(n) { while (true) yield n }
for (let i = 0; ; i++) all.push(g(i))

// == started generators
const all = [];
function* g(n) { const a = [n]; yield a; yield a }
for (let i = 0; ; i++) { const it = g(i); it.next(); all.push(it) }

// == promises
const all = []; for (let i = 0; ; i++) all.push(new Promise(() => {}))

// == pending async functions
const all = [];
const never = new Promise(() => {});
async function f(n) { await never }
for (let i = 0; ; i++) all.push(f(i))

// == async generators
const all = [];
async function* g(n) { while (true) yield n }
for (let i = 0; ; i++) all.push(g(i).next())

// == symbols
const all = []; for (let i = 0; ; i++) all.push(Symbol('s' + i))

// == registered symbols
// known: full
const all = []; for (let i = 0; ; i++) all.push(Symbol.for('s' + i))

// == dates
const all = []; for (let i = 0; ; i++) all.push(new Date(i))

// == texts of dates
const all = []; for (let i = 0; ; i++) all.push(new Date(i * 1e6).toString())

// == errors with stacks
const all = []; for (let i = 0; ; i++) all.push(new Error('e' + i))

// == proxies
const all = []; for (let i = 0; ; i++) all.push(new Proxy({}, {}))

// == boxed numbers
const all = []; for (let i = 0; ; i++) all.push(new Number(i))

// == arguments objects
const all = [];
function f() { return arguments }
for (let i = 0; ; i++) all.push(f(i, i))

// == small typed arrays
const all = []; for (let i = 0; ; i++) all.push(new Uint8Array(8))

// == typed arrays
const all = []; for (let i = 0; ; i++) all.push(new Float64Array(1000))

// == typed arrays that lie in V8's heap
const all = []; for (let i = 0; ; i++) all.push(new Uint8Array(64))

// == ArrayBuffers of 1 MB
const all = []; for (let i = 0; ; i++) all.push(new ArrayBuffer(1 << 20))

// == ArrayBuffers of 100 bytes
const all = []; for (let i = 0; ; i++) all.push(new ArrayBuffer(100))

// == copies of an ArrayBuffer
const all = [new ArrayBuffer(1 << 20)]; for (let i = 0; ; i++) all.push(all[0].slice(0))

// == SharedArrayBuffers
const all = []; for (let i = 0; ; i++) all.push(new SharedArrayBuffer(1 << 20))

// == DataViews
const all = []; for (let i = 0; ; i++) all.push(new DataView(new ArrayBuffer(64)))

// == a Map's entries
const all = new Map(); for (let i = 0; ; i++) all.set(i, i)

// == a Set's members
const all = new Set(); for (let i = 0; ; i++) all.add('m' + i)

// == an object's properties
const all = {}; for (let i = 0; ; i++) all['p' + i] = i

// == an object's index properties
const all = {}; for (let i = 0; ; i++) all[i * 1000] = i

// == an object's symbol keys
const all = {}; for (let i = 0; ; i++) all[Symbol()] = i

// == global variables
// known: full
for (let i = 0; ; i++) globalThis['g' + i] = [i]

// == a linked list
let all = null; for (let i = 0; ; i++) all = { i, next: all }

// == a rope of strings
let keep = [], rope = '';
for (let i = 0; ; i++) { rope = rope.length > 1e8 ? '' : rope + 'a' + i; keep.push(rope) }

// == a doubled array
let a = [1, 2, 3]; for (;;) a = a.concat(a)

// == a spread array
let a = [1, 2, 3]; for (;;) a = [...a, ...a]

// == unshift
const a = []; for (;;) a.unshift(new Array(1000).fill(a.length))

// == unshift of many at a time
const a = [], b = new Array(5e4).fill(1); for (;;) a.unshift(...b)

// == listeners that pile up
const on = { e: [] };
let n = 0;
for (;;) { const data = new Array(100).fill(n++); on.e.push(() => data) }

// == a cache keyed by text
const cache = Object.create(null);
for (let i = 0; ; i++) cache['key ' + i] = { at: i, v: 'x'.repeat(10) }

// == memory that a catch tries to live on
let a = [];
for (;;) { try { for (;;) a.push([1, 2, 3]) } catch { } finally { a.push(a.slice()) } }

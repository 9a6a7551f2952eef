// Iterators, finalizers, conversions, sources, big numbers

// == JSON proxy
JSON.stringify(new Proxy([], { get: (t, k) => k === 'length' ? 2 ** 53 - 1 : 1 }))

// == JSON rawjson
JSON.stringify({ toJSON() { return { toJSON: this.toJSON, x: this } } })

// == Date extremes
[new Date(8.64e15), new Date(-8.64e15), new Date(NaN)].map(String)

// == Date valueOf
(() => { const d = new Date(0); d.valueOf = () => { for (;;); }; d[Symbol.toPrimitive] = () => { for (;;); };
return d })()

// == normalize
for (;;) '\u1E9B\u0323'.repeat(1e5).normalize('NFKD')

// == generator return endless
function* g() { try { yield 1 } finally { for (;;); } } for (const x of g()) break

// == iterator no done
new Map({ [Symbol.iterator]: () => ({ next: () => ({ value: [{}, 1] }) }) })

// == Array.from endless
Array.from({ length: 2 ** 32 - 1 }, () => 1)

// == yield* deep
function* g(n) { if (n) yield* g(n - 1); yield n } let c = 0; for (const x of g(5000)) c++; c

// == FinalizationRegistry loops
const r = new FinalizationRegistry(() => { for (;;); }); for (let i = 0; i < 1e5; i++) r.register({}, i); 1

// == FinalizationRegistry throws
const r2 = new FinalizationRegistry(() => { throw new Error('fin') }); for (let i = 0; i < 1e5;
i++) r2.register({}, i); 1

// == string concat in loop
let s = 'x'; for (;;) s += s

// == bigints pow
2n ** (2n ** 40n)

// == bigint mul
let n = 2n ** 2000000n; for (;;) n = n * n % (2n ** 4000000n + 1n)

// == defineProperties
Object.defineProperties({}, new Proxy({}, { ownKeys() { for (;;); } }))

// == instanceof chain
const f = new Proxy(function () {}, { get() { for (;;); } }); ({}) instanceof f

// == toPrimitive
+{ [Symbol.toPrimitive]() { for (;;); } }

// == label loops
a: for (;;) { b: for (;;) { continue a } }

// == try finally return
(() => { for (;;) try { return 1 } finally { continue } })()

// == class fields
class A { x = (() => { for (;;); })() } new A()

// == debugger
for (let i = 0; i < 1e5; i++) debugger; 1

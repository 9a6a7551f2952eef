// Code, microtasks, WebAssembly

// == eval of generated functions
const all = [];
for (let i = 0; ; i++) all.push((0, eval)(`(function f${i}() { return ${i} })`))

// == new Function
const all = []; for (let i = 0; ; i++) all.push(new Function('a', 'return a + ' + i))

// == eval of one long source
const all = []; for (let i = 0; ; i++) all.push(eval('[' + (i + ',').repeat(1e6) + ']'))

// == microtasks that make microtasks
const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; f(); 1

// == microtasks that keep things
const all = [];
const f = () => { all.push([all.length]); Promise.resolve().then(f) }; f(); 1

// == then in a loop
const p = Promise.resolve(); for (let i = 0; ; i++) p.then(() => i)

// == an async loop
const all = [];
(async () => { for (;;) { await 0; all.push(new Array(100).fill(0)) } })(); 1

// == Promise.all of ever more
const all = [];
const some = (n) => new Array(n).fill(0).map(async (_, i) => [i]);
(async () => { for (let n = 1; ; n *= 2) all.push(await Promise.all(some(n))) })(); 1

// == for await over an async generator
const all = [];
async function* g() { for (let i = 0; ; i++) yield [i] }
(async () => { for await (const x of g()) all.push(x) })(); 1

// == WebAssembly memory that grows
const m = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
for (;;) { m.grow(16); new Uint8Array(m.buffer).fill(1) }

// == many WebAssembly memories
const all = [];
for (;;) { const m = new WebAssembly.Memory({ initial: 160 }); new Uint8Array(m.buffer).fill(1); all.push(m) }

// == WebAssembly tables
const all = [];
for (;;) all.push(new WebAssembly.Table({ element: 'anyfunc', initial: 1e5 }))

// == a resizable ArrayBuffer
// needs: !!ArrayBuffer.prototype.resize
const b = new ArrayBuffer(8, { maxByteLength: 2 ** 31 });
for (let n = 1 << 20; ; n += 1 << 20) { b.resize(n); new Uint8Array(b).fill(1, n - (1 << 20)) }

// == a growable SharedArrayBuffer
// needs: !!SharedArrayBuffer.prototype.grow
const b = new SharedArrayBuffer(8, { maxByteLength: 2 ** 31 });
for (let n = 1 << 20; ; n += 1 << 20) { b.grow(n); new Uint8Array(b).fill(1, n - (1 << 20)) }

// == a stack trace that keeps things
const all = []; Error.stackTraceLimit = 200;
function f(n) { if (n) return f(n - 1); const e = new Error(); e.stack; all.push(e) }
for (;;) f(150)

// == Error.prepareStackTrace that keeps sites
const all = []; Error.prepareStackTrace = (e, sites) => sites;
for (;;) all.push(new Error().stack)

// == a Proxy that makes what it is asked for
const keep = [];
const p = new Proxy({}, { get: () => (keep.push([1, 2, 3]), p) });
for (let x = p; ;) x = x.next

// == a WeakMap whose keys stay
const m = new WeakMap(), keys = [];
for (let i = 0; ; i++) { const k = { i }; keys.push(k); m.set(k, [i]) }

// == a FinalizationRegistry
const r = new FinalizationRegistry(() => {}), all = [];
for (let i = 0; ; i++) { const k = { i }; r.register(k, [i]); all.push(k) }

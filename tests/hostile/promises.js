// Promises, microtasks, imports

// == thenable result
({ then(f) { for (;;); } })

// == await thenable
(async () => { await { then(f) { for (;;); } } })(); 1

// == promise resolve self
let r; const p = new Promise((x) => r = x); r(p); p

// == promise reject storm
for (let i = 0; i < 2e5; i++) Promise.reject(new Error('x' + i)); 1

// == promise subclass
class P extends Promise { constructor(f) { super(f);
} static get [Symbol.species]() { throw 1 } } P.resolve(1).then(x => x)

// == async generator return
async function* g() { try { yield 1 } finally { for (;;);
} } (async () => { for await (const x of g()) break })(); 1

// == dynamic import
import('x').catch(() => 0); 1

// == import storm
for (let i = 0; i < 1e5; i++) import('x' + i).catch(() => 0); 1

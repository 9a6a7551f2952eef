// Builtins and prototypes that a script has changed

// == patch all prototypes
for (const C of [Object, Array, Function, Map, Set, Date, RegExp, Error, Promise, String, Number, Boolean, Symbol, BigInt]) for (const k of Reflect.ownKeys(C.prototype)) try { C.prototype[k] = () => { for (;;);
} } catch {} ; [1, { a: new Map([[1, 2]]) }]

// == accessors on Object.prototype
for (const k of ['value','get','set','then','toJSON','length','constructor','0','1','name','message','writable','enumerable','configurable']) Object.defineProperty(Object.prototype, k, { configurable: true, get() { for (;;);
}, set() { for (;;); } }); [1, { a: [1, 2] }]

// == index accessors on Array.prototype
for (let i = 0; i < 10;
i++) Object.defineProperty(Array.prototype, i, { configurable: true, get() { throw 1 }, set() { throw 2 } });
[[,1],[2,,3],{a:[]}]

// == frozen intrinsics
for (const k of Reflect.ownKeys(globalThis)) try { Object.freeze(globalThis[k]);
Object.freeze(globalThis[k].prototype) } catch {}; Object.freeze(globalThis); ({ a: [1] })

// == global proto
Object.setPrototypeOf(globalThis, new Proxy({}, { get() { for (;;); }, has() { return true } })); nothing

// == delete all globals
for (const k of Reflect.ownKeys(globalThis)) delete globalThis[k]; [1, 'x', { a: 1 }]

// == Symbol.species
class A extends Array { static get [Symbol.species]() { for (;;); } } new A(3).map(x => x)

// == Promise.prototype.then patched
Promise.prototype.then = function () { for (;;); }; (async () => { await 1; return 2 })()

// == regexp exec patched
RegExp.prototype.exec = function () { for (;;); }; 'a'.replace(/a/, 'b')

// Proxies, as results and otherwise
// Each script runs in a block: its last expression is what Python gets.

// == proxy ownKeys endless
new Proxy({}, { ownKeys() { for (;;); } })

// == proxy get of proxy of proxy
(() => { const h = { get: (t, k) => new Proxy({}, h), ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }) };
return [new Proxy({}, h)] })()

// == revoked proxy
(() => { const r = Proxy.revocable({}, {}); const o = { a: [r.proxy] }; r.revoke(); return o })()

// == revoked proxy array
(() => { const r = Proxy.revocable([], {}); r.revoke(); return r.proxy })()

// == revoked proxy function
(() => { const r = Proxy.revocable(() => 1, {}); r.revoke(); return [r.proxy] })()

// == spread proxy
[...new Proxy([], { get: (t, k) => k === 'length' ? Infinity : Reflect.get(t, k) })]

// == with + proxy
with (new Proxy({}, { has: () => true, get: (t, k) => k === Symbol.unscopables ? undefined : () => { for (;;);
} })) foo()

// == Object.assign proxy
Object.assign({}, new Proxy({}, { ownKeys: () => Array.from({ length: 1e6 }, (_, i) => 'k' + i), getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) , get() { for (;;);
} }))

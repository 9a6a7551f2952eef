// Values that change while they leave, and other odd ones

// == resize during walk
(() => { const a = new Array(1000).fill(0).map((_, i) => ({ get x() { a.length = 0; return a } }));
return a })()

// == array grows in getter
(() => { const a = [{ get x() { for (let i = 0; i < 1e4; i++) a.push(1); return 1 } }]; return a })()

// == getter changes shape
(() => { const o = { get a() { delete o.b; o.c = [o]; Object.setPrototypeOf(o, null); return 1 }, b: 2 };
return [o, o] })()

// == map mutated in getter
(() => { const m = new Map(); m.set(1, { get x() { m.clear(); for (let i = 0; i < 1e5; i++) m.set(i, i);
return 1 } }); return m })()

// == set mutated in getter
(() => { const s = new Set(); s.add({ get x() { s.clear(); return s } }); s.add(2); return s })()

// == detached buffer
(() => { const b = new ArrayBuffer(8); const v = new Uint8Array(b);
try { structuredClone(b, { transfer: [b] }) } catch { new WebAssembly.Memory({ initial: 1 }) } return [v, b] })()

// == wasm memory grown view
(() => { const m = new WebAssembly.Memory({ initial: 1 }); const v = new Uint8Array(m.buffer); m.grow(1);
return [v, m.buffer.byteLength] })()

// == wasm memory buffer out
new WebAssembly.Memory({ initial: 100 }).buffer

// == shared buffer out
new SharedArrayBuffer(8)

// == typed array huge length accessor
(() => { const a = new Uint8Array(8); Object.defineProperty(a, 'length', { get() { for (;;); } });
return a })()

// == array length games
const a = [1, 2, 3]; Object.defineProperty(a, 'length', { writable: false }); a[10] = 1; a.push(1)

// == array huge sparse
(() => { const a = []; a[4294967294] = 1; return a })()

// == array sparse concat
const a = []; a[4e9] = 1; [].concat(a, a)

// == array indexOf sparse
const a = []; a[4294967294] = 1; a.includes(2)

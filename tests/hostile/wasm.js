// WebAssembly and Atomics

// == wasm module out
new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0]))

// == Atomics.wait long
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1e9)

// == Atomics.waitAsync
Atomics.waitAsync ? Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50).value : 1

// == wasm many modules
const all = []; for (;;) all.push(new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0])))

// == wasm shared memory
new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true })

// == wasm recursion into js
const bytes=new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,2,7,1,1,109,1,102,0,0,3,2,1,0,7,5,1,1,103,0,1,10,6,1,4,0,16,0,11]);
const i = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { f() { i.exports.g() } } });
i.exports.g()

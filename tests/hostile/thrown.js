// What is thrown, and how its stack is told

// == throw revoked proxy
(() => { const r = Proxy.revocable({}, {}); r.revoke(); throw r.proxy })()

// == throw proxy of error
throw new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 2 }, has() { throw 3 }, ownKeys() { throw 4 }, getOwnPropertyDescriptor() { throw 5 } })

// == error with throwing everything
(() => { const e = new Error('x');
for (const k of ['name','message','stack','cause','constructor']) Object.defineProperty(e, k, { get() { throw e } });
throw e })()

// == error name symbol
(() => { const e = new Error('x'); e.name = Symbol('q'); e.message = Symbol('m'); e.stack = Symbol('s');
throw e })()

// == error cycles of cause
(() => { const e = new Error('x'); e.cause = e; e.errors = [e]; throw e })()

// == prepareStackTrace recursion
Error.prepareStackTrace = (e, s) => { return new Error('inner').stack }; null.x

// == prepareStackTrace throws
Error.prepareStackTrace = () => { throw new Error('no') }; null.x

// == prepareStackTrace returns proxies
Error.prepareStackTrace = (e, s) => new Proxy(s, { get() { for (;;); } }); throw new Error('x')

// == prepareStackTrace call site this
Error.prepareStackTrace = (e, s) => s.map((c) => [c.getThis(), c.getFunction(), c.getTypeName(), c.getEvalOrigin(), String(c)]);
throw new Error('x')

// == stackTraceLimit odd
Error.stackTraceLimit = { valueOf() { for (;;); } }; throw new Error('x')

// == captureStackTrace on many
const o = {}; for (let i = 0; i < 1e5; i++) Error.captureStackTrace(o); o

// On the way out
// The value, or what is thrown, is what Python gets; in the other files nothing is handed over.

// == a result of 20,000,000 numbers
new Array(2e7).fill(0).map((_, i) => i * 1.5)

// == a result of 5,000,000 objects
const a = []; for (let i = 0; i < 5e6; i++) a.push({ i, b: [i] }); a

// == a result that is one large string 2,000 times
const s = 'x'.repeat(1e6) + '!'; /z/.test(s); new Array(2000).fill(s)

// == a result that is 4,000 typed arrays of 1 MB
const a = []; for (let i = 0; i < 4000; i++) a.push(new Uint8Array(1 << 20)); a

// == a getter that grows the result
({ get data() { const a = []; for (;;) a.push([1]) } })

// == getters that make getters
const make = () => ({ get next() { return new Array(1e4).fill(0).map(make) } }); make()

// == a thrown error with a huge message
throw new Error('x'.repeat(5e8))

// == a thrown error whose name is a getter that grows
class E extends Error { get name() { const a = []; for (;;) a.push([1]) } }
throw new E()

// == a thrown huge array
throw new Array(2e7).fill(0).map((_, i) => i * 1.5)

// == a getter of what is thrown
throw { get data() { const a = []; for (;;) a.push([1]) } }

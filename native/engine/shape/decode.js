// The way in: builds the values that a message's tokens describe (docs/shape-codec.md). C++ compiles this as the body of a function of the
// parameters `tokens`, `doubles`, `assemble` and `define`.
//
// Scripts share the realm and may have replaced every builtin and put setters on the prototypes. So there is syntax here and no method:
// literals and in-bounds stores into arrays of our own define properties whatever the prototypes hold, except where it is said.
'use strict'

let token = 0
let double = 0
let items
// For each shape, a function that builds its objects out of the tokens that follow. C++ adds them as shapes prove frequent.
const makers = []

function value() {
  const word = tokens[token++]
  if ((word & 1) === 0) return word >> 1
  const payload = word >>> 4
  switch ((word >> 1) & 7) {
    case 0: return items[payload]
    case 1: return doubles[double++]
    case 2: return payload === 0 ? null : payload === 1 ? undefined : payload === 3
    case 3: return makers[payload]()
    case 4: return array(payload)
    case 5: return numbers(payload)
    default: return pairs(payload)
  }
}

// A store beyond an array's end looks for setters and for non-writable elements in the prototypes. C++ comes here only when they have no
// elements at all.
function array(length) {
  switch (length) {
    case 0: return []
    case 1: return [value()]
    case 2: return [value(), value()]
    case 3: return [value(), value(), value()]
  }
  const made = []
  for (let i = 0; i < length; i++) made[i] = value()
  return made
}

function numbers(length) {
  switch (length) {
    case 1: return [doubles[double++]]
    case 2: return [doubles[double++], doubles[double++]]
    case 3: return [doubles[double++], doubles[double++], doubles[double++]]
  }
  const made = []
  for (let i = 0; i < length; i++) made[i] = doubles[double++]
  return made
}

function pairs(length) {
  const values = []
  for (let i = 0; i < length; i++) values[i] = value()
  const first = token
  token += length
  // Object::New makes a dictionary at once; here every new key would make a hidden class.
  if (length > 64) return assemble(values, first)
  const made = {}
  for (let i = 0; i < length; i++) {
    const key = items[tokens[first + i] >>> 4]
    // What is not in the object or its prototypes has no setter there either.
    if (key in made) define(made, key, values[i])
    else made[key] = values[i]
  }
  return made
}

return {
  decode(list) {
    token = 0
    double = 0
    items = list
    try {
      return value()
    } catch {
      return undefined // the stack is full: the wire codec says so
    } finally {
      items = undefined
    }
  },
  add(shape, maker) {
    makers[shape] = maker
  },
  value,
}

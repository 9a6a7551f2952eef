// The way out: walks a tree of data and writes its tokens (docs/shape-codec.md). C++ compiles this as the body of a function of the
// parameters `tokens`, `doubles`, `cursor` (Int32Array: the number of tokens, of doubles), `look` and `distinct`.
//
// No code of a script ever runs in here: `look` tells from an object's hidden class, before anything of it is touched, that it has data
// properties only. So at whatever is not plain the walk can be given up, and nobody can tell that it took place: the wire codec then walks
// anew. As in decode.js there is syntax and no method.
'use strict'

// What `look` says of an object. From 0 on: a shape. From MANY on: an array (whose token is written) of objects of one shape.
const DONE = -1 // it is written
const PACKED = -2 // an array, whose token is written, its elements are not
const HOLEY = -3 // the same, of the kind that could have holes; it has none
const ITEM = -4 // a leaf for V8's serializer
const LISTS = -5 // an array of arrays of numbers, all written
const MANY = 1 << 16
const MANY_HOLEY = 1 << 17

const MAX_DEPTH = 500
const CHECK_AFTER = 1 << 16

let depth = 0
// Strings and other leaves, in the order of their tokens.
let items
// Every object and array of the tree, to be looked through for such that are met twice.
let seen
let check
// For each shape, a function that writes an object of it. C++ adds them.
const writers = []

function give_up() {
  throw null
}

function value(v) {
  if (typeof v === 'string') {
    tokens[cursor[0]++] = 1
    items[items.length] = v
  } else if (typeof v === 'number') {
    if ((v >> 0) === v && v >= -0x40000000 && v <= 0x3fffffff && (v !== 0 || 1 / v > 0)) {
      tokens[cursor[0]++] = v << 1
    } else {
      tokens[cursor[0]++] = 3
      doubles[cursor[1]++] = v
    }
  } else if (typeof v === 'object') {
    if (v === null) tokens[cursor[0]++] = 5
    else object(v)
  } else if (v === undefined) {
    tokens[cursor[0]++] = 5 | 16
  } else if (v === false) {
    tokens[cursor[0]++] = 5 | 32
  } else if (v === true) {
    tokens[cursor[0]++] = 5 | 48
  } else if (typeof v === 'bigint') {
    tokens[cursor[0]++] = 1
    items[items.length] = v
  } else {
    give_up()
  }
}

function note(v) {
  const count = seen.length
  seen[count] = v
  // An object that is met again and again may stand for a tree without end.
  if (count === check) {
    if (!distinct(seen)) give_up()
    check *= 2
  }
}

function object(v) {
  if (depth === MAX_DEPTH) give_up()
  depth++
  note(v)
  const kind = look(v)
  if (typeof kind === 'object') {
    // The keys and values of an object that has no shape.
    for (let i = 0; i < kind.length; i++) value(kind[i])
  } else if (kind >= 0) {
    if (kind < MANY) writers[kind](v)
    else if (kind < MANY_HOLEY) each_packed(v, writers[kind - MANY])
    else each_holey(v, writers[kind - MANY_HOLEY])
  } else if (kind === PACKED) {
    values_packed(v)
  } else if (kind === HOLEY) {
    values_holey(v)
  } else if (kind === ITEM) {
    tokens[cursor[0]++] = 1
    items[items.length] = v
  } else if (kind === LISTS) {
    notes(v)
  } else if (kind !== DONE) {
    give_up()
  }
  depth--
}

// V8 would turn a packed array into a holey one where it sees both kinds: so each loop sees one.
function values_packed(array) {
  for (let i = 0; i < array.length; i++) value(array[i])
}
function values_holey(array) {
  for (let i = 0; i < array.length; i++) value(array[i])
}
function each_packed(array, write) {
  if (depth === MAX_DEPTH) give_up()
  depth++
  for (let i = 0; i < array.length; i++) {
    const element = array[i]
    note(element)
    write(element)
  }
  depth--
}
function each_holey(array, write) {
  if (depth === MAX_DEPTH) give_up()
  depth++
  for (let i = 0; i < array.length; i++) {
    const element = array[i]
    note(element)
    write(element)
  }
  depth--
}
function notes(array) {
  for (let i = 0; i < array.length; i++) note(array[i])
}

return {
  // The items, or undefined when the tree is not one or not plain.
  encode(root) {
    cursor[0] = 0
    cursor[1] = 0
    depth = 0
    items = []
    seen = []
    check = CHECK_AFTER
    try {
      value(root)
      return distinct(seen) ? items : undefined
    } catch {
      return undefined
    } finally {
      items = seen = undefined
    }
  },
  add(shape, writer) {
    writers[shape] = writer
  },
  value,
}

// Deep equality of two JavaScript values: gives null, or a text that says where they differ and how.
// Knows kinds (by their internal slots, not by what they say), prototypes, own keys in their order and whether they are
// enumerable, holes, -0 and NaN, Map and Set order, the bytes of buffers, and identity: what is one object on one side
// has to be one object on the other, so cycles end. A view that shares its buffer with nothing else in the value is
// compared by the bytes it shows, as nothing more of it is copied.
(() => {
  "use strict";
  const getter = (prototype, name) => Object.getOwnPropertyDescriptor(prototype, name).get;
  const typedArrayName = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
  const slots = [
    ["Map", getter(Map.prototype, "size")],
    ["Set", getter(Set.prototype, "size")],
    ["Date", Date.prototype.getTime],
    ["ArrayBuffer", getter(ArrayBuffer.prototype, "byteLength")],
    ["Number", Number.prototype.valueOf],
    ["String", String.prototype.valueOf],
    ["Boolean", Boolean.prototype.valueOf],
    ["BigInt", BigInt.prototype.valueOf],
  ];

  // Asking for a slot throws where there is none: too slow for each of a million plain objects. One that looks plain, and has keys, is
  // taken for it, though a Map could be made to look so as well.
  function isPlain(value) {
    const prototype = Object.getPrototypeOf(value);
    return (prototype === Object.prototype || prototype === null) && Object.keys(value).length !== 0;
  }

  function kindOf(value) {
    if (value === null) return "null";
    if (typeof value !== "object") return typeof value;
    if (Array.isArray(value)) return "Array";
    if (ArrayBuffer.isView(value)) return typedArrayName.call(value) ?? "DataView";
    if (isPlain(value)) return "Object";
    for (const [name, read] of slots) {
      try {
        read.call(value);
        return name;
      } catch {}
    }
    return Object.prototype.toString.call(value).slice(8, -1);
  }

  const text = (value) => {
    if (typeof value === "string") return JSON.stringify(value.length > 60 ? value.slice(0, 57) + "..." : value);
    if (Object.is(value, -0)) return "-0";
    if (typeof value === "bigint") return `${value}n`;
    return typeof value === "object" || typeof value === "function" ? kindOf(value) : String(value);
  };
  // A way to a value is its last step and the way before it; only a difference makes text of it.
  const step = (key) => {
    if (typeof key === "symbol") return `[${String(key)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${/^\d+$/.test(key) ? key : JSON.stringify(key)}]`;
  };
  class Way {
    constructor(before, key, form) {
      this.before = before;
      this.key = key;
      this.form = form;
    }
    toString() {
      const steps = [];
      for (let way = this; way.before; way = way.before) {
        steps.push(way.form === undefined ? step(way.key) : `${way.form}[${way.key}]`);
      }
      return `$${steps.reverse().join("")}`;
    }
  }
  const bytesOf = (value) =>
    ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
  const sameBytes = (a, b) => {
    const x = bytesOf(a);
    const y = bytesOf(b);
    return x.length === y.length && x.every((byte, index) => byte === y[index]);
  };
  const sameBuffers = (a, b) =>
    a.resizable === b.resizable && a.maxByteLength === b.maxByteLength && sameBytes(a, b);
  // What the generic comparison of own keys must leave alone.
  const hidden = {
    Error: (key) => key === "stack" || key === "message" || key === "cause",
    view: (key) => typeof key === "string" && /^\d+$/.test(key),
  };

  return function difference(a, b) {
    const forth = new Map();
    const back = new Map();
    const shown = new Map(); // a's buffer → views of it on either side, and whether it stands for itself too.

    const pair = (x, y) => {
      const known = forth.has(x) || back.has(y);
      if (known && (forth.get(x) !== y || back.get(y) !== x)) return false;
      forth.set(x, y);
      back.set(y, x);
      return true;
    };

    function compare(x, y, path) {
      const kind = kindOf(x);
      if (kind !== kindOf(y)) return `${path}: ${kind} ${text(x)} is not ${kindOf(y)} ${text(y)}`;
      if (x === null || typeof x !== "object") {
        return Object.is(x, y) ? null : `${path}: ${text(x)} is not ${text(y)}`;
      }
      const met = forth.has(x);
      if (!pair(x, y)) return `${path}: another identity`;
      if (met) return null;
      if (Object.getPrototypeOf(x) !== Object.getPrototypeOf(y)) return `${path}: another prototype`;
      return special(x, y, path, kind) ?? keys(x, y, path, kind);
    }

    function special(x, y, path, kind) {
      if (ArrayBuffer.isView(x)) {
        if (!sameBytes(x, y)) return `${path}: other elements`;
        const entry = shown.get(x.buffer) ?? { views: [], bare: false };
        entry.views.push([x, y, path]);
        shown.set(x.buffer, entry);
        return null;
      }
      switch (kind) {
        case "Map": {
          if (x.size !== y.size) return `${path}: size ${x.size} is not ${y.size}`;
          const others = y.entries();
          let index = 0;
          for (const [key, value] of x) {
            const [otherKey, other] = others.next().value;
            const found =
              compare(key, otherKey, new Way(path, index, ".keys()")) ?? compare(value, other, new Way(path, index, ".values()"));
            if (found !== null) return found;
            ++index;
          }
          return null;
        }
        case "Set": {
          if (x.size !== y.size) return `${path}: size ${x.size} is not ${y.size}`;
          const others = y.values();
          let index = 0;
          for (const member of x) {
            const found = compare(member, others.next().value, new Way(path, index++, ".values()"));
            if (found !== null) return found;
          }
          return null;
        }
        case "Date":
          return Object.is(x.getTime(), y.getTime()) ? null : `${path}: ${x.getTime()} is not ${y.getTime()}`;
        case "RegExp":
          return x.source === y.source && x.flags === y.flags ? null : `${path}: ${x} is not ${y}`;
        case "Number":
        case "String":
        case "Boolean":
        case "BigInt":
          return compare(x.valueOf(), y.valueOf(), path);
        case "ArrayBuffer": {
          const entry = shown.get(x) ?? { views: [], bare: false };
          entry.bare = true;
          shown.set(x, entry);
          return sameBuffers(x, y) ? null : `${path}: another buffer`;
        }
        case "Error": {
          for (const name of ["name", "message", "stack"]) {
            const found = compare(x[name], y[name], new Way(path, name));
            if (found !== null) return found;
          }
          for (const name of ["message", "cause"]) {
            if (Object.hasOwn(x, name) !== Object.hasOwn(y, name)) return `${path}.${name}: only in one`;
          }
          return compare(x.cause, y.cause, new Way(path, "cause"));
        }
      }
      return null;
    }

    function keys(x, y, path, kind) {
      const skip = hidden[ArrayBuffer.isView(x) ? "view" : kind];
      const own = (value) => (skip ? Reflect.ownKeys(value).filter((key) => !skip(key)) : Reflect.ownKeys(value));
      const names = own(x);
      const others = own(y);
      if (names.length !== others.length || names.some((name, index) => name !== others[index])) {
        return `${path}: keys ${names.map(step).join("")} are not ${others.map(step).join("")}`;
      }
      for (const name of names) {
        const one = Object.getOwnPropertyDescriptor(x, name);
        const other = Object.getOwnPropertyDescriptor(y, name);
        const at = new Way(path, name);
        if (one.enumerable !== other.enumerable) return `${at}: enumerable in one only`;
        if ("value" in one !== "value" in other) return `${at}: an accessor in one only`;
        const found = compare(x[name], y[name], at);
        if (found !== null) return found;
      }
      return null;
    }

    function buffers() {
      for (const [buffer, { views, bare }] of shown) {
        for (const [x, y, path] of views) {
          if (!pair(buffer, y.buffer)) return `${path}: a view of another buffer`;
          if (!bare && views.length === 1 && !buffer.resizable && !y.buffer.resizable) continue;
          if (x.byteOffset !== y.byteOffset) return `${path}: offset ${x.byteOffset} is not ${y.byteOffset}`;
          if (!sameBuffers(buffer, y.buffer)) return `${path}: another buffer behind the view`;
        }
      }
      return null;
    }

    // Asking for a slot throws where there is none, several times: without stacks that is quicker.
    const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
    Error.stackTraceLimit = 0;
    try {
      return compare(a, b, new Way()) ?? buffers();
    } finally {
      if (limit) Object.defineProperty(Error, "stackTraceLimit", limit);
    }
  };
})()

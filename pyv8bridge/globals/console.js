// console, whose methods make one text of their arguments and hand it to Python with a level. What is printed never runs
// getters, and never fails.
(function (write) {
  "use strict";
  const DEPTH = 4;
  const MEMBERS = 100;
  const quote = (text) => JSON.stringify(text);
  const counts = new Map();
  const times = new Map();
  let indent = "";

  function show(value, depth, seen) {
    switch (typeof value) {
      case "string": return quote(value);
      case "bigint": return `${value}n`;
      case "number": return Object.is(value, -0) ? "-0" : String(value);
      case "symbol": return value.toString();
      case "function": return value.name ? `[Function: ${value.name}]` : "[Function]";
      case "object": return value === null ? "null" : object(value, depth, seen);
      default: return String(value);
    }
  }

  function object(value, depth, seen) {
    if (seen.has(value)) return "[Circular]";
    if (value instanceof Error) return error(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return "Promise {}";
    if (depth >= DEPTH) return Array.isArray(value) ? "[Array]" : "[Object]";
    seen.add(value);
    try {
      return members(value, (part) => show(part, depth + 1, seen));
    } finally {
      seen.delete(value);
    }
  }

  const error = (value) => {
    const stack = Object.getOwnPropertyDescriptor(value, "stack")?.value;
    return typeof stack === "string" ? stack : `${value.name}: ${value.message}`;
  };

  function cut(parts, size) {
    return size > MEMBERS ? [...parts, `… ${size - MEMBERS} more`] : parts;
  }

  function members(value, inner) {
    const first = (items) => Array.prototype.slice.call(items, 0, MEMBERS);
    if (Array.isArray(value)) return `[${cut(first(value).map(inner), value.length).join(", ")}]`;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return `${value.constructor.name}(${value.length}) [${cut(first(value).map(inner), value.length).join(", ")}]`;
    }
    if (value instanceof Map) {
      const entries = first([...value]).map(([key, item]) => `${inner(key)} => ${inner(item)}`);
      return `Map(${value.size}) {${cut(entries, value.size).join(", ")}}`;
    }
    if (value instanceof Set) {
      return `Set(${value.size}) {${cut(first([...value]).map(inner), value.size).join(", ")}}`;
    }
    const keys = Object.keys(value);
    const parts = first(keys).map((key) => {
      const property = Object.getOwnPropertyDescriptor(value, key);
      const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quote(key);
      return `${name}: ${property && "value" in property ? inner(property.value) : "[Getter]"}`;
    });
    const kind = Object.getPrototypeOf(value)?.constructor?.name;
    const name = kind === undefined ? "[Object: null prototype] " : kind === "Object" ? "" : `${kind} `;
    return `${name}{${cut(parts, keys.length).join(", ")}}`;
  }

  function one(value, plain) {
    try {
      return plain && typeof value === "string" ? value : show(value, 0, new Set());
    } catch {
      return "[value that cannot be shown]";
    }
  }

  // %s, %d, %i, %f, %o, %O, %j, %c and %%, in a first argument that is a string.
  function text(args) {
    let rest = args;
    let out = "";
    if (typeof args[0] === "string" && args.length > 1) {
      let next = 1;
      out = args[0].replace(/%[sdifoOjc%]/g, (mark) => {
        if (mark === "%%") return "%";
        if (next >= args.length) return mark;
        const value = args[next++];
        switch (mark) {
          case "%s": return one(value, true);
          case "%d": return typeof value === "bigint" ? `${value}n` : typeof value === "symbol" ? "NaN" : String(Number(value));
          case "%i": return typeof value === "symbol" ? "NaN" : String(parseInt(value, 10));
          case "%f": return typeof value === "symbol" ? "NaN" : String(parseFloat(value));
          case "%c": return "";
          default: return one(value, false);
        }
      });
      rest = args.slice(next);
      if (rest.length > 0) out += " ";
    }
    out += rest.map((value) => one(value, true)).join(" ");
    return indent === "" ? out : indent + out.replaceAll("\n", `\n${indent}`);
  }

  const logs = (level) => (...args) => write(level, text(args));
  const elapsed = (label) => `${label}: ${(Date.now() - times.get(label)).toFixed(0)} ms`;
  const console = {
    debug: logs("debug"), log: logs("info"), info: logs("info"), warn: logs("warning"), error: logs("error"),
    dir: (value) => write("info", text([value])), dirxml: logs("info"), table: logs("info"),
    trace: (...args) => write("debug", `${text(["Trace:", ...args])}\n${new Error().stack.split("\n").slice(2).join("\n")}`),
    assert: (holds, ...args) => { if (!holds) write("error", text(["Assertion failed", ...args])); },
    group: (...args) => { if (args.length > 0) write("info", text(args)); indent += "  "; },
    groupCollapsed: (...args) => console.group(...args),
    groupEnd: () => { indent = indent.slice(2); },
    count: (label = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      write("info", text([`${label}: ${counts.get(label)}`]));
    },
    countReset: (label = "default") => { counts.delete(label); },
    time: (label = "default") => { if (!times.has(label)) times.set(label, Date.now()); },
    timeLog: (label = "default", ...args) => { if (times.has(label)) write("info", text([elapsed(label), ...args])); },
    timeEnd: (label = "default") => {
      if (times.has(label)) write("info", text([elapsed(label)]));
      times.delete(label);
    },
  };
  Object.defineProperty(globalThis, "console", { value: console, writable: true, enumerable: false, configurable: true });
})

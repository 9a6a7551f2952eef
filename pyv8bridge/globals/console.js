// console, whose methods make one text of their arguments and hand it to Python with a level. What is printed never runs
// getters, and never fails.
(function (write) {
  "use strict";
  const DEPTH = 4;
  const MEMBERS = 100;
  const quote = (text) => JSON.stringify(text);
  const BOXES = [Number, String, Boolean, BigInt, Symbol];
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
    if (value instanceof Error) return error(value, depth, seen);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return "Promise {}";
    if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`;
    for (const kind of BOXES) {
      if (value instanceof kind) return `[${kind.name}: ${show(kind.prototype.valueOf.call(value), depth, seen)}]`;
    }
    if (depth >= DEPTH) return Array.isArray(value) ? "[Array]" : "[Object]";
    seen.add(value);
    try {
      return members(value, (part) => show(part, depth + 1, seen));
    } finally {
      seen.delete(value);
    }
  }

  // Its stack, which begins with name and message; and what else it carries.
  function error(value, depth, seen) {
    const own = (name) => Object.getOwnPropertyDescriptor(value, name);
    const stack = own("stack")?.value;
    let out = typeof stack === "string" ? stack : `${value.name}: ${value.message}`;
    if (depth >= DEPTH) return out;
    seen.add(value);
    const more = Object.keys(value).filter((name) => name !== "stack" && name !== "message");
    for (const name of new Set([...more, "cause", "errors"])) {
      const property = own(name);
      if (property && "value" in property) out += `\n  [${name}]: ${show(property.value, depth + 1, seen).replaceAll("\n", "\n  ")}`;
    }
    seen.delete(value);
    return out;
  }

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
          case "%d":
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

  // Rows and columns of what has any; anything else as it is.
  function table(data, columns) {
    if (typeof data !== "object" || data === null) return text([data]);
    const entries = (value) => {
      if (value instanceof Map) return [...value].map(([key, item]) => [one(key, true), item]);
      if (value instanceof Set) return [...value].map((item, index) => [String(index), item]);
      return Object.keys(value).map((key) => [key, Object.getOwnPropertyDescriptor(value, key)?.value]);
    };
    const isRow = (value) => typeof value === "object" && value !== null;
    const rows = entries(data).slice(0, MEMBERS);
    const keys = columns ? [...columns].map(String) : [...new Set(rows.flatMap(([, row]) => (isRow(row) ? Object.keys(row) : [])))];
    const plain = rows.some(([, row]) => !isRow(row));
    const cells = rows.map(([index, row]) => {
      const found = new Map(isRow(row) ? entries(row) : []);
      const shown = keys.map((key) => (found.has(key) ? one(found.get(key), false) : ""));
      return [index, ...shown, ...(plain ? [isRow(row) ? "" : one(row, false)] : [])];
    });
    cells.unshift(["(index)", ...keys, ...(plain ? ["Values"] : [])]);
    const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
    const line = (row) => row.map((cell, column) => cell.padEnd(widths[column])).join(" | ").trimEnd();
    return text([[line(cells[0]), widths.map((width) => "-".repeat(width)).join("-+-"), ...cells.slice(1).map(line)].join("\n")]);
  }

  const logs = (level) => (...args) => { write(level, text(args)); };
  const info = (line) => { write("info", text([line])); };
  const warn = (line) => { write("warning", text([line])); };
  const elapsed = (label) => `${label}: ${Date.now() - times.get(label)} ms`;
  const running = (label) => times.has(label) || warn(`Timer '${label}' does not exist`);
  const console = {
    debug: logs("debug"), log: logs("info"), info: logs("info"), warn: logs("warning"), error: logs("error"),
    dir: (value) => info(value), dirxml: logs("info"),
    table: (data, columns = undefined) => {
      let shown;
      try { shown = table(data, columns); } catch { shown = text([data]); }
      write("info", shown);
    },
    trace: (...args) => {
      const stack = new Error().stack.split("\n").slice(2).join("\n");
      write("debug", `${text(args.length > 0 ? withHead("Trace: ", args) : ["Trace"])}\n${stack}`);
    },
    assert: (holds = false, ...args) => {
      if (!holds) write("error", text(args.length > 0 ? withHead("Assertion failed: ", args) : ["Assertion failed"]));
    },
    clear: () => { indent = ""; },
    group: (...args) => {
      if (args.length > 0) write("info", text(args));
      indent += "  ";
    },
    groupCollapsed: (...args) => console.group(...args),
    groupEnd: () => { indent = indent.slice(2); },
    count: (label = "default") => {
      label = `${label}`;
      counts.set(label, (counts.get(label) ?? 0) + 1);
      info(`${label}: ${counts.get(label)}`);
    },
    countReset: (label = "default") => {
      if (!counts.delete(`${label}`)) warn(`Count for '${label}' does not exist`);
    },
    time: (label = "default") => {
      label = `${label}`;
      if (times.has(label)) warn(`Timer '${label}' already exists`);
      else times.set(label, Date.now());
    },
    timeLog: (label = "default", ...args) => {
      label = `${label}`;
      if (running(label)) write("info", [text([elapsed(label)]), ...args.map((value) => one(value, true))].join(" "));
    },
    timeEnd: (label = "default") => {
      label = `${label}`;
      if (running(label)) info(elapsed(label));
      times.delete(label);
    },
  };
  const withHead = (head, [first, ...rest]) =>
    typeof first === "string" ? [head + first, ...rest] : [head.trimEnd(), first, ...rest];
  Object.defineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });
  Object.defineProperty(globalThis, "console", { value: console, writable: true, enumerable: false, configurable: true });
})

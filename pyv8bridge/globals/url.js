// URL and URLSearchParams. Python's ada parses and writes URLs; what a URL is made of is a plain object here.
(function (parse, change) {
  "use strict";
  const update = Symbol("update");
  const refill = Symbol("refill");

  const encode = (text) =>
    encodeURIComponent(text.toWellFormed ? text.toWellFormed() : text)
      .replace(/%20/g, "+").replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const decode = (text) => {
    const spaced = text.replaceAll("+", " ");
    try {
      return decodeURIComponent(spaced);
    } catch {
      // One bad sequence must not spoil the rest.
      return spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
        try { return decodeURIComponent(run); } catch { return "\ufffd"; }
      });
    }
  };
  const pairsOf = (text) =>
    text.split("&").filter((part) => part !== "").map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    });

  class URLSearchParams {
    #pairs;
    #changed;

    constructor(init = "", changed = undefined) {
      this.#changed = changed?.[update];
      if (typeof init === "object" && init !== null && typeof init[Symbol.iterator] === "function") {
        this.#pairs = [...init].map((pair) => {
          const [name, value, ...rest] = pair;
          if (value === undefined || rest.length > 0) throw new TypeError("each pair has a name and a value");
          return [String(name), String(value)];
        });
      } else if (typeof init === "object" && init !== null) {
        this.#pairs = Object.keys(init).map((name) => [name, String(init[name])]);
      } else {
        this.#pairs = pairsOf(String(init).replace(/^\?/, ""));
      }
    }

    [refill](text) { this.#pairs = pairsOf(text.replace(/^\?/, "")); }
    #set(pairs) {
      this.#pairs = pairs;
      this.#changed?.(this.toString());
    }

    get size() { return this.#pairs.length; }
    append(name, value) { this.#set([...this.#pairs, [String(name), String(value)]]); }
    delete(name, value = undefined) {
      this.#set(this.#pairs.filter(([n, v]) => n !== String(name) || (value !== undefined && v !== String(value))));
    }
    get(name) { return this.#pairs.find(([n]) => n === String(name))?.[1] ?? null; }
    getAll(name) { return this.#pairs.filter(([n]) => n === String(name)).map(([, v]) => v); }
    has(name, value = undefined) {
      return this.#pairs.some(([n, v]) => n === String(name) && (value === undefined || v === String(value)));
    }
    set(name, value) {
      const at = this.#pairs.findIndex(([n]) => n === String(name));
      if (at < 0) return this.append(name, value);
      this.#set(this.#pairs.flatMap(([n, v], i) => (i === at ? [[n, String(value)]] : n === String(name) ? [] : [[n, v]])));
    }
    sort() { this.#set(this.#pairs.toSorted ? this.#pairs.toSorted(byName) : [...this.#pairs].sort(byName)); }
    forEach(callback, self = undefined) { for (const [n, v] of this.#pairs) callback.call(self, v, n, this); }
    *entries() { yield* this.#pairs.map((pair) => [...pair]); }
    *keys() { for (const [n] of this.#pairs) yield n; }
    *values() { for (const [, v] of this.#pairs) yield v; }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.#pairs.map(([n, v]) => `${encode(n)}=${encode(v)}`).join("&"); }
    get [Symbol.toStringTag]() { return "URLSearchParams"; }
  }
  const byName = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);

  class URL {
    #parts;
    #params;

    constructor(url, base = undefined) {
      const parts = parse(String(url), base === undefined ? null : String(base));
      if (parts === null) throw new TypeError(`Invalid URL: ${String(url)}`);
      this.#parts = parts;
    }

    static canParse(url, base = undefined) { return parse(String(url), base === undefined ? null : String(base)) !== null; }
    static parse(url, base = undefined) { return URL.canParse(url, base) ? new URL(url, base) : null; }

    static #change(self, name, value) {
      const parts = change(self.#parts.href, name, value);
      if (parts === null) {
        if (name === "href") throw new TypeError(`Invalid URL: ${value}`);
        return; // as the standard has it: what makes no URL changes nothing
      }
      self.#parts = parts;
      if (name === "href" || name === "search") self.#params?.[refill](parts.search);
    }

    get searchParams() {
      this.#params ??= new URLSearchParams(this.#parts.search, {
        [update]: (text) => { this.#parts = change(this.#parts.href, "search", text) ?? this.#parts; },
      });
      return this.#params;
    }
    get origin() { return this.#parts.origin; }
    toString() { return this.#parts.href; }
    toJSON() { return this.#parts.href; }
    get [Symbol.toStringTag]() { return "URL"; }

    static {
      for (const name of ["href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]) {
        Object.defineProperty(URL.prototype, name, {
          get() { return this.#parts[name]; },
          set(value) { URL.#change(this, name, String(value)); },
          enumerable: true,
          configurable: true,
        });
      }
    }
  }

  for (const value of [URL, URLSearchParams]) {
    Object.defineProperty(globalThis, value.name, { value, writable: true, enumerable: false, configurable: true });
  }
})

// URL and URLSearchParams. Python's ada parses and writes URLs; what a URL is made of is a plain object here.
(function (parse, change, formPairs) {
  "use strict";
  const update = Symbol("update");
  const refill = Symbol("refill");

  // A USVString: what cannot be a string throws, lone surrogates become U+FFFD.
  const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
  const usv = (value) => `${value}`.replace(LONE, "\ufffd");
  const need = (count, given, what) => {
    if (given < count) throw new TypeError(`${what} takes ${count === 1 ? "an argument" : `${count} arguments`}`);
  };
  const encode = (text) =>
    encodeURIComponent(text).replace(/%20/g, "+")
      .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  // A piece at a time, between two of which a call can end: Python takes microseconds for each pair, and a hundred bytes.
  const PIECE = 1 << 14;
  const pairsOf = (text) => {
    const pairs = [];
    for (let at = 0; at < text.length; ) {
      const next = at + PIECE < text.length ? text.indexOf("&", at + PIECE) : -1;
      const end = next < 0 ? text.length : next;
      for (const pair of formPairs(text.slice(at, end))) pairs.push(pair);
      at = end + 1;
    }
    return pairs;
  };

  // Goes on with what is there by then.
  const iterators = new WeakMap();
  const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  const ParamsIterator = Object.create(IteratorPrototype, {
    next: {
      value: function next() {
        const state = iterators.get(this);
        if (state === undefined) throw new TypeError("not an iterator of URLSearchParams");
        const pair = state.pairs()[state.at++];
        return pair === undefined ? { value: undefined, done: true } : { value: state.pick(pair), done: false };
      },
      writable: true, enumerable: true, configurable: true,
    },
    [Symbol.toStringTag]: { value: "URLSearchParams Iterator", configurable: true },
  });
  const iterate = (pairs, pick) => {
    const iterator = Object.create(ParamsIterator);
    iterators.set(iterator, { pairs, pick, at: 0 });
    return iterator;
  };

  class URLSearchParams {
    #pairs;
    #changed;

    constructor(init = "", changed = undefined) {
      this.#changed = changed?.[update];
      const isObject = (typeof init === "object" && init !== null) || typeof init === "function";
      const iterator = isObject ? init[Symbol.iterator] : undefined;
      if (iterator !== undefined && iterator !== null) {
        this.#pairs = [...init].map((pair) => {
          if (typeof pair !== "object" || pair === null) throw new TypeError("each pair is a list");
          const both = [...pair];
          if (both.length !== 2) throw new TypeError("each pair has a name and a value");
          return both.map(usv);
        });
      } else if (isObject) {
        this.#pairs = Object.keys(init).map((name) => [usv(name), usv(init[name])]);
      } else {
        this.#pairs = pairsOf(usv(init).replace(/^\?/, ""));
      }
    }

    [refill](text) { this.#pairs = pairsOf(text.replace(/^\?/, "")); }
    #set(pairs) {
      this.#pairs = pairs;
      this.#changed?.(this.toString());
    }

    get size() { return this.#pairs.length; }
    append(name, value) {
      need(2, arguments.length, "append");
      this.#set([...this.#pairs, [usv(name), usv(value)]]);
    }
    delete(name, value = undefined) {
      need(1, arguments.length, "delete");
      [name, value] = [usv(name), value === undefined ? undefined : usv(value)];
      this.#set(this.#pairs.filter(([n, v]) => n !== name || (value !== undefined && v !== value)));
    }
    get(name) {
      need(1, arguments.length, "get");
      name = usv(name);
      return this.#pairs.find(([n]) => n === name)?.[1] ?? null;
    }
    getAll(name) {
      need(1, arguments.length, "getAll");
      name = usv(name);
      return this.#pairs.filter(([n]) => n === name).map(([, v]) => v);
    }
    has(name, value = undefined) {
      need(1, arguments.length, "has");
      [name, value] = [usv(name), value === undefined ? undefined : usv(value)];
      return this.#pairs.some(([n, v]) => n === name && (value === undefined || v === value));
    }
    set(name, value) {
      need(2, arguments.length, "set");
      [name, value] = [usv(name), usv(value)];
      const at = this.#pairs.findIndex(([n]) => n === name);
      if (at < 0) return this.#set([...this.#pairs, [name, value]]);
      this.#set(this.#pairs.filter(([n], i) => n !== name || i === at).map((pair) => (pair[0] === name ? [name, value] : pair)));
    }
    sort() { this.#set([...this.#pairs].sort(byName)); }
    forEach(callback, self = undefined) {
      if (typeof callback !== "function") throw new TypeError("forEach takes a function");
      for (let at = 0; at < this.#pairs.length; ++at) {
        const [name, value] = this.#pairs[at];
        callback.call(self, value, name, this);
      }
    }
    entries() { return iterate(() => this.#pairs, ([name, value]) => [name, value]); }
    keys() { return iterate(() => this.#pairs, ([name]) => name); }
    values() { return iterate(() => this.#pairs, ([, value]) => value); }
    toString() { return this.#pairs.map(([n, v]) => `${encode(n)}=${encode(v)}`).join("&"); }
  }
  const byName = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);

  class URL {
    #parts;
    #params;

    constructor(url, base = undefined) {
      need(1, arguments.length, "URL");
      const parts = parse(usv(url), base === undefined ? null : usv(base));
      if (parts === null) throw new TypeError(`Invalid URL: ${url}`);
      this.#parts = parts;
    }

    static canParse(url, base = undefined) {
      need(1, arguments.length, "canParse");
      return parse(usv(url), base === undefined ? null : usv(base)) !== null;
    }
    static parse(url, base = undefined) {
      need(1, arguments.length, "parse");
      [url, base] = [usv(url), base === undefined ? undefined : usv(base)];
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }

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

    static {
      for (const name of ["href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]) {
        Object.defineProperty(URL.prototype, name, {
          get() { return this.#parts[name]; },
          set(value) { URL.#change(this, name, usv(value)); },
          enumerable: true,
          configurable: true,
        });
      }
    }
  }

  Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
    value: URLSearchParams.prototype.entries, writable: true, configurable: true,
  });
  for (const value of [URL, URLSearchParams]) {
    for (const name of Object.getOwnPropertyNames(value.prototype)) {
      if (name !== "constructor") Object.defineProperty(value.prototype, name, { enumerable: true });
    }
    Object.defineProperty(value.prototype, Symbol.toStringTag, { value: value.name, configurable: true });
    Object.defineProperty(globalThis, value.name, { value, writable: true, enumerable: false, configurable: true });
  }
})

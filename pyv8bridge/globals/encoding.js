// TextEncoder and TextDecoder. Python's codecs do the work.
(function (encode, makeDecoder) {
  "use strict";
  const bytesOf = (input) => {
    if (input === undefined) return new Uint8Array();
    const isShared = (buffer) => Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
    // Shared memory does not cross, a copy of it does.
    if (ArrayBuffer.isView(input)) {
      const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
      return isShared(input.buffer) ? Uint8Array.from(bytes) : bytes;
    }
    if (input instanceof ArrayBuffer) return new Uint8Array(input);
    if (isShared(input)) return Uint8Array.from(new Uint8Array(input));
    throw new TypeError("an ArrayBuffer or a view on one is needed");
  };

  // What is no object, and not nothing, cannot hold options.
  const optionsOf = (value) => {
    if (value === undefined || value === null) return {};
    if (typeof value === "object" || typeof value === "function") return value;
    throw new TypeError("options are an object");
  };

  class TextEncoder {
    get encoding() { return "utf-8"; }

    encode(input = "") { return encode(`${input}`); }

    encodeInto(source, destination) {
      if (!(destination instanceof Uint8Array)) throw new TypeError("the destination is a Uint8Array");
      let read = 0;
      let written = 0;
      for (const character of `${source}`) {
        const bytes = encode(character);
        if (written + bytes.length > destination.length) break;
        destination.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    #decode;
    #encoding;
    #fatal;
    #ignoreBOM;

    constructor(label = "utf-8", options = undefined) {
      const { fatal = false, ignoreBOM = false } = optionsOf(options);
      const name = `${label}`.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "").toLowerCase();
      const found = makeDecoder(name, Boolean(fatal), Boolean(ignoreBOM));
      if (found === null) throw new RangeError(`the encoding ${JSON.stringify(`${label}`)} is not known`);
      this.#encoding = found("name", false);
      this.#decode = found;
      this.#fatal = Boolean(fatal);
      this.#ignoreBOM = Boolean(ignoreBOM);
    }

    get encoding() { return this.#encoding; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBOM; }

    decode(input = undefined, options = undefined) {
      const { stream = false } = optionsOf(options);
      const text = this.#decode(bytesOf(input), Boolean(stream));
      if (text === null) throw new TypeError("the bytes are not valid in this encoding");
      return text;
    }
  }

  for (const value of [TextEncoder, TextDecoder]) {
    for (const name of Object.getOwnPropertyNames(value.prototype)) {
      if (name !== "constructor") Object.defineProperty(value.prototype, name, { enumerable: true });
    }
    Object.defineProperty(value.prototype, Symbol.toStringTag, { value: value.name, configurable: true });
    Object.defineProperty(globalThis, value.name, { value, writable: true, enumerable: false, configurable: true });
  }
})

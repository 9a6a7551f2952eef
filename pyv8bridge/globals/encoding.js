// TextEncoder and TextDecoder. Python's codecs do the work, a piece at a time: nothing stops them, and bytes that are in no encoding
// take them microseconds each. Between two pieces a call can end.
(function (encode, makeDecoder) {
  "use strict";
  const PIECE = 1 << 14;
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

  // The first half of a pair, which is not to be parted.
  const isHigh = (unit) => (unit & 0xfc00) === 0xd800;

  class TextEncoder {
    get encoding() { return "utf-8"; }

    encode(input = "") {
      const text = `${input}`;
      if (text.length <= PIECE) return encode(text);
      const pieces = [];
      let size = 0;
      for (let at = 0; at < text.length; ) {
        let end = at + PIECE;
        if (end < text.length && isHigh(text.charCodeAt(end - 1))) --end;
        const bytes = encode(text.slice(at, end));
        pieces.push(bytes);
        size += bytes.length;
        at = end;
      }
      const whole = new Uint8Array(size);
      let filled = 0;
      for (const bytes of pieces) {
        whole.set(bytes, filled);
        filled += bytes.length;
      }
      return whole;
    }

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
    #goesOn = false;

    constructor(label = "utf-8", options = undefined) {
      const { fatal = false, ignoreBOM = false } = optionsOf(options);
      const name = `${label}`.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "").toLowerCase();
      const found = makeDecoder(name, Boolean(fatal), Boolean(ignoreBOM));
      if (found === null) throw new RangeError(`the encoding ${JSON.stringify(`${label}`)} is not known`);
      this.#encoding = found("name", false, true);
      this.#decode = found;
      this.#fatal = Boolean(fatal);
      this.#ignoreBOM = Boolean(ignoreBOM);
    }

    get encoding() { return this.#encoding; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBOM; }

    decode(input = undefined, options = undefined) {
      const { stream = false } = optionsOf(options);
      const bytes = bytesOf(input);
      // Anew also where the call before was stopped between two pieces.
      let goesOn = this.#goesOn;
      this.#goesOn = false;
      let whole = "";
      for (let at = 0; ; at += PIECE) {
        const isLast = at + PIECE >= bytes.length;
        const text = this.#decode(bytes.subarray(at, at + PIECE), !isLast || Boolean(stream), goesOn);
        if (text === null) throw new TypeError("the bytes are not valid in this encoding");
        whole += text;
        goesOn = true;
        if (isLast) break;
      }
      this.#goesOn = Boolean(stream);
      return whole;
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

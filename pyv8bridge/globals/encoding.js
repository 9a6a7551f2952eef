// TextEncoder and TextDecoder. Python's codecs do the work.
(function (encode, makeDecoder) {
  "use strict";
  const bytesOf = (input) => {
    if (input === undefined) return new Uint8Array();
    if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    if (input instanceof ArrayBuffer) return new Uint8Array(input);
    throw new TypeError("an ArrayBuffer or a view on one is needed");
  };

  class TextEncoder {
    get encoding() { return "utf-8"; }

    encode(input = "") { return encode(String(input)); }

    encodeInto(source, destination) {
      if (!(destination instanceof Uint8Array)) throw new TypeError("the destination is a Uint8Array");
      let read = 0;
      let written = 0;
      for (const character of String(source)) {
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

    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      const found = makeDecoder(String(label).trim().toLowerCase(), Boolean(fatal), Boolean(ignoreBOM));
      if (found === null) throw new RangeError(`the encoding ${JSON.stringify(String(label))} is not known`);
      this.#encoding = found("name", false);
      this.#decode = found;
      this.#fatal = Boolean(fatal);
      this.#ignoreBOM = Boolean(ignoreBOM);
    }

    get encoding() { return this.#encoding; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBOM; }

    decode(input = undefined, { stream = false } = {}) {
      const text = this.#decode(bytesOf(input), Boolean(stream));
      if (text === null) throw new TypeError("the bytes are not valid in this encoding");
      return text;
    }
  }

  for (const value of [TextEncoder, TextDecoder]) {
    Object.defineProperty(globalThis, value.name, { value, writable: true, enumerable: false, configurable: true });
  }
})

// structuredClone: V8's serializer makes the copy, as the standard has it; here are only the arguments.
(function (clone) {
  "use strict";
  const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

  function transferred(options) {
    if (options === undefined || options === null) return [];
    if (!isObject(options)) throw new TypeError("the options of structuredClone are an object");
    const { transfer } = options;
    if (transfer === undefined) return [];
    if (!isObject(transfer) || typeof transfer[Symbol.iterator] !== "function") {
      throw new TypeError("what structuredClone transfers is a list of objects");
    }
    const list = [...transfer];
    if (!list.every(isObject)) throw new TypeError("structuredClone transfers objects only");
    return list;
  }

  const value = function structuredClone(value, options = undefined) {
    if (arguments.length === 0) throw new TypeError("structuredClone takes a value");
    return clone(value, transferred(options));
  };
  Object.defineProperty(globalThis, "structuredClone", { value, writable: true, enumerable: true, configurable: true });
})

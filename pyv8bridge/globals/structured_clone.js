// structuredClone, by way of Python and back: V8's serializer makes the copy, as the standard has it.
(function (copy) {
  "use strict";
  const value = function structuredClone(value, options = undefined) {
    if (arguments.length === 0) throw new TypeError("structuredClone takes a value");
    if (options?.transfer?.length > 0) throw new TypeError("structuredClone cannot transfer here");
    return copy([value])[0];
  };
  Object.defineProperty(globalThis, "structuredClone", { value, writable: true, enumerable: true, configurable: true });
})

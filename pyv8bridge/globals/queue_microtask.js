// queueMicrotask. What the callback throws is an unhandled rejection, and reported as one.
(function () {
  "use strict";
  const resolved = Promise.resolve();
  const then = Promise.prototype.then;
  const value = function queueMicrotask(callback) {
    if (typeof callback !== "function") throw new TypeError(`queueMicrotask takes a function, not ${typeof callback}`);
    then.call(resolved, () => { callback(); });
  };
  Object.defineProperty(globalThis, "queueMicrotask", { value, writable: true, enumerable: true, configurable: true });
})

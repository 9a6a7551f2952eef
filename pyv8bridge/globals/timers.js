// setTimeout and its family. What is to run stays here; Python keeps the time, and calls the function that this gives
// when a timer is due.
(function (schedule, unschedule) {
  "use strict";
  const { apply } = Reflect;
  const timers = new Map();
  let last = 0;

  function start(name, callback, delay, args, repeats) {
    if (typeof callback !== "function") throw new TypeError(`${name} takes a function, not ${typeof callback}`);
    delay = Math.max(delay | 0, 0); // an int32, as HTML has it: what is too large is 0, too
    const id = ++last;
    timers.set(id, { callback, args, delay: repeats ? Math.max(delay, 1) : -1 });
    schedule(id, delay);
    return id;
  }

  function stop(id) {
    id |= 0;
    if (timers.delete(id)) unschedule(id);
  }

  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
  define("setTimeout", function setTimeout(callback, delay = 0, ...args) {
    return start("setTimeout", callback, delay, args, false);
  });
  define("setInterval", function setInterval(callback, delay = 0, ...args) {
    return start("setInterval", callback, delay, args, true);
  });
  define("clearTimeout", function clearTimeout(id = 0) { stop(id); });
  define("clearInterval", function clearInterval(id = 0) { stop(id); });

  return (id) => {
    const timer = timers.get(id);
    if (timer === undefined) return;
    if (timer.delay < 0) {
      timers.delete(id);
    } else {
      schedule(id, timer.delay);
    }
    apply(timer.callback, globalThis, timer.args);
  };
})

// Time in the hands of a test: it stands still until the test lets it pass. Sockets that the page opens are kept in a
// list, and count the frames that they heard.
(() => {
  const Real = Date;
  let now = Real.now();
  let last = 0;
  const timers = new Map();

  self.Date = class extends Real {
    constructor(...args) {
      super(...(args.length ? args : [now]));
    }
    static now() {
      return now;
    }
  };
  const plan = (isRepeated) => (act, delay = 0, ...args) => {
    last += 1;
    delay = Math.max(Number(delay) || 0, isRepeated ? 1 : 0);
    timers.set(last, { at: now + delay, every: isRepeated && delay, act: () => act(...args) });
    return last;
  };
  self.setTimeout = plan(false);
  self.setInterval = plan(true);
  self.clearTimeout = self.clearInterval = (id) => timers.delete(id);

  /** The next timer that is due at `end`. */
  const due = (end) => [...timers].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at)[0];
  function fire([id, timer]) {
    if (timer.every) timer.at = now + timer.every;
    else timers.delete(id);
    timer.act();
  }
  self.clock = {
    async pass(ms) {
      const end = now + ms;
      for (let next; (next = due(end)); ) {
        now = Math.max(now, next[1].at);
        fire(next);
        await null;
      }
      now = end;
    },
    sleep(ms) {
      now += ms;
      for (let next; (next = due(now)); ) fire(next);
    },
  };

  self.sockets = [];
  self.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
      this.heard = 0;
      this.addEventListener("message", () => (this.heard += 1));
    }
  };
})();

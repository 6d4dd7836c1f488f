const [path, document_, frame] = arguments;
const { apply, hash, receive } = await import(path + "/queue.js");
const { pause } = await import(path + "/socket.js");
const failed = [];
const check = (what, isSo) => isSo || failed.push(what);
const { epoch, seq, hash: expected, ...queue } = document_.data;
const state = { epoch, seq, hash: expected, queue };

check("hash of the example", hash(queue) === "4c7ece55");
const next = receive(state, frame);
check("hash after the delta", next && hash(next.queue) === "b1668b8d" && next.seq === 4712);
check("counts are replaced", next.queue.counts.completed === 143);
check("the queue before is left alone", hash(queue) === "4c7ece55" && queue.recent.length === 3);
check("rows that stay are the same objects", next.queue.pending[0] === queue.pending[1]);
check("a frame of the past is ignored", receive(next, frame) === next);
check("a gap does not fit", receive({ ...state, seq: 4710 }, frame) === null);
check("another run does not fit", receive({ ...state, epoch: "other" }, frame) === null);
check("nothing is known without a snapshot", receive(null, frame) === null);
check("a conflated delta fits", receive(state, { ...frame, seq: 4720 })?.seq === 4720);
check("a wrong hash does not fit", receive(state, { ...frame, hash: "00000000" }) === null);
check("an unknown operation does not fit", receive(state, { ...frame, ops: [{ op: "swap" }] }) === null);
check("an operation on nothing does not fit", receive(state, { ...frame, ops: [{ op: "remove", list: "pending", id: "x" }] }) === null);
const snapshot = { type: "snapshot", protocol: 1, epoch: "new", seq: 1, hash: expected, queue };
check("a snapshot replaces whatever was known", receive(next, snapshot)?.epoch === "new");
check("a snapshot is checked", receive(null, { ...snapshot, hash: "00000000" }) === null);
const beat = { type: "heartbeat", epoch, seq, hash: expected };
check("a heartbeat agrees", receive(state, beat) === state);
for (const other of [{ seq: seq + 1 }, { hash: "00000000" }, { epoch: "new" }]) {
  check("a heartbeat differs " + JSON.stringify(other), receive(state, { ...beat, ...other }) === null);
}
const rows = (...ids) => ids.map((id) => ({ id }));
const small = { pending: rows("a", "b", "c"), building: [], blocked: [], recent: [] };
const ids = (queue, list) => queue[list].map(({ id }) => id).join("");
const after = (...ops) => apply(small, ops);
check("add before", ids(after({ op: "add", list: "pending", before: "b", item: { id: "x" } }), "pending") === "axbc");
check("add at the end", ids(after({ op: "add", list: "pending", before: null, item: { id: "x" } }), "pending") === "abcx");
check("remove", ids(after({ op: "remove", list: "pending", id: "b" }), "pending") === "ac");
check("change", after({ op: "change", list: "pending", id: "b", set: { drone: "y" } }).pending[1].drone === "y");
check("move within", ids(after({ op: "move", from: "pending", to: "pending", id: "c", before: "a", set: {} }), "pending") === "cab");
const moved = after({ op: "move", from: "pending", to: "blocked", id: "a", before: null, set: { state: "blocked" } });
check("move across", ids(moved, "pending") === "bc" && moved.blocked[0].state === "blocked");
check("meta", after({ op: "meta", set: { paused: true } }).paused === true);
for (const chance of [0, 0.5, 0.999]) {
  const wait = pause(1, "", chance);
  check("full jitter", wait >= 1000 && wait <= 30000);
}
check("the whole range", pause(1, "", 0) === 1000 && pause(2, "bye", 1) === 30000);
check("what the server asks for", pause(1, '{"retry_after_ms": 1234}', 0) === 1234);
check("but not for days", pause(1, '{"retry_after_ms": 1e12}', 0) === 300000);
check("rarely after three failures", pause(3, "", 0) === 60000);
return failed;

// @ts-check
// The queue as subscribers keep it: what a frame makes of it, and the hash that proves it. Pure.

/** @typedef {Record<string, any>} Queue the document's data without its version */
/** @typedef {{epoch: string, seq: number, hash: string, queue: Queue}} State */

export const LISTS = ["pending", "building", "blocked", "recent"];

/**
 * Eight digits that differ when the facts do.
 * @param {Queue} queue
 */
export function hash(queue) {
  let text = "";
  for (const list of LISTS) {
    for (const row of queue[list]) {
      const { id, state, drone, failures, started_at, reason } = row;
      text += (list === "recent" ? [list, id] : [list, id, state, drone, failures, started_at, reason]).join("\t") + "\n";
    }
  }
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}

/**
 * The queue after the operations; rows that they leave alone stay the same objects. Throws where one does not fit.
 * @param {Queue} queue
 * @param {Record<string, any>[]} ops
 */
export function apply(queue, ops) {
  const next = { ...queue };
  for (const list of LISTS) next[list] = [...queue[list]];
  const place = (/** @type {string} */ list, /** @type {string} */ id) => {
    const idx = next[list].findIndex((/** @type {any} */ row) => row.id === id);
    if (idx < 0) throw new RangeError(list);
    return idx;
  };
  const insert = (/** @type {string} */ list, /** @type {string | null} */ before, /** @type {any} */ row) =>
    next[list].splice(before === null ? next[list].length : place(list, before), 0, row);
  const take = (/** @type {string} */ list, /** @type {string} */ id) => next[list].splice(place(list, id), 1)[0];
  for (const { op, list, id, before, item, set, from, to } of ops) {
    if (op === "add") insert(list, before, item);
    else if (op === "remove") take(list, id);
    else if (op === "change") next[list][place(list, id)] = { ...next[list][place(list, id)], ...set };
    else if (op === "move") insert(to, before, { ...take(from, id), ...set });
    else if (op === "meta") Object.assign(next, set);
    else throw new RangeError(op);
  }
  return next;
}

/**
 * What is known after a frame: the same when it says nothing new, and null when the two do not fit together.
 * @param {State | null} mine
 * @param {Record<string, any>} frame
 * @returns {State | null}
 */
export function receive(mine, frame) {
  const { type, epoch, seq, base } = frame;
  if (type === "snapshot") return proven({ epoch, seq, hash: frame.hash, queue: frame.queue });
  if (!mine || mine.epoch !== epoch) return null;
  if (type === "delta" && seq <= mine.seq) return mine;
  if (type === "delta" && base === mine.seq) {
    try {
      const queue = { ...apply(mine.queue, frame.ops), counts: frame.counts };
      return proven({ epoch, seq, hash: frame.hash, queue });
    } catch {
      return null;
    }
  }
  return type === "heartbeat" && seq === mine.seq && frame.hash === mine.hash ? mine : null;
}

/** @param {State} state */
const proven = (state) => (hash(state.queue) === state.hash ? state : null);

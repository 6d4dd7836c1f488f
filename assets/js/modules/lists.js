// @ts-check
// The lists of the queue on the page: read from it at the start, and brought up to date row by row.

import { arrange, morph } from "./dom.js";
import { LISTS, hash } from "./queue.js";
import { makeRow, readRow, why } from "./rows.js";

/** What each row shows. @type {WeakMap<Element, [list: string, item: any, position: number, isFrozen: boolean]>} */
const shown = new WeakMap();

/** @param {string} selector @returns {HTMLElement[]} */
const all = (selector) => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))];
/** @param {string} list */
const rowsOf = (list) => all(`[data-list="${list}"] > [data-id]`);
/** Whether the server knew a queue when it made this page. */
export const isKnown = () => document.querySelector("[data-empty]");

/**
 * The queue of the page, if the server knew one.
 * @param {boolean} isFrozen
 * @returns {import("./queue.js").State | null}
 */
export function readPage(isFrozen) {
  if (!isKnown()) return null;
  const queue = /** @type {import("./queue.js").Queue} */ ({});
  for (const list of LISTS) {
    queue[list] = rowsOf(list).map((row, idx) => {
      const item = readRow(row);
      shown.set(row, [list, item, idx + 1, isFrozen]);
      return item;
    });
  }
  const { epoch = "", seq } = document.body.dataset;
  return { epoch, seq: Number(seq), hash: hash(queue), queue };
}

/**
 * Shows the queue.
 * @param {import("./queue.js").Queue} queue
 * @param {boolean} isFrozen
 */
export function showQueue(queue, isFrozen) {
  const old = new Map(LISTS.flatMap((list) => rowsOf(list).map((row) => [row.dataset.id, row])));
  const rows = LISTS.map((list) =>
    queue[list].map((/** @type {any} */ item, /** @type {number} */ idx) => {
      // A build that ended goes on under another id as the row that it was.
      const id = old.has(item.id) || list !== "recent" ? item.id : item.package;
      const row = showRow(old.get(id), list, item, idx + 1, isFrozen);
      old.delete(id);
      return row;
    }),
  );
  for (const row of old.values()) row.remove();
  LISTS.forEach((list, idx) => {
    const bodies = all(`[data-list="${list}"]`);
    bodies.forEach((body, nth) => {
      // As many rows a group as the server would give it; the last one takes the rest until the next page.
      const length = Number(body.dataset.length ?? NaN);
      const isLast = nth + 1 === bodies.length;
      arrange(body, rows[idx].slice(nth * length, isLast ? undefined : (nth + 1) * length), (row) => row.nodeType === 1);
    });
    const [empty] = all(`[data-empty="${list}"]`);
    empty.hidden = rows[idx].length > 0;
    empty.nextElementSibling?.toggleAttribute("hidden", !empty.hidden);
  });
  if (queue.counts) showCounts(queue.counts);
}

/**
 * @param {HTMLElement | undefined} row
 * @param {string} list @param {any} item @param {number} position @param {boolean} isFrozen
 */
function showRow(row, list, item, position, isFrozen) {
  const [oldList, oldItem, oldPosition, wasFrozen] = (row && shown.get(row)) ?? [];
  if (!row || oldList !== list || oldItem !== item || (list === "building" && wasFrozen !== isFrozen)) {
    const fresh = makeRow(list, item, position, isFrozen);
    if (row) morph(row, fresh);
    row ??= fresh;
  } else if (list === "pending" && oldPosition !== position) {
    row.querySelector('[data-slot="place"]')?.replaceChildren(String(position));
    row.querySelector('[data-slot="why"]')?.replaceChildren(why(item, position));
  }
  shown.set(row, [list, item, position, isFrozen]);
  return row;
}

/** What became unknown is told by the next page. @param {Record<string, any>} counts */
function showCounts(counts) {
  const { blocked, failed } = counts;
  counts = { ...counts, held: blocked === null || failed === null ? null : blocked + failed };
  for (const element of all("[data-count]")) {
    const n = counts[element.dataset.count ?? ""];
    if (n != null) element.textContent = n.toLocaleString("en", { useGrouping: "min2" });
  }
}

// @ts-check
// Rows from the server's own patterns: a script fills their places and takes away the parts that do not apply.

import { duration, localize, serverNow } from "./clock.js";

/** @typedef {Record<string, any>} Item */

const MINUTE_MS = 60_000;
const VERSION = /^(.+\/)(.+?)(-\d[^-]*(-r\d+)?)?$/;
const FACTS = "state reason drone failures assigned_at started_at estimate expected_start_at expected_finish_at".split(" ");

/** @param {string} id @returns {any} */
export const pattern = (id) => /** @type {any} */ (document.getElementById(id))?.content;

/** A copy of what the server calls something. @param {string} key @returns {any} */
function word(key) {
  const words = pattern("words").querySelector(`[data-word="${key}"]`).cloneNode(true);
  return words.firstElementChild ?? words;
}

/** A badge with its words. @param {string} key @param {Item} [values] */
function badge(key, values) {
  const element = word(key);
  const text = element.lastChild;
  text.data = text.data.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => values?.[name]).replace(/^ its/, " Its");
  return element;
}

/** The words alone. @param {string} key @param {Item} [values] @returns {string} */
const say = (key, values) => badge(key, values).lastChild.data.trim();

/** @param {string | number | null} at */
function time(at) {
  if (!at) return word("unknown");
  const date = new Date(at);
  const [, day, month, year, clock] = date.toUTCString().split(" ");
  const element = document.createElement("time");
  element.dateTime = date.toISOString().slice(0, 19) + "Z";
  element.title = `${Number(day)} ${month} ${year}, ${clock} UTC`;
  return element;
}

/** @param {number | null | undefined} seconds */
const length = (seconds) => (seconds == null ? word("unknown") : duration(seconds));

/** Its page: the pattern has the path to it. @param {Element} element @param {string} path */
function leadTo(element, path) {
  const end = path.split("/").map(encodeURIComponent).join("/");
  element.setAttribute("href", element.getAttribute("href") + end);
  return element;
}

/** @param {Item} row */
function packageOf(row) {
  if (row.package === null) return word("withheld");
  const element = word("package");
  const parts = VERSION.exec(row.package) ?? [];
  [...element.children].forEach((child, idx) => (child.textContent = parts[idx + 1] ?? ""));
  return leadTo(element, parts[1] + parts[2]);
}

/** @param {Item} row @param {string | 0} [text] what is said of it */
function droneOf({ drone }, text) {
  const element = word(drone ? "drone" : "no_drone");
  if (text || drone) element.textContent = text || drone;
  return drone ? leadTo(element, drone) : element;
}

/** @param {Item} item @param {number} [position] */
function valuesOf({ failures: n, drone }, position = 1) {
  const times = say(`times.${n > 2 ? "n" : n || 1}`, { n });
  return { ahead: position - 1, times, drone: drone ?? "its drone" };
}

/** @param {Item} item @param {number} position */
export function why(item, position) {
  if (!item.reason) return word("unknown");
  const make = item.reason === "in_line" || item.state !== "pending" ? say : badge;
  return make(`reason.${item.reason}`, valuesOf(item, position));
}

/** What each kind of row says. @type {Record<string, (item: Item, position: number, isFrozen: boolean) => Item>} */
const VIEWS = {
  pending: (item, position) => ({
    place: position,
    why: why(item, position),
    takes: length(item.estimate?.median_seconds),
    start: time(item.expected_start_at),
    done: time(item.expected_finish_at),
  }),
  building(item, _, isFrozen) {
    const { state, estimate, started_at } = item;
    const started = Date.parse(started_at);
    const ticking = !isFrozen && state === "building" && started_at;
    const pace = ticking && estimate;
    const isLate = pace && serverNow() >= started + estimate.high_seconds * 1_000 + 1_000;
    // Rounded outwards, or a range of one minute would end before what is expected in it.
    const after = (/** @type {string} */ name, /** @type {(n: number) => number} */ round) =>
      started_at && estimate && time(round((started + estimate[name] * 1_000) / MINUTE_MS) * MINUTE_MS);
    const high = after("high_seconds", Math.ceil);
    return {
      badge: badge(`state.${isLate ? "overdue" : state}`),
      held: state !== "assigned",
      drone: droneOf(item),
      started: started_at && time(started_at),
      ticking,
      progress: pace && !isLate,
      assigned: !started_at && item.assigned_at && time(item.assigned_at),
      failures: item.failures && say("words.failures", valuesOf(item)),
      reason: item.reason && droneOf(item, why(item, 1)),
      late: isLate && high,
      expected: !isLate && item.expected_finish_at && time(item.expected_finish_at),
      verb: say(isFrozen ? "words.was_expected" : "words.expected"),
      low: after("low_seconds", Math.floor),
      high,
      basis: estimate && say(`basis${estimate.samples == 1 ? "_of_1" : ""}.${estimate.basis}`, { n: estimate.samples }),
    };
  },
  blocked: (item) => ({ badge: badge(`state.${item.state}`), why: why(item, 1), failures: item.failures }),
  recent: (build) => ({
    badge: badge(`build.${build.status}`),
    when: time(build.finished_at),
    drone: droneOf(build),
    took: length(build.duration_seconds),
  }),
};

/**
 * A row as the server would make it.
 * @param {string} list
 * @param {Item} item
 * @param {number} position from 1
 * @param {boolean} isFrozen nothing is known to go on
 * @returns {HTMLElement}
 */
export function makeRow(list, item, position, isFrozen) {
  const row = pattern(`row-${list}`).firstElementChild.cloneNode(true);
  const view = VIEWS[list](item, position, isFrozen);
  view.package = packageOf(item);
  const { dataset } = row;
  dataset.id = item.id;
  if (dataset.tone) dataset.tone = view.badge.dataset.tone;
  if (dataset.state === "") dataset.state = item.state;
  for (const part of row.querySelectorAll("[data-if]")) view[part.dataset.if] || part.remove();
  for (const { dataset } of row.querySelectorAll("[data-started], .ticking")) {
    if (dataset.started) {
      dataset.started = item.started_at;
      dataset.median = item.estimate.median_seconds;
      dataset.high = item.estimate.high_seconds;
    } else dataset.elapsedSince = item.started_at;
  }
  // A value may stand in two places.
  for (const slot of row.querySelectorAll("[data-slot]")) {
    const value = view[slot.dataset.slot];
    slot.replaceChildren(value.cloneNode?.(true) ?? value);
  }
  localize(row);
  return row;
}

/**
 * The item that a row of the server shows. Its facts are the fields of the document, but for id and package; the numbers
 * of its estimate stay text, which is all the same to those who multiply.
 * @param {HTMLElement} row
 */
export function readRow({ dataset: { id = "", facts } }) {
  const item = /** @type {Item} */ ({ id, package: id.startsWith("withheld~") ? null : id.split("~")[0] });
  facts?.split("|").forEach((fact, idx) => (item[FACTS[idx]] = fact || null));
  if (item.estimate) {
    const [median_seconds, low_seconds, high_seconds, basis, samples] = item.estimate.split(" ");
    item.estimate = { median_seconds, low_seconds, high_seconds, basis, samples };
  }
  item.failures = +item.failures;
  return item;
}

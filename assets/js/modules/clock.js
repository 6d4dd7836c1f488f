// @ts-check
// Times as the reader counts them: instants in local time, ages and elapsed times that tick on the server's clock.

import { BELIEVED_MS, TICK_MS } from "./timing.js";

/** How far the server's clock is ahead of ours. */
let offsetMs = 0;

/** How a clock without and with seconds and a day are written. @param {string} [timeZone] */
function forms(timeZone) {
  const clock = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short", timeZone });
  const day = /** @type {const} */ ({ day: "numeric", month: "short", timeZone });
  return [clock, { ...clock, second: "2-digit" }, day].map((form) => new Intl.DateTimeFormat(undefined, form));
}
const local = forms();
const utc = forms("UTC");

/** The instant now, by the server's clock. */
export const serverNow = () => Date.now() + offsetMs;

/**
 * Learns the server's clock from the `Date` of an answer.
 * @param {string | null} date
 * @param {number} sentAt when the request was sent, by our clock
 */
export function learnClock(date, sentAt) {
  const server = Date.parse(date ?? "");
  if (!Number.isNaN(server)) {
    // The header has whole seconds: on average it is half a second old.
    offsetMs = server + 500 - (sentAt + Date.now()) / 2;
  }
}

/** Learns the server's clock from the time in a frame that came just now. @param {string} time */
export function learnTime(time) {
  offsetMs = Date.parse(time) - Date.now() || offsetMs;
}

/**
 * Shows every instant below `root` in the zone that the reader chose. The title keeps UTC.
 * @param {ParentNode} root
 */
export function localize(root) {
  const [minutes, seconds, days] = document.documentElement.dataset.utc == null ? local : utc;
  const today = days.format(serverNow());
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(at.getTime())) continue;
    const day = days.format(at);
    const clock = (element.hasAttribute("data-seconds") ? seconds : minutes).format(at);
    element.textContent = day === today ? clock : `${day} ${clock}`;
  }
  tick(root);
}

/** The reader chose another zone. */
export const showZone = () => localize(document);

/** Starts the one timer of the page. */
export function startClock() {
  const made = Date.parse(document.body.dataset.serverTime ?? "");
  const behind = Date.now() - made;
  offsetMs = behind >= -2_000 && behind < BELIEVED_MS ? 0 : -behind || 0;
  localize(document);
  setInterval(() => document.hidden || tick(document), TICK_MS);
}

/** @param {ParentNode} root */
function tick(root) {
  const now = serverNow();
  const isOfThePast = document.body.hasAttribute("data-past");
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".ticking"))) {
    const { ageOf, elapsedSince } = element.dataset;
    if (isOfThePast && !ageOf) continue;
    const seconds = Math.max(0, Math.floor((now - Date.parse(ageOf ?? elapsedSince ?? "")) / 1_000));
    if (!Number.isNaN(seconds)) write(element, duration(seconds) + (ageOf ? " ago" : ""));
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-median]"))) {
    if (isOfThePast) break;
    const { started = "", median, high } = element.dataset;
    const seconds = (now - Date.parse(started)) / 1_000;
    const percent = Math.max(0, Math.min(99, Math.floor((seconds * 100) / Number(median))));
    const [bar, words] = /** @type {any} */ (element.children);
    bar.value = percent;
    write(words, seconds > Number(high) ? "overdue" : `${percent} %`);
  }
}

/** @param {Element} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The two largest units. @param {number} seconds */
export function duration(seconds) {
  const units = [86_400, 3_600, 60, 1];
  const names = ["d", "h", "min", "s"];
  const first = seconds ? units.findIndex((unit) => seconds >= unit) : 3;
  const large = Math.floor(seconds / units[first]);
  const small = Math.floor((seconds % units[first]) / units[first + 1]);
  return `${large} ${names[first]}` + (small ? ` ${small} ${names[first + 1]}` : "");
}

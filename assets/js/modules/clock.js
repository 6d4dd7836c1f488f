// @ts-check
// Times as the reader counts them: instants in local time, ages and elapsed times that tick on the server's clock.

const TICK_MS = 1_000;
/** A page this young may have been made before it was sent; the reader's clock is then believed. */
const BELIEVED_MS = 90_000;

/** How far the server's clock is ahead of ours. */
let offsetMs = 0;

const clockForms = [false, true].map(
  (seconds) =>
    new Intl.DateTimeFormat(undefined, {
      hour: "2-digit",
      minute: "2-digit",
      second: seconds ? "2-digit" : undefined,
      hourCycle: "h23",
      timeZoneName: "short",
    }),
);
const dayForm = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

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

/**
 * Shows every instant below `root` in local time. The title keeps UTC.
 * @param {ParentNode} root
 */
export function localize(root) {
  const today = dayForm.format(serverNow());
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(at.getTime())) continue;
    const day = dayForm.format(at);
    const clock = clockForms[element.hasAttribute("data-seconds") ? 1 : 0].format(at);
    element.textContent = day === today ? clock : `${day} ${clock}`;
  }
  tick(root);
}

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
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".ticking"))) {
    const { ageOf, elapsedSince } = element.dataset;
    const seconds = Math.max(0, Math.floor((now - Date.parse(ageOf ?? elapsedSince ?? "")) / 1_000));
    if (!Number.isNaN(seconds)) write(element, span(seconds) + (ageOf ? " ago" : ""));
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-median]"))) {
    const { started, median, high } = element.dataset;
    const seconds = (now - Date.parse(started ?? "")) / 1_000;
    const [bar, words] = element.children;
    if (!(bar instanceof HTMLProgressElement) || !words || Number.isNaN(seconds)) continue;
    const percent = Math.max(0, Math.min(99, Math.floor((seconds * 100) / Math.max(1, Number(median)))));
    if (bar.value !== percent) bar.value = percent;
    write(words, seconds > Number(high) ? "overdue" : `${percent} %`);
  }
}

/** @param {Element} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {number} seconds */
function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

// @ts-check
// Keeps the page fresh: fetches it again while it is visible and replaces the regions that changed.

import { learnClock, localize } from "./clock.js";

const EVERY_MS = 15_000;
/** Trouble shorter than this is not worth a word. */
const PATIENCE_MS = 5_000;
const TIMEOUT_MS = 10_000;
/** A newer server is joined within this time, not by everybody at once. */
const RELOAD_WITHIN_MS = 120_000;
const FOCUSABLE = "a, summary";

/** The regions as the server wrote them: equal ones stay in place. */
const pristine = /** @type {Map<string, Node>} */ (new Map());

let lastGoodAt = Date.now();
let isBusy = false;
let isReloading = false;

/** Starts to refresh. */
export function startRefresh() {
  if (!document.body.dataset.epoch) return;
  for (const region of regions(document)) pristine.set(region.id, region.cloneNode(true));
  setInterval(refreshIfVisible, EVERY_MS);
  for (const event of ["visibilitychange", "online"]) addEventListener(event, refreshIfVisible, true);
}

function refreshIfVisible() {
  if (document.hidden || isBusy) return;
  // After sleep the page is old at once; otherwise a failure is told after a moment of patience.
  if (Date.now() - lastGoodAt > 3 * EVERY_MS) tellLost();
  isBusy = true;
  void refresh().finally(() => (isBusy = false));
}

async function refresh() {
  const sentAt = Date.now();
  try {
    const answer = await fetch(location.href, { cache: "no-cache", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(String(answer.status));
    learnClock(answer.headers.get("date"), sentAt);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.body.dataset.epoch) throw new Error("not a page of ours");
    lastGoodAt = Date.now();
    contact("");
    replaceRegions(page);
    if (document.title !== page.title) announce(page.title);
    joinNewerServer(page.body.dataset.build);
  } catch {
    setTimeout(() => Date.now() - lastGoodAt > PATIENCE_MS && tellLost(), PATIENCE_MS);
  }
}

/** @param {Document} page */
function replaceRegions(page) {
  for (const next of regions(page)) {
    const old = document.getElementById(next.id);
    if (!old || pristine.get(next.id)?.isEqualNode(next)) continue;
    pristine.set(next.id, next.cloneNode(true));
    const region = document.importNode(next, true);
    for (const group of region.querySelectorAll("details")) {
      const before = document.getElementById(group.id);
      if (before instanceof HTMLDetailsElement) group.open = before.open;
    }
    localize(region);
    const focused = [...old.querySelectorAll(FOCUSABLE)].findIndex((element) => element === document.activeElement);
    old.replaceWith(region);
    const heir = region.querySelectorAll(FOCUSABLE)[focused];
    if (heir instanceof HTMLElement) heir.focus({ preventScroll: true });
  }
  for (const key of ["epoch", "seq", "serverTime"]) document.body.dataset[key] = page.body.dataset[key];
}

/** @param {string} title */
function announce(title) {
  document.title = title;
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = title;
}

function tellLost() {
  contact("Reconnecting. Showing ", document.body.dataset.serverTime);
}

/** @param {string} words @param {string} [at] */
function contact(words, at) {
  const line = document.getElementById("contact");
  if (!line || line.dataset.words === words + (at ?? "")) return;
  line.dataset.words = words + (at ?? "");
  line.textContent = words;
  if (!at) return;
  const time = document.createElement("time");
  time.dateTime = at;
  line.append(time, ".");
  localize(line);
}

/** @param {string} [build] */
function joinNewerServer(build) {
  if (isReloading || !build || build === document.body.dataset.build) return;
  isReloading = true;
  const reload = () => location.reload();
  document.addEventListener("visibilitychange", () => document.hidden && reload());
  setTimeout(reload, Math.random() * RELOAD_WITHIN_MS);
}

/** @param {ParentNode} root */
const regions = (root) => root.querySelectorAll("[data-live][id]");

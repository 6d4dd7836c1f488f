// @ts-check
// Keeps the page fresh: fetches it again while it is visible and changes what changed.

import { learnClock, localize, serverNow } from "./clock.js";
import { convict, joinNewerServer, missed, reached, silentMs } from "./contact.js";
import { morph } from "./dom.js";
import { isStill } from "./settings.js";
import { ASLEEP_MS, KEPT_MS, REFRESH_MS, SOON_MS, TIMEOUT_MS } from "./timing.js";

/**
 * For who keeps rows up to date by other means: may a page replace them, and was that done?
 * @type {{mayReplace: (page: DOMStringMap) => boolean, replaced: (page: DOMStringMap, isReplaced: boolean) => void}}
 */
export const pages = { mayReplace: () => true, replaced: () => {} };

let isBusy = false;

/** Starts to refresh. */
export function startRefresh() {
  if (!document.body.dataset.epoch) return;
  setInterval(refresh, REFRESH_MS);
  for (const event of ["visibilitychange", "online"]) addEventListener(event, refresh, true);
}

/** Fetches the page in a moment. */
export const refreshSoon = () => void setTimeout(refresh, Math.random() * SOON_MS);

async function refresh() {
  if (isStill() || isBusy) return;
  // After sleep the page is old at once; otherwise a failure is told after a moment of patience.
  if (silentMs() > ASLEEP_MS) missed(true);
  isBusy = true;
  const sentAt = Date.now();
  try {
    const answer = await fetch(location.href, { cache: "no-cache", signal: AbortSignal.timeout(TIMEOUT_MS) });
    learnClock(answer.headers.get("date"), sentAt);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.body.dataset.epoch) throw new Error();
    const { serverTime = "" } = page.body.dataset;
    reached(serverTime);
    convict(serverNow() - Date.parse(serverTime) > KEPT_MS ? serverTime : "");
    replaceRegions(page);
    showState(page);
    joinNewerServer(page.body.dataset.build);
  } catch {
    missed();
  }
  isBusy = false;
}

/** The tab's title and picture carry the state; a change is said once. @param {Document} page */
function showState(page) {
  const announcer = document.getElementById("announcer");
  if (!announcer || document.title === page.title) return;
  document.title = announcer.textContent = page.title;
  const [old, next] = [document, page].map((of) => of.getElementById("icon"));
  if (old && next) old.replaceWith(document.importNode(next));
}

/** @param {Document} page */
function replaceRegions(page) {
  const mayReplace = pages.mayReplace(page.body.dataset);
  for (const next of page.querySelectorAll("[data-live][id]")) {
    const old = document.getElementById(next.id);
    if (!old || (!mayReplace && next.querySelector("[data-count], [data-empty]"))) continue;
    const region = document.importNode(next, true);
    localize(region);
    morph(old, region);
  }
  if (mayReplace) for (const key of ["epoch", "seq"]) document.body.dataset[key] = page.body.dataset[key];
  pages.replaced(page.body.dataset, mayReplace);
}

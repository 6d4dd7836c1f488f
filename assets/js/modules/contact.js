// @ts-check
// Whether the server is heard, in one line; and which of its builds it runs.

import { localize } from "./clock.js";
import { PATIENCE_MS, RELOAD_WITHIN_MS } from "./timing.js";

let reachedAt = Date.now();
let isLost = false;
let isPaused = false;
let nReached = 0;
/** From when the page is that something on the way keeps; nothing while it is the server's newest. */
let keptFrom = "";

/** The server was heard. @param {string} [at] its clock */
export function reached(at) {
  reachedAt = Date.now();
  nReached += 1;
  // A page that was stopped shows what it showed then.
  if (at && !isPaused) document.body.dataset.serverTime = at;
  tell(false);
}

/** The server was not heard when it should have been. @param {boolean} [isSure] there is nothing to wait for */
export function missed(isSure) {
  const before = nReached;
  setTimeout(() => nReached === before && tell(true), isSure ? 0 : PATIENCE_MS);
}

/** The page that came is a copy from then, or, from never, none. @param {string} at */
export function convict(at) {
  if (at === keptFrom) return;
  keptFrom = at;
  showWord();
}

/** How long nothing was heard. */
export const silentMs = () => Date.now() - reachedAt;

/** The reader stops the page, or lets it go on. @param {boolean} isWanted */
export function standStill(isWanted) {
  isPaused = isWanted;
  showWord();
}

/** @param {boolean} isSo */
function tell(isSo) {
  if (isSo === isLost) return;
  isLost = isSo;
  showWord();
}

function showWord() {
  const word = isPaused ? "Paused" : isLost ? "Reconnecting" : "";
  // Nothing moves on a page that may be of the past.
  const isPast = word !== "" || keptFrom !== "";
  document.body.toggleAttribute("data-past", isPast);
  const line = document.getElementById("contact");
  line?.replaceChildren();
  if (!line || !isPast) return;
  const time = document.createElement("time");
  time.dateTime = (word ? document.body.dataset.serverTime : keptFrom) ?? "";
  if (word) line.append(`${word}. Showing `, time, ".");
  else {
    const reload = document.createElement("a");
    reload.href = "";
    reload.textContent = "Reload";
    line.append("This page is a copy from ", time, "; newer data should exist. ", reload);
  }
  localize(line);
}

/** Reloads once when the server runs another build than this page, be the page then as it may. @param {string} [build] */
export function joinNewerServer(build) {
  if (!build || build === document.body.dataset.build || build === history.state) return;
  history.replaceState(build, "");
  const reload = () => location.reload();
  document.addEventListener("visibilitychange", () => document.hidden && reload());
  setTimeout(reload, document.hidden ? 0 : Math.random() * RELOAD_WITHIN_MS);
}

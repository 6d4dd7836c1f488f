// @ts-check
// Follows the queue: over the socket while that works, by asking for the document while it does not.

import { learnClock, learnTime } from "./clock.js";
import { joinNewerServer, missed, reached } from "./contact.js";
import { isKnown, readPage, showQueue } from "./lists.js";
import { receive } from "./queue.js";
import { pages, refreshSoon } from "./refresh.js";
import { isStill } from "./settings.js";
import { PROTOCOL, address, keep, since } from "./socket.js";
import { REFRESH_MS, TIMEOUT_MS } from "./timing.js";

let state = /** @type {import("./queue.js").State | null} */ (null);
let orchestrator = "";
let connection = /** @type {ReturnType<typeof keep> | null} */ (null);

/** The orchestrator's state as the page has it. */
const freshness = () => document.getElementById("active")?.dataset.freshness ?? "";
const isFrozen = () => orchestrator !== "online";

/** Starts to follow, on the page that shows all of the queue. */
export async function startLive() {
  orchestrator = freshness();
  pages.mayReplace = ({ epoch, seq }) => !connection?.isOpen() || (epoch === state?.epoch && Number(seq) >= (state?.seq ?? 0));
  pages.replaced = ({ epoch, seq }, isReplaced) => {
    if (!isReplaced || (state?.epoch === epoch && Number(seq) === state?.seq)) return;
    orchestrator = freshness();
    state = readPage(isFrozen()) ?? (state?.epoch === epoch ? state : null);
  };
  state = readPage(isFrozen());
  // A queue that was not known then may be known now.
  if (!state) await ask().catch(() => {});
  connection = keep({ address: () => address(state), take, lost: missed });
  setInterval(() => connection?.hasFailed() && !isStill() && void ask().catch(() => missed()), REFRESH_MS);
  document.addEventListener("visibilitychange", show);
}

async function ask() {
  const sentAt = Date.now();
  const answer = await fetch(since("api/v1/services/public/queue", state), { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const { data, sources } = await answer.json();
  learnClock(answer.headers.get("date"), sentAt);
  reached();
  const frames = data.deltas ?? [{ ...data, type: "snapshot", queue: data }];
  for (const frame of frames) state = receive(state, frame);
  accept(sources.orchestrator?.state);
}

/** @param {any} frame */
function take(frame) {
  if (frame.type === "snapshot" && frame.protocol !== PROTOCOL) {
    connection?.end();
    return true;
  }
  learnTime(frame.server_time);
  joinNewerServer(frame.build);
  state = receive(state, frame);
  if (!state) return false;
  reached(frame.server_time);
  accept(frame.sources?.orchestrator);
  return true;
}

/** @param {string} [source] the orchestrator's state, if that was said */
function accept(source = orchestrator) {
  // Rows freeze at once; the words about it are the server's.
  if (source !== orchestrator) refreshSoon();
  orchestrator = source;
  show();
}

function show() {
  if (isStill() || !state) return;
  // What is unknown is not empty; the words about it are the server's.
  if (isKnown() && state.queue.counts?.total !== null) showQueue(state.queue, isFrozen());
  else refreshSoon();
}

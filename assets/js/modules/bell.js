// @ts-check
// The queue's socket as a bell, for a page that shows a part of the queue among other things: when it rings, the page is
// fetched again, so that all of it changes together.

import { learnTime } from "./clock.js";
import { joinNewerServer, missed, reached } from "./contact.js";
import { refreshSoon } from "./refresh.js";
import { isStill } from "./settings.js";
import { PROTOCOL, address, keep } from "./socket.js";
import { RING_MS } from "./timing.js";

/** The version of the queue that the server has. */
let newest = { epoch: "", seq: 0 };
let isRinging = false;

/** Starts to listen, on pages that show what is being built. */
export function startBell() {
  const active = document.getElementById("active");
  if (!active) return;
  const { dataset } = document.body;

  /** Rings for a newer queue, and then not again for a while. */
  function ring() {
    const isNew = newest.epoch !== dataset.epoch || newest.seq > Number(dataset.seq);
    if (!isNew || isRinging || isStill()) return;
    isRinging = true;
    refreshSoon();
    setTimeout(() => {
      isRinging = false;
      ring();
    }, RING_MS);
  }

  /** @param {any} frame */
  function take({ type, protocol, epoch, seq, server_time, build, sources }) {
    if (type === "snapshot" && protocol !== PROTOCOL) {
      connection.end();
      return true;
    }
    learnTime(server_time);
    joinNewerServer(build);
    // What the page shows is as old as it was.
    reached();
    newest = { epoch, seq };
    const orchestrator = sources?.orchestrator;
    if (orchestrator && orchestrator !== active?.dataset.freshness) refreshSoon();
    ring();
    return true;
  }

  const connection = keep({ address: () => address(dataset), take, lost: missed });
}

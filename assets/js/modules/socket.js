// @ts-check
// The connection: opened again for ever, never in a crowd, and never believed for longer than it speaks.

import { HIDDEN_MS, NEXT_MS, RARELY_MS, RETRY_MOST_MS, RETRY_MS, RETRY_SPREAD_MS, TICK_MS } from "./timing.js";

/** The version of the protocol that is spoken here. */
export const PROTOCOL = 1;

/** So many failures in a row, and documents are asked for instead, with a look at the socket now and then. */
export const FAILURES = 3;

/**
 * A place below the base path, asked for what is newer than this version of the queue.
 * @param {string} path
 * @param {{epoch?: string, seq?: string | number} | null} version
 */
export function since(path, version) {
  const url = new URL(document.body.dataset.base + path, location.href);
  if (version?.epoch) url.search = `?epoch=${version.epoch}&since=${version.seq}`;
  return url;
}

/** Where the socket is. @param {Parameters<typeof since>[1]} version */
export const address = (version) => since("ws/queue", version).href.replace("http", "ws");

/**
 * How long to wait before the next try.
 * @param {number} failures in a row
 * @param {string} reason of the close
 * @param {number} chance from 0 to 1
 */
export function pause(failures, reason, chance) {
  try {
    const { retry_after_ms } = JSON.parse(reason);
    if (retry_after_ms >= 0) return Math.min(retry_after_ms, RETRY_MOST_MS);
  } catch {
    // Most closes have no reason.
  }
  return failures >= FAILURES ? RARELY_MS : RETRY_MS + chance * RETRY_SPREAD_MS;
}

/**
 * Keeps a connection. `take` returns false for a frame that does not fit, `lost` is told whether it was by silence.
 * @param {{address: () => string, take: (frame: any) => boolean, lost: (isSilent: boolean) => void}} owner
 */
export function keep({ address, take, lost }) {
  let socket = /** @type {WebSocket | null} */ (null);
  let failures = 0;
  let retry = 0;
  let hide = 0;
  let heardAt = 0;
  let nextMs = NEXT_MS;

  function open() {
    clearTimeout(retry);
    if (socket || document.hidden || failures === Infinity) return;
    const own = new WebSocket(address());
    socket = own;
    heardAt = Date.now();
    own.onmessage = ({ data }) => {
      if (own !== socket) return;
      const frame = JSON.parse(data);
      heardAt = Date.now();
      nextMs = frame.next_ms ?? nextMs;
      if (!take(frame)) drop("");
      else if (own === socket) failures = 0;
    };
    own.onclose = ({ reason }) => own === socket && drop(reason);
  }

  function close() {
    const own = socket;
    socket = null;
    own?.close();
  }

  /** @param {string} reason @param {boolean} [isSilent] */
  function drop(reason, isSilent = false) {
    close();
    failures += 1;
    retry = setTimeout(open, pause(failures, reason, Math.random()));
    lost(isSilent);
  }

  // After sleep this finds the silence at once.
  setInterval(() => socket && Date.now() - heardAt > 2 * nextMs && drop("", true), TICK_MS);
  addEventListener("online", open);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hide);
    if (!document.hidden) return open();
    hide = setTimeout(close, HIDDEN_MS);
  });
  open();
  return {
    isOpen: () => socket !== null && failures === 0,
    hasFailed: () => failures >= FAILURES,
    /** Gives up: the two speak different languages. */
    end() {
      failures = Infinity;
      close();
    },
  };
}

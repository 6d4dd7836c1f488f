// @ts-check
// Every span of time that the scripts keep to, in milliseconds.

/** Ages and elapsed times are written this often. */
export const TICK_MS = 1_000;
/** A page this young may have been made before it was sent; the reader's clock is then believed. */
export const BELIEVED_MS = 90_000;

/** The page is fetched this often, and the queue while no socket can be had. */
export const REFRESH_MS = 15_000;
/** An answer is not waited for longer. */
export const TIMEOUT_MS = 10_000;
/** What everybody learns at once is not fetched by everybody at once. */
export const SOON_MS = 1_000;
/** A page that is fetched for each change of the queue is not fetched for that more often. */
export const RING_MS = 5_000;
/** After this silence a page is old at once. */
export const ASLEEP_MS = 45_000;
/** The server makes each page anew more often than this: an older one was kept by something on the way. */
export const KEPT_MS = 45_000;
/** Other trouble that is shorter than this is not worth a word. */
export const PATIENCE_MS = 5_000;
/** A newer server is joined within this time, not by everybody at once. */
export const RELOAD_WITHIN_MS = 120_000;

/** A socket speaks this often; its frames may say otherwise. */
export const NEXT_MS = 20_000;
/** The wait before a socket is tried again is at least this, and as much longer as chance will have it. */
export const RETRY_MS = 1_000;
export const RETRY_SPREAD_MS = 29_000;
/** The wait after several failures. */
export const RARELY_MS = 60_000;
/** No server makes a page wait longer. */
export const RETRY_MOST_MS = 300_000;
/** A page out of sight keeps quiet after this time, for the battery and the server; it resumes when it is seen. */
export const HIDDEN_MS = 30_000;

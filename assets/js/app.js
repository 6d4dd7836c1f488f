// @ts-check
// Starts the modules. One that fails does not stop the others: every page is complete without them.

import { startClock } from "./modules/clock.js";
import { startRefresh } from "./modules/refresh.js";

// The refresh remembers the page as the server wrote it, and so comes before the clock.
for (const start of [startRefresh, startClock]) {
  try {
    start();
  } catch (problem) {
    console.error(problem);
  }
}

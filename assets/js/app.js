// @ts-check
// Starts the modules. One that fails does not stop the others: every page is complete without them.

import { startClock } from "./modules/clock.js";
import { startLive } from "./modules/live.js";
import { startRefresh } from "./modules/refresh.js";
import { startSettings } from "./modules/settings.js";

for (const start of [startClock, startSettings, startRefresh, startLive]) Promise.resolve().then(start).catch(console.error);

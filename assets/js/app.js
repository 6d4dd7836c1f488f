// @ts-check
// What every page starts but the one of the queue.

import { startBell } from "./modules/bell.js";
import { startClock } from "./modules/clock.js";
import { startRefresh } from "./modules/refresh.js";
import { startSettings } from "./modules/settings.js";
import { start } from "./modules/start.js";

start(startClock, startSettings, startRefresh, startBell);

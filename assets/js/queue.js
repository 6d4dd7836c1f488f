// @ts-check
// What the page of the queue starts: it keeps every row up to date by itself.

import { startClock } from "./modules/clock.js";
import { startLive } from "./modules/live.js";
import { startRefresh } from "./modules/refresh.js";
import { startSettings } from "./modules/settings.js";
import { start } from "./modules/start.js";

start(startClock, startSettings, startRefresh, startLive);

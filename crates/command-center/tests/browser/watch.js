// @ts-check
// Watches open pages while builds end: what is news may come and go, and nothing else moves.

import { hear, tell } from "./conversation.js";
import { open, start } from "./window.js";

const PAGES = ["/", "/queue", "/history", "/infrastructure"];
const SCREENS = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
];
const NEWS = 3;
/** What Chromium's makers call good. The queue's lists grow and shrink, and what stands below them follows. */
const MOST = 0.1;
const MOST_OF = /** @type {Record<string, number>} */ ({ "/queue": 0.5 });
/** What stands above all lists: it stays where it is, whatever comes. */
const STEADY = ".masthead, .verdict, .page-head, #queue-counts, #run, #day, #glance, #alerts, #filters, #summary";

/** Runs within a page, before anything else: notes what moves though nobody touched it. */
function noteShifts() {
  const shifts = /** @type {number[]} */ ([]);
  Object.assign(globalThis, { shifts });
  const note = (/** @type {any} */ list) => shifts.push(...list.getEntries().map((/** @type {any} */ { value }) => value));
  new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
}

/** Runs within a page: how much moved since it was last asked. */
async function movement() {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  const { shifts } = /** @type {any} */ (globalThis);
  return shifts.splice(0).reduce((/** @type {number} */ sum, /** @type {number} */ value) => sum + value, 0);
}

/** Runs within a page: where something is. @param {string} selector */
function places(selector) {
  const place = (/** @type {Element} */ element) => {
    const { x, y, width } = element.getBoundingClientRect();
    return `${element.id || element.className} at ${[x, y, width].map(Math.round)}`;
  };
  return [...document.querySelectorAll(selector)].map(place);
}

const { base } = await hear();
const browser = await start();
const problems = [];
let looks = 0;
for (const path of PAGES) {
  for (const screen of SCREENS) {
    const { context, page, problems: complaints } = await open(browser, { base, ...screen });
    const where = `${path} at ${screen.width} px`;
    await page.addInitScript(noteShifts);
    await page.goto(base + path);
    const first = await page.evaluate(movement);
    if (first > MOST) problems.push(`${where}: layout moves by ${first.toFixed(3)} when the scripts begin`);
    for (let nth = 0; nth < NEWS; nth += 1) {
      const before = await page.evaluate(places, STEADY);
      tell({ wants: "news" });
      await hear();
      // The page would ask by itself a little later; it asks at once when it is online again.
      const answer = page.waitForResponse((response) => response.url() === base + path);
      await page.evaluate(() => void dispatchEvent(new Event("online")));
      await (await answer).finished();
      const moved = await page.evaluate(movement);
      if (moved > (MOST_OF[path] ?? MOST)) problems.push(`${where}: layout moves by ${moved.toFixed(3)} for one piece of news`);
      const after = new Set(await page.evaluate(places, STEADY));
      problems.push(...before.filter((place) => !after.has(place)).map((place) => `${where}: ${place} moved`));
    }
    problems.push(...complaints.map((complaint) => `${where}: ${complaint}`));
    looks += 1;
    await context.close();
  }
}
tell({ looks, problems });
await browser.close();
process.exit(0);

// @ts-check
// Looks at every page of one farm after the other, in the ways that the plan combines: nothing is pushed out of the window
// or written over something else, nothing is complained of, and each page says what the documents say.
//
// With COMMAND_CENTER_PICTURES every look is kept in that folder, to be looked at by somebody who has eyes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { hear, tell } from "./conversation.js";
import { contradictions, said } from "./facts.js";
import { misplaced } from "./geometry.js";
import { byWorld, everything, pairwise } from "./plan.js";
import { open, start } from "./window.js";

const DOCUMENTS = ["build-swarm", "queue", "build-history", "infrastructure"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PICTURES = process.env.COMMAND_CENTER_PICTURES;
/** Looks under way at once. */
const EYES = 2;

const plan = byWorld(process.env.COMMAND_CENTER_LONG ? everything() : pairwise());
/** Each page is asked about accessibility once in each scheme, where it has much to show, and otherwise as it comes. */
const heard = new Set();

/** @param {string} base @returns {Promise<Record<string, any>>} */
async function documentsOf(base) {
  const answers = DOCUMENTS.map(async (name) => {
    const answer = await fetch(`${base}/api/v1/services/public/${name}`);
    return [name, await answer.json()];
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** Where a page of the plan is. @param {string} page @param {Record<string, any>} documents */
function pathOf(page, documents) {
  const builds = documents["build-history"].data.builds;
  if (page === "drone") {
    const name = documents["build-swarm"].data.drones[0]?.name ?? builds[0]?.drone ?? "Nobody";
    return `/drones/${encodeURIComponent(name)}`;
  }
  if (page === "package") {
    const known = builds.find((/** @type {any} */ build) => build.package)?.package ?? "dev-libs/openssl-3.0";
    return `/packages/${known.replace(/-\d[^-]*(-r\d+)?$/, "")}`;
  }
  return page;
}

/** Runs within a page: what axe-core finds. */
async function violations() {
  const { axe } = /** @type {any} */ (globalThis);
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map((/** @type {any} */ { id, nodes }) => {
    return `axe: ${id}: ${nodes.slice(0, 3).map((/** @type {any} */ node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`).join(" | ")}`;
  });
}

/**
 * @param {import("playwright-core").Browser} browser @param {string} base
 * @param {Record<string, any>} look @param {Record<string, any>} documents
 */
async function findings(browser, base, look, documents) {
  const { context, page, problems } = await open(browser, { base, ...look });
  try {
    const answer = await page.goto(base + pathOf(look.page, documents));
    await page.evaluate(() => document.fonts.ready);
    problems.push(...(await page.evaluate(misplaced)));
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${Object.values(look).join(" ").replace(/[/?]/g, "_")}.png`), fullPage: look.width < 700 });
    const words = await page.evaluate(said);
    if (answer?.status() === 200 && contradictions(look.page, words, documents).length > 0) {
      // Time passes in the farm, too: a build may be overdue that was not when the documents were read.
      problems.push(...contradictions(look.page, words, await documentsOf(base)));
    }
    const isRich = look.items > 0 && look.drones > 0 && look.drones < 100;
    const asked = [look.page, look.scheme, look.health].join();
    if (look.script && isRich && !heard.has(asked)) {
      heard.add(asked);
      await page.evaluate(AXE);
      problems.push(...(await page.evaluate(violations)));
    }
  } catch (error) {
    problems.push(`the look failed: ${error}`);
  }
  await context.close();
  return problems.map((problem) => `${Object.values(look).join(" ")}: ${problem}`);
}

tell({ worlds: plan.map(({ world }) => world) });
const browser = await start();
for (const { looks } of plan) {
  const { base } = await hear();
  const documents = await documentsOf(base);
  const problems = /** @type {string[]} */ ([]);
  const waiting = [...looks];
  const look = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) problems.push(...(await findings(browser, base, next, documents)));
  };
  await Promise.all(Array.from({ length: EYES }, look));
  tell({ looks: looks.length, problems });
}
await browser.close();
process.exit(0);

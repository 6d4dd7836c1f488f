// @ts-check
// Debian's Chromium, and a window of it that notes what goes wrong.

import { chromium } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";

/** @returns {Promise<import("playwright-core").Browser>} */
export const start = () =>
  chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });

/**
 * Opens a window of its own storage and settings, in which times are those of UTC.
 * @param {import("playwright-core").Browser} browser
 * @param {{base: string, width?: number, height?: number, scheme?: "light" | "dark", script?: boolean}} settings
 */
export async function open(browser, { base, width = 1280, height = 800, scheme = "light", script = true }) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    javaScriptEnabled: script,
    timezoneId: "UTC",
    locale: "en-GB",
  });
  const page = await context.newPage();
  const problems = /** @type {string[]} */ ([]);
  // Chromium tells violations of the policy here, too.
  page.on("console", (message) => {
    // Told of each answer that is none; those to what a page asks for are looked at below.
    const isAnswer = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isAnswer) problems.push(`the console says: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`a script failed: ${error}`));
  page.on("requestfailed", (request) => problems.push(`unanswered: ${request.url()} ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`)) problems.push(`a foreign request: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.request().isNavigationRequest()) problems.push(`${response.status()}: ${response.url()}`);
  });
  return { context, page, problems };
}

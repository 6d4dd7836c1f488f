// @ts-check
// What the reader chooses: light or dark, the zone of times, and whether the page stands still.

import { showZone } from "./clock.js";
import { standStill } from "./contact.js";

const chosen = document.documentElement.dataset;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let isHeld = false;

/** Nothing is fetched and nothing is shown: nobody looks, or the reader wants it so. */
export const isStill = () => document.hidden || isHeld;

const choices = /** @type {Record<string, {isOn: () => boolean, toggle: () => void}>} */ ({
  dark: {
    isOn: () => (chosen.theme ? chosen.theme === "dark" : prefersDark.matches),
    // Who chooses what the system has follows the system again.
    toggle() {
      const theme = choices.dark.isOn() ? "light" : "dark";
      remember("theme", (theme === "dark") === prefersDark.matches ? undefined : theme);
    },
  },
  utc: {
    isOn: () => chosen.utc != null,
    toggle() {
      remember("utc", chosen.utc == null ? "" : undefined);
      showZone();
    },
  },
  paused: {
    isOn: () => isHeld,
    toggle() {
      isHeld = !isHeld;
      standStill(isHeld);
      // As after a tab was shown again: everybody catches up.
      document.dispatchEvent(new Event("visibilitychange"));
    },
  },
});

/** Makes the buttons work. */
export function startSettings() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-choice]"))) {
    const choice = choices[button.dataset.choice ?? ""];
    const show = () => button.setAttribute("aria-pressed", String(choice.isOn()));
    button.addEventListener("click", () => {
      choice.toggle();
      show();
    });
    prefersDark.addEventListener("change", show);
    show();
  }
}

/** @param {"theme" | "utc"} choice @param {string} [value] */
function remember(choice, value) {
  if (value == null) delete chosen[choice];
  else chosen[choice] = value;
  try {
    if (value == null) localStorage.removeItem(choice);
    else localStorage[choice] = value;
  } catch {
    // It lasts for this page.
  }
}

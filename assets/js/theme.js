// @ts-check
// Before anything is painted: what the reader chose last time. The one script that the page waits for.

{
  const chosen = document.documentElement.dataset;
  chosen.script = "";
  try {
    for (const choice of ["theme", "utc"]) if (choice in localStorage) chosen[choice] = localStorage[choice];
  } catch {
    // Nothing may be kept here.
  }
}

// @ts-check
// Starts what a page needs. One that fails does not stop the others: every page is complete without them.

/** @param {(() => unknown)[]} starts */
export function start(...starts) {
  for (const one of starts) Promise.resolve().then(one).catch(console.error);
}

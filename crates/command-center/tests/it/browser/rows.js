// Every row of the page is made anew from its item and compared with the one that the server made.
const [path] = arguments;
const { makeRow } = await import(path + "/rows.js");
const { localize } = await import(path + "/clock.js");
const { data } = await (await fetch("/api/v1/services/public/queue")).json();
const page = new DOMParser().parseFromString(await (await fetch("/queue")).text(), "text/html");
const unequal = [];
let rows = 0;
for (const list of ["pending", "building", "blocked", "recent"]) {
  const theirs = [...page.querySelectorAll(`[data-list="${list}"] > [data-id]`)];
  if (theirs.length !== data[list].length) unequal.push(`${list}: ${theirs.length} rows`);
  data[list].forEach((item, idx) => {
    rows += 1;
    const mine = makeRow(list, item, idx + 1, false);
    const row = document.importNode(theirs[idx], true);
    localize(row);
    delete row.dataset.facts;
    delete mine.dataset.facts;
    for (const cell of [...row.children]) if (cell.textContent.startsWith("compiling")) cell.remove();
    for (const one of [mine, row]) {
      one.normalize();
      const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
      const blank = [];
      while (walker.nextNode()) walker.currentNode.data.trim() || blank.push(walker.currentNode);
      blank.forEach((text) => text.remove());
    }
    if (!mine.isEqualNode(row)) unequal.push(`${mine.outerHTML}\n is not\n${row.outerHTML}`);
  });
}
if (rows < 10) unequal.push(`only ${rows} rows`);
return unequal;

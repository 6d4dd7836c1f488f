// Whether the page shows the queue that the server has now.
const base = document.body.dataset.base;
const { data } = await (await fetch(`${base}api/v1/services/public/queue`, { cache: "no-cache" })).json();
const shown = (list) => [...document.querySelectorAll(`[data-list="${list}"] > [data-id]`)];
// A row may have begun as another: then the package tells.
const isRow = (item, row) => row.dataset.id === item.id && row.textContent.includes(item.package.split("/")[0]);
const isList = (list) => shown(list).length === data[list].length && data[list].every((item, idx) => isRow(item, shown(list)[idx]));
const places = shown("pending").every((row, idx) => row.firstElementChild.textContent === String(idx + 1));
const isCount = (element) => {
  const { counts } = data;
  const n = { ...counts, held: counts.blocked + counts.failed }[element.dataset.count];
  return element.textContent.replaceAll(",", "") === String(n);
};
return ["pending", "building", "blocked", "recent"].every(isList) && places && [...document.querySelectorAll("[data-count]")].every(isCount);

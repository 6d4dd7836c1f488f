// Whether the dashboard shows what is built now, and the counts.
const { data } = await (await fetch("/api/v1/services/public/queue", { cache: "no-cache" })).json();
const rows = [...document.querySelectorAll('[data-list="building"] > [data-id]')].map(({ dataset }) => `${dataset.id} ${dataset.state}`);
const counts = [...document.querySelectorAll("#queue-counts [data-count]")];
const isCount = ({ dataset, textContent }) => textContent === String(data.counts[dataset.count]);
return rows.join() === data.building.map(({ id, state }) => `${id} ${state}`).join() && counts.length > 0 && counts.every(isCount);

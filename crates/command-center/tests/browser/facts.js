// @ts-check
// What a page says, and what the documents of the same server say: the same.

/** Runs within a page: its words, as far as documents have them too. Instants stand as they are in the markup. */
export function said() {
  /** @param {Element | null | undefined} element */
  const words = (element) => {
    if (!element) return null;
    const copy = /** @type {Element} */ (element.cloneNode(true));
    for (const time of copy.querySelectorAll("time")) time.replaceWith(`<${time.dateTime}>`);
    for (const hidden of copy.querySelectorAll(".ticking")) hidden.remove();
    return (copy.textContent ?? "").trim().replace(/\s+/g, " ");
  };
  /** @param {string} selector */
  const all = (selector) => [...document.querySelectorAll(selector)];
  /** The badge's word after a name. @param {string} selector @param {string} name @param {string} [badge] */
  const states = (selector, name, badge = ".badge") =>
    all(selector).map((element) => [words(element.querySelector(name)), words(element.querySelector(badge))?.replace(/^\S+ /, "")]);
  /** @param {string} list */
  const ids = (list) => all(`[data-list="${list}"] > [data-id]`).map((row) => row.getAttribute("data-id"));
  return {
    title: document.title,
    verdict: words(document.getElementById("verdict-text")),
    notes: all(".verdict__notes > li").map(words),
    counts: all("#queue-counts [data-count]").map((value) => [value.getAttribute("data-count"), words(value)]),
    drones: states("#drones .card, #drones .cell", ".card__name, .cell__name"),
    hosts: states("#hosts .card, #hosts .cell", ".card__name, .cell__name"),
    services: states("#services tbody tr", "th"),
    sources: states("#footer .source", ".source__name"),
    notices: all("#notices .notice").map((notice) => [notice.getAttribute("data-code"), words(notice.querySelector(".notice__text"))]),
    lists: ["pending", "building", "blocked", "recent"].map((list) => [list, ids(list)]),
    history: all("#builds tbody > [data-id]").map((row) => row.getAttribute("data-id")),
    drone: words(document.querySelector("#drone .badge"))?.replace(/^\S+ /, ""),
    heading: words(document.querySelector("h1")),
  };
}

/** A sentence of a document, to which that of a page is equal. @param {string} sentence */
const pattern = (sentence) => {
  const escaped = sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/(\d+ \w{3} )?(\d\d:\d\d) UTC/g, "<[^>]*T$2:\\d\\dZ>")}$`);
};
const number = (/** @type {string | null} */ text) => Number((text ?? "").replace(/\D/g, ""));
const shown = (/** @type {number | null} */ count, /** @type {string | null} */ text) =>
  count === null ? /not known/.test(text ?? "") : /\d/.test(text ?? "") && number(text) === count;

/**
 * Where the page does not say what the documents do.
 * @param {string} page
 * @param {ReturnType<typeof said>} words
 * @param {Record<string, any>} documents
 * @returns {string[]}
 */
export function contradictions(page, words, documents) {
  const problems = /** @type {string[]} */ ([]);
  /** @param {string} what @param {any} ours @param {any} theirs */
  const same = (what, ours, theirs) => {
    const [a, b] = [ours, theirs].map((value) => JSON.stringify(value) ?? "nothing");
    if (a !== b) problems.push(`${what}: the page has ${a.slice(0, 300)}, the document ${b.slice(0, 300)}`);
  };
  /** @param {string} what @param {string | null} ours @param {string} theirs */
  const sentence = (what, ours, theirs) => {
    if (!pattern(theirs).test(ours ?? "")) problems.push(`${what}: the page has "${ours}", the document "${theirs}"`);
  };
  const { swarm, queue, drones } = documents["build-swarm"].data;
  const { hosts, services } = documents.infrastructure.data;
  const list = documents.queue.data;
  const byName = (/** @type {any[]} */ things) => new Map(things.map(({ name, state }) => [name, state]));
  /** @param {string} what @param {any[]} rows @param {any[]} things @param {boolean} areAll */
  const states = (what, rows, things, areAll) => {
    const known = byName(things);
    for (const [name, state] of rows) same(`${what} ${name}`, state, known.get(name ?? "") ?? "not there");
    if (areAll) same(what, rows.map(([name]) => name).sort(), [...known.keys()].sort());
  };
  const documentOf = { "/": "build-swarm", "/queue": "queue", "/history": "build-history", "/infrastructure": "infrastructure" }[page];
  // Every page has the sources of everything.
  const sources = Object.assign({}, ...Object.values(documents).map((document) => document.sources));

  if (page === "/") {
    sentence("the verdict", words.verdict, swarm.verdict.text);
    same("the notes", words.notes.length, swarm.verdict.notes.length);
    swarm.verdict.notes.forEach((/** @type {string} */ note, /** @type {number} */ idx) => sentence("a note", words.notes[idx], note));
    states("drones", words.drones, drones, words.drones.length > 0 || drones.length === 0);
    states("hosts", words.hosts, hosts, false);
    if (hosts.length > 0 && words.hosts.length === 0) problems.push("no host is shown");
  }
  if (page === "/" || page === "/queue") {
    if (words.counts.length !== 5) problems.push(`${words.counts.length} counts`);
    for (const [state, text] of words.counts) {
      if (!shown(queue[state ?? ""], text)) problems.push(`${state}: the page has ${text}, the document ${queue[state ?? ""]}`);
    }
    const ids = Object.fromEntries(/** @type {[string, string[]][]} */ (words.lists));
    same("building", ids.building, list.building.map((/** @type {any} */ { id }) => id));
    const recent = list.recent.map((/** @type {any} */ { id }) => id);
    same("recent", ids.recent, page === "/" ? recent.slice(0, ids.recent.length) : recent);
    if (page === "/queue") for (const name of ["pending", "blocked"]) same(name, ids[name], list[name].map((/** @type {any} */ { id }) => id));
  }
  if (page === "/infrastructure") {
    states("hosts", words.hosts, hosts, true);
    states("services", words.services, services, true);
  }
  if (page === "/history") same("the builds", words.history, documents["build-history"].data.builds.map((/** @type {any} */ { id }) => id));
  if (page === "drone") {
    const drone = drones.find((/** @type {any} */ { name }) => name === words.heading);
    if (drone) same("the drone", words.drone, drone.state);
  }
  if (documentOf) {
    const shownSources = words.sources.map(([name, state]) => [name?.toLowerCase(), state]).sort();
    same("the sources", shownSources, Object.entries(sources).map(([name, { state }]) => [name, state]).sort());
    // The dashboard has the notices of everything.
    if (page !== "/") {
      const notices = documents[documentOf].notices;
      same("the notices", words.notices.map(([code]) => code), notices.map((/** @type {any} */ { code }) => code));
      notices.forEach((/** @type {any} */ { text }, /** @type {number} */ idx) => sentence("a notice", words.notices[idx]?.[1] ?? "", text));
    }
  }
  return problems;
}

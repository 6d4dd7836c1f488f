// @ts-check
// Who is looked at how: the values of every factor, and plans that combine them.

export const FACTORS = {
  page: ["/", "/queue", "/history", "/infrastructure", "drone", "package", "/about/data", "/api", "/nowhere", "/history?page=0"],
  width: [360, 768, 1280, 2560],
  scheme: ["light", "dark"],
  script: [true, false],
  health: ["healthy", "partly dead", "dead"],
  drones: [0, 5, 200],
  items: [0, 2000],
  names: ["usual", "long"],
};

/** What makes a farm; the other factors are of who looks. */
export const WORLD = ["health", "drones", "items", "names"];

/** The members of each of these meet in all ways; of all others each two do. */
const CLOSER = [
  ["page", "width", "health"],
  ["page", "width", "scheme"],
  ["page", "health", "items"],
];

/** @typedef {Record<string, any>} Look */

/** Every combination. @returns {Look[]} */
export const everything = () =>
  Object.entries(FACTORS).reduce(
    (/** @type {Look[]} */ looks, [name, values]) => looks.flatMap((look) => values.map((value) => ({ ...look, [name]: value }))),
    [{}],
  );

/** As few as a greedy search finds in which every two values of two factors meet. @returns {Look[]} */
export function pairwise() {
  const names = Object.keys(FACTORS);
  const groups = [...CLOSER, ...names.flatMap((a, idx) => names.slice(idx + 1).map((b) => [a, b]))];
  const candidates = everything().map((look) => {
    return { look, meetings: groups.map((group) => group.map((name) => `${name}=${look[name]}`).join()) };
  });
  const open = new Set(candidates.flatMap(({ meetings }) => meetings));
  const looks = [];
  while (open.size > 0) {
    // One candidate in eleven is enough to find a good one; the last meetings are looked for among all.
    const step = open.size > 20 ? 11 : 1;
    let [best, most] = [candidates[0], 0];
    for (let idx = looks.length % step; idx < candidates.length; idx += step) {
      const gain = candidates[idx].meetings.filter((meeting) => open.has(meeting)).length;
      if (gain > most) [best, most] = [candidates[idx], gain];
    }
    for (const meeting of best.meetings) open.delete(meeting);
    looks.push(best.look);
  }
  return looks;
}

/** The looks of a plan by farm, each farm once. @param {Look[]} looks @returns {{world: Look, looks: Look[]}[]} */
export function byWorld(looks) {
  const worlds = new Map();
  for (const look of looks) {
    const key = WORLD.map((name) => look[name]).join();
    const world = Object.fromEntries(WORLD.map((name) => [name, look[name]]));
    worlds.set(key, { world, looks: [...(worlds.get(key)?.looks ?? []), look] });
  }
  return [...worlds.values()];
}

// Runs the Worker of the file that is named, on workerd; says where. Ends with its input.
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const worker = new Miniflare({
  modules: true,
  script: readFileSync(process.argv[2], "utf8"),
  compatibilityDate: "2026-07-01",
  host: "127.0.0.1",
  port: 0,
  cf: false,
});
console.log((await worker.ready).href);
process.stdin.resume();
process.stdin.on("end", () => worker.dispose());

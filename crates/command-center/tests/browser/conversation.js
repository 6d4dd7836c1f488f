// @ts-check
// Lines of JSON, exchanged with the test that started this program.

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** The next message; nothing when the test has nothing more to say. @returns {Promise<any>} */
export async function hear() {
  const { value, done } = await lines.next();
  return done ? null : JSON.parse(value);
}

/** @param {any} message */
export const tell = (message) => void process.stdout.write(JSON.stringify(message) + "\n");

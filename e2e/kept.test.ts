/** What a process keeps of calls that are over. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("kept/urls.mjs", import.meta.url));

it("no URL of theirs is left in memory, nor what was in its query", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program]);
  expect(JSON.parse(stdout)).toEqual([]);
});

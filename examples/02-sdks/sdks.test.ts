import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("real SDKs work through a guarded fetch, and say why a call was denied or withheld", async () => {
  const main = fileURLToPath(new URL("main.mjs", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main]);
  expect(stderr).toBe("");
  expect(stdout.split("\n")).toEqual([
    "openai: an allowed question",
    '  {"id":"c1","choices":[{"message":{"content":"a guarded gate"}}]}',
    "openai: the same, streamed and filtered",
    `  [${["a ", "guarded ", "gate"].map((content) => `{"id":"c2","choices":[{"index":0,"delta":{"content":"${content}"}}]}`).join()}]`,
    "openai: a denied deletion",
    "  PermissionDeniedError: 403 no rule of proxy `api` allows this `DELETE` request, and its default is deny",
    "stripe: an allowed read, filtered",
    '  {"id":"cus_1","object":"customer","name":"Alice"}',
    "stripe: a denied refund",
    "  StripePermissionError: no rule of proxy `api` allows this `POST` request, and its default is deny",
    "stripe: a withheld answer",
    "  StripeAPIError: filter `no-email` of proxy `api` applies: the body is `text/html`, not JSON",
    "4 requests reached the APIs, 6 calls and 1 end of a stream are on the record",
    "",
  ]);
});

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { root } from "../scripts/workspaces.mjs";

/**
 * A process that has not used `fetch` yet sends one request over undici, and ends by itself. Whatever is in the slot
 * then is what the platform's `fetch` uses: its own dispatcher, or the one that the program put there.
 */
const program = (before: string) => `
import { createServer } from "node:http";
${before}
const { createGuardedFetch } = await import("@sallyport/client");
const { memoryStore } = await import("@sallyport/adapters-memory");
const server = createServer((_, response) => response.end("x")).listen(0, "127.0.0.1", async () => {
  const url = "http://127.0.0.1:" + server.address().port + "/";
  const policy = {
    clientId: "acme",
    region: "eu-west-1",
    targets: { api: { baseUrl: url } },
    proxies: { p: { target: "api", defaultRuleEffect: "allow" } },
  };
  const guarded = createGuardedFetch({ policy, store: memoryStore() });
  const texts = [await (await guarded(url)).text(), await (await fetch(url)).text()];
  const { Agent } = await import("undici");
  const slot = globalThis[Symbol.for("undici.globalDispatcher.1")];
  console.log(JSON.stringify({ texts, isOurs: slot instanceof Agent, isMine: slot === globalThis.mine }));
  server.close();
});
`;

async function run(before = ""): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", program(before)],
    { cwd: root, timeout: 30_000 },
  );
  return JSON.parse(stdout);
}

describe("the process's default dispatcher, after a transport was loaded and used", () => {
  it("is the platform's own", async () => {
    expect(await run()).toEqual({ texts: ["x", "x"], isOurs: false, isMine: false });
  });

  it("is the one that the program had set", async () => {
    const before = `
      import { Agent, setGlobalDispatcher } from "undici";
      globalThis.mine = new Agent();
      setGlobalDispatcher(globalThis.mine);`;
    expect(await run(before)).toMatchObject({ texts: ["x", "x"], isMine: true });
  });
});

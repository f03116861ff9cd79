/** undici's `MockAgent`, by the one way that is left to a test: a `fetch` of undici's own. */
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher, fetch as undiciFetch } from "undici";
import { expect, it, onTestFinished, vi } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";

it("answers through `fetchTransport`, and the default transport says that it is passed by", async () => {
  const before = getGlobalDispatcher();
  const agent = new MockAgent();
  agent.disableNetConnect();
  agent.get("https://api.test").intercept({ path: "/a" }).reply(200, "mocked").persist();
  setGlobalDispatcher(agent);
  onTestFinished(async () => {
    setGlobalDispatcher(before);
    await agent.close();
  });
  const mocked = (url: unknown, init: unknown) => undiciFetch(url as never, init as never) as unknown;
  const transport = fetchTransport(mocked as typeof fetch, { allowUnpinned: true });
  const { guarded } = openGate(documentFor("https://api.test"), { transport });
  expect(await (await guarded("https://api.test/a")).text()).toBe("mocked");

  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const lookup = () => {
    throw Object.assign(new Error("asked"), { code: "ENOTFOUND" });
  };
  const passing = openGate(documentFor("https://api.test"), { transport: undiciTransport({ lookup }) });
  await rejection(passing.guarded("https://api.test/a"));
  const texts = warn.mock.calls.map(([text]) => String(text));
  warn.mockRestore();
  expect(texts).toEqual([expect.stringContaining("global dispatcher was replaced")]);
});

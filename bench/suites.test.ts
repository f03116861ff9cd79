import { describe, expect, it } from "vitest";
import { figuresOf, measure } from "./harness.mjs";
import { figureOf, runProbes } from "./probes.mjs";
import { open as openCall } from "./suites/call.mjs";
import { open as openDecide } from "./suites/decide.mjs";
import { open as openFilter } from "./suites/filter.mjs";
import { open as openRedact } from "./suites/redact.mjs";

/** Nothing here looks at a time: a run this short says only that results are right and figures complete. */
const SHORT = { rounds: 1, roundMs: 1 };

describe("the suite", () => {
  it("`call` gives right results and all its figures", async () => {
    expect(await figuresFrom(await openCall({ streamedMebibytes: 2 }))).toEqual({
      "call.vs.fetch.1KB": "higher",
      "call.vs.fetch.1KB.global": "higher",
      "call.vs.fetch.1KB.undici": "higher",
      "call.vs.fetch.10KB": "higher",
      "call.vs.fetch.10KB.global": "higher",
      "call.vs.fetch.10KB.undici": "higher",
      "call.vs.fetch.100KB": "higher",
      "call.vs.fetch.100KB.global": "higher",
      "call.vs.fetch.100KB.undici": "higher",
      "call.vs.request.10KB": "higher",
      "call.vs.ky": "higher",
      "call.vs.got": "higher",
      "call.vs.axios": "higher",
      "call.vs.naive": "higher",
      "call.fetchTransport.10KB": "higher",
      "call.cpu.10KB": "lower",
      "call.denied": "lower",
      "call.stream.memory": "lower",
    });
  });

  it("`filter` gives right results and all its figures", async () => {
    const few = { hostile: 40, longMebibytes: 2, slicedBytes: 300_000 };
    const figures = await figuresFrom(await openFilter(few));
    expect(figures).toEqual({
      "filter.dirty.1KB": "higher",
      "filter.dirty.10KB": "higher",
      "filter.dirty.100KB": "higher",
      "filter.dirty.1MB": "higher",
      "filter.clean.1KB": "higher",
      "filter.clean.10KB": "higher",
      "filter.clean.100KB": "higher",
      "filter.clean.1MB": "higher",
      "filter.vs.pinojs-redact": "higher",
      "filter.vs.fast-redact": "higher",
      "filter.vs.jsonpath-plus": "higher",
      "filter.patterns.30": "lower",
      "filter.dynamic-keys": "lower",
      "filter.slice.ms": "lower",
      "filter.memory.1GiB": "lower",
      "filter.after-hostile": "higher",
    });
  });

  it("`decide` gives right results and all its figures", async () => {
    const figures = await figuresFrom(await openDecide({ manyRules: 200, peerRules: 100 }));
    expect(figures).toEqual({
      "decide.growth.typical": "lower",
      "decide.growth.unanchored-10": "lower",
      "decide.growth.adverse": "lower",
      "decide.growth.all-unanchored": "lower",
      "decide.vs.casl": "higher",
      "decide.vs.casbin": "higher",
      "decide.vs.cedar": "higher",
      "decide.p99us.10000": "lower",
      "compile.rules.10000.ms": "lower",
      "compile.rules.10000.first.ms": "lower",
      "compile.filter.30.ms": "lower",
    });
  });

  it("`redact` gives right results and all its figures", async () => {
    expect(await figuresFrom(await openRedact())).toEqual({
      "redact.record": "higher",
      "redact.record.clean": "higher",
    });
  });
});

type Suite = Awaited<ReturnType<typeof openCall | typeof openDecide | typeof openFilter | typeof openRedact>>;

/** Runs everything, and answers with the names of the figures and which way is better. */
async function figuresFrom({ contests, probes, close }: Suite) {
  try {
    const measured = await measure(contests, SHORT);
    const probed = await runProbes(probes, SHORT);
    const figures = [...measured.flatMap(figuresOf), ...probed.map(figureOf)];
    for (const { value, p10, p90 } of figures) {
      expect(p10).toBeGreaterThan(0);
      expect(value).toBeGreaterThanOrEqual(p10);
      expect(p90).toBeGreaterThanOrEqual(value);
    }
    return Object.fromEntries(figures.map(({ name, better }) => [name, better]));
  } finally {
    await close();
  }
}

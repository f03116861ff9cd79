// Decisions: how their cost grows with the number of rules, how they compare with policy engines, and compiling.
import { strict as assert } from "node:assert";
import { compilePolicy, decide, parsePolicy } from "@sallyport/core";
import { compilingMs } from "../compiling.mjs";
import { listDocument, SENSITIVE } from "../documents.mjs";
import { assertDestroyed, destroying, filterBy, kilobytes } from "../filtering.mjs";
import { consume, cycled, quantile } from "../harness.mjs";
import { naiveDecide, naiveRules } from "../naive.mjs";
import { thirtyPatterns } from "../pattern-sets.mjs";
import { casbinEngine, caslEngine, cedarEngine } from "../peers/policy-engines.mjs";
import { policyOf, requestsFor, rulesOf } from "../rule-sets.mjs";

const FEW_RULES = 10;

const GROWTHS = {
  typical: "typical paths, 1 in 100 unanchored",
  "unanchored-10": "typical paths, 1 in 10 unanchored",
  adverse: "`^/v1/.*/resN/[^/]+$` throughout",
  "all-unanchored": "`\\.(envN|gitN)$` throughout",
};

/** @param {{ manyRules?: number, peerRules?: number }} [options] tests take fewer */
export async function open({ manyRules = 10_000, peerRules = 1_000 } = {}) {
  const many = Object.fromEntries(
    Object.keys(GROWTHS).map((shape) => [shape, decider({ count: manyRules, shape })]),
  );
  return {
    contests: [
      ...Object.keys(GROWTHS).map((shape) => growth(shape, many[shape])),
      ...(await engines(peerRules)),
    ],
    probes: [latency(many.typical), compilingRules(manyRules), compilingFirst(manyRules), compilingFilter()],
    close: async () => {},
  };
}

const NOW = 1_750_000_000_000;

/** A compiled policy, and the requests it decides. */
function decider({ count, shape }) {
  const rules = rulesOf({ count, shape });
  const compiled = compilePolicy(parsePolicy(policyOf(rules)));
  const requests = requestsFor({ count, shape });
  const decideOne = (request) => decide(compiled, "api", request, { now: NOW });
  return {
    rules,
    requests,
    decideOne,
    run: cycled(requests, (request) => {
      consume(decideOne(request).effect.length);
      return 1;
    }),
    assertRight() {
      const naive = naiveRules(rules);
      const effects = new Set();
      for (const request of requests) {
        const { effect, scopes } = decideOne(request);
        assert.equal(effect, naiveDecide(naive, request).effect);
        assert.equal(scopes.find(({ scope }) => scope === "proxy").effect, effect);
        effects.add(effect);
      }
      return effects;
    },
  };
}

function growth(shape, many) {
  const few = decider({ count: FEW_RULES, shape });
  const words = ({ rules }) => `decide, ${rules.length.toLocaleString("en-US")} rules`;
  return {
    title: `Growth: ${GROWTHS[shape]}`,
    unit: "/s",
    better: "lower",
    verify() {
      few.assertRight();
      many.assertRight();
    },
    baseline: { words: words(few), run: few.run },
    candidates: [{ figure: `decide.growth.${shape}`, words: words(many), run: many.run }],
  };
}

async function engines(count) {
  const typical = decider({ count, shape: "typical" });
  const globs = decider({ count, shape: "globs" });
  const against = (name, ours, { words, prepare, allows }) => {
    const prepared = ours.requests.map(prepare);
    return {
      title: `Engines: ${count.toLocaleString("en-US")} rules beside ${name}, such as ${examples(ours.rules)}`,
      unit: "/s",
      verify() {
        assert.deepEqual(ours.assertRight(), new Set(["allow", "deny"]));
        for (const [index, request] of ours.requests.entries())
          assert.equal(allows(prepared[index]), ours.decideOne(request).effect === "allow");
      },
      baseline: {
        words,
        run: cycled(prepared, (one) => {
          consume(allows(one) ? 1 : 0);
          return 1;
        }),
      },
      candidates: [
        { figure: `decide.vs.${name}`, words: "decide: every matching rule named", run: ours.run },
      ],
    };
  };
  return [
    against("casl", typical, caslEngine(typical.rules)),
    against("casbin", typical, await casbinEngine(typical.rules)),
    against("cedar", globs, cedarEngine(globs.rules)),
  ];
}

function examples(rules) {
  return rules
    .slice(4, 8)
    .map(({ path }) => `\`${path.pattern}\``)
    .join(", ");
}

/** Enough for the slowest one in a hundred to mean something. */
const FEWEST_DECISIONS = 128;

/** @returns {import("../probes.mjs").Probe} */
function latency({ rules, requests, decideOne, assertRight, run }) {
  let next = 0;
  const timeOne = () => {
    const request = requests[next++ % requests.length];
    const startedAt = performance.now();
    const { effect } = decideOne(request);
    const elapsed = performance.now() - startedAt;
    consume(effect.length);
    return elapsed;
  };
  return {
    figure: "decide.p99us.10000",
    words: `p99 of a single decision, ${rules.length.toLocaleString("en-US")} typical rules`,
    unit: "µs",
    better: "lower",
    verify: () => void assertRight(),
    prepare: ({ roundMs }) => void run(roundMs),
    sample({ roundMs }) {
      const times = [];
      const startedAt = performance.now();
      while (times.length < FEWEST_DECISIONS || performance.now() - startedAt < roundMs)
        times.push(timeOne());
      return quantile(times, 0.99) * 1000;
    },
  };
}

/** @returns {import("../probes.mjs").Probe} */
function compilingRules(count) {
  return {
    figure: "compile.rules.10000.ms",
    words: `parsePolicy and compilePolicy, ${count.toLocaleString("en-US")} typical rules not seen before`,
    unit: "ms",
    better: "lower",
    verify() {
      const { proxies } = compilePolicy(parsePolicy(policyOf(rulesOf({ count, shape: "typical" }))));
      assert.equal(proxies.get("api").entity.rules.length, count);
    },
    sample: () => compilingMs("rules", count),
  };
}

/** What a process that starts waits for. @returns {import("../probes.mjs").Probe} */
function compilingFirst(count) {
  const warm = compilingRules(count);
  return {
    ...warm,
    figure: "compile.rules.10000.first.ms",
    words: `the same, as the first thing a process does`,
    sample: () => compilingMs("rules", count, { warmUps: 0 }),
  };
}

const FILTERED_BYTES = 1024;

/** @returns {import("../probes.mjs").Probe} */
function compilingFilter() {
  const document = listDocument({ bytes: FILTERED_BYTES, isDirty: true, seed: 1 });
  return {
    figure: "compile.filter.30.ms",
    words: `thirty patterns not seen before, up to and with the first ${kilobytes(document)} filtered`,
    unit: "ms",
    better: "lower",
    verify() {
      assert.equal(thirtyPatterns().length, 30);
      assert.equal(thirtyPatterns()[0].pattern, SENSITIVE.pattern);
      assertDestroyed(filterBy(destroying(thirtyPatterns("Fresh")))(document), document);
    },
    sample: () => compilingMs("filter", FILTERED_BYTES),
  };
}

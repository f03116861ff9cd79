/**
 * Runs the tests of a mutant in this process, in milliseconds where a run of Vitest takes seconds: with thousands of
 * mutants that is the difference between minutes and hours.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { bundleTests, testFiles } from "./bundle.mjs";
import { vitestFor } from "./collect-tests.mjs";

/** A few cases of each property: a mutant that only a rare one finds wants a test that names it. */
const SHARE_OF_CASES = "0.02";
/** What runs as modules load is tried on all tests; slower ones have better things to do. */
const SLOW_MS = 20;
/** Stryker takes code for a loop without end when it is reached 100 times as often as before; 10 times will do. */
const HIT_LIMIT_DIVISOR = 10;
/** What the first run found out, for a process that comes after one that hung. */
const FOUND = "first-run.json";
/** With `--quick`, tests that take this share of all time are left out: what only they notice counts as missed. */
const SLOW_SHARE = 1 / 200;
/** A call without end is stopped here: for Stryker to find out and begin another process takes a minute. */
const LONGEST_CALL_MS = 5_000;
const LONGEST_LOADING_MS = 60_000;

const require = createRequire(`${process.cwd()}/packages/core/src/index.ts`);

class InProcessRunner {
  #files = testFiles();
  #script;
  /** In milliseconds, by the id of the test. */
  #durations = {};
  /** Ids of the tests that reach a mutant, by its id, where it runs as modules load too. */
  #reaching = {};
  /** Of the code that Stryker put in: which mutant is active, and what was reached. */
  #state = {};

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    globalThis.__stryker__ = this.#state;
    process.env.SALLYPORT_DEEP = SHARE_OF_CASES;
    // The same cases each time, and no search for the smallest one that fails.
    require("fast-check").configureGlobal({ seed: 1, endOnFailure: true });
    this.#script = await bundleTests(this.#files, { countsCoverage: false });
    if (!existsSync(FOUND)) return;
    const { durations, reaching } = JSON.parse(readFileSync(FOUND, "utf8"));
    this.#durations = durations;
    this.#reaching = reaching;
  }

  async dryRun() {
    const script = await bundleTests(this.#files, { countsCoverage: true });
    const tests = await this.#run(this.#collect(script, this.#files));
    this.#durations = Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]));
    this.#reaching = reachingTests(this.#state.mutantCoverage);
    writeFileSync(FOUND, JSON.stringify({ durations: this.#durations, reaching: this.#reaching }));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: this.#state.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, disableBail }) {
    Object.assign(this.#state, {
      activeMutant: undefined,
      hitCount: 0,
      hitLimit: hitLimit / HIT_LIMIT_DIVISOR,
    });
    if (mutantActivation === "static") this.#state.activeMutant = activeMutant.id;
    const wanted = testFilter && new Set(testFilter);
    const files = wanted
      ? this.#files.filter((file) => testFilter.some((id) => id.startsWith(`${file}#`)))
      : this.#files;
    let tests;
    try {
      tests = this.#collect(this.#script, files);
    } catch (error) {
      // Thrown outside of any test: no test file with this mutant in it can be loaded.
      return toMutantRunResult(
        isEndless(error)
          ? { status: DryRunStatus.Timeout }
          : { status: DryRunStatus.Complete, tests: [failed({ id: files[0], name: files[0] }, error)] },
      );
    }
    this.#state.activeMutant = activeMutant.id;
    const mostMs = wanted ? this.#mostMs() : SLOW_MS;
    const reaching = new Set(this.#reaching[activeMutant.id]);
    const chosen = tests
      .filter(({ id }) => (wanted?.has(id) ?? true) && this.#durationOf(id) < mostMs)
      .sort((one, other) => this.#durationOf(one.id) - this.#durationOf(other.id))
      // Most likely to notice.
      .sort((one, other) => Number(reaching.has(other.id)) - Number(reaching.has(one.id)));
    const results = await this.#run(chosen, !disableBail);
    if (results.some(({ isStopped }) => isStopped))
      return toMutantRunResult({ status: DryRunStatus.Timeout });
    const timeout = determineHitLimitReached(this.#state.hitCount, this.#state.hitLimit);
    return toMutantRunResult(timeout ?? { status: DryRunStatus.Complete, tests: results });
  }

  #mostMs() {
    if (process.env.SALLYPORT_MUTATION !== "quick") return Number.POSITIVE_INFINITY;
    return SLOW_SHARE * Object.values(this.#durations).reduce((sum, one) => sum + one, 0);
  }

  #durationOf(id) {
    return this.#durations[id] ?? 0;
  }

  #collect(script, files) {
    const tests = new Map();
    let fileName;
    const vitest = vitestFor((name, body) => {
      let id = `${fileName}#${name}`;
      while (tests.has(id)) id += "'";
      tests.set(id, { id, name, fileName, body });
    });
    const loaders = script.runInThisContext()(require, vitest);
    bounded(() => {
      for (fileName of files) loaders[fileName]();
    }, LONGEST_LOADING_MS);
    return [...tests.values()];
  }

  async #run(tests, bails = false) {
    const results = [];
    for (const { body, ...test } of tests) {
      this.#state.currentTestId = test.id;
      const startedAt = performance.now();
      let result;
      try {
        await bounded(body, 10 * (this.#durations[test.id] ?? Number.POSITIVE_INFINITY));
        result = { ...test, status: TestStatus.Success };
      } catch (error) {
        result = { ...failed(test, error), isStopped: isEndless(error) };
      }
      this.#state.currentTestId = undefined;
      const timeSpentMs = performance.now() - startedAt;
      results.push({ ...result, timeSpentMs });
      if (bails && result.status === TestStatus.Failed) break;
    }
    return results;
  }
}

/** Of the mutants that run as modules load: Stryker asks for all tests of these, and does not say which reach them. */
function reachingTests({ static: onLoad, perTest }) {
  const reaching = Object.fromEntries(Object.keys(onLoad).map((mutant) => [mutant, []]));
  for (const [test, reached] of Object.entries(perTest)) {
    for (const mutant of Object.keys(reached)) reaching[mutant]?.push(test);
  }
  return reaching;
}

const CALL = new Script("__sallyportCall__()", { filename: "mutation-call.cjs" });

/** Calls a function that may never end: what it does before it waits for anything. */
function bounded(call, ms = 0) {
  globalThis.__sallyportCall__ = call;
  const timeout = Math.min(10 * 60_000, Math.max(LONGEST_CALL_MS, Math.ceil(ms)));
  return CALL.runInThisContext({ timeout });
}

function isEndless(error) {
  return error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}

function failed(test, error) {
  return {
    ...test,
    timeSpentMs: 0,
    status: TestStatus.Failed,
    failureMessage: String(error?.message ?? error),
  };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "in-process", InProcessRunner)];

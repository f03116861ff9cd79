import type { Reporter, TestModule } from "vitest/node";
import { closingLine, type Totals } from "./closing-line.mjs";

/**
 * Ends a run with one line, `N passed, N failed`, with `, N skipped` when there are any.
 *
 * Under `scripts/test.mjs` the totals go to that process, which prints the line when Vitest has exited;
 * otherwise the line is printed as this process exits.
 */
export default class ClosingLineReporter implements Reporter {
  #totals: Totals | undefined;

  onInit(): void {
    if (process.send) return;
    process.once("exit", (code) => process.stdout.write(`${closingLine(this.#totals, code)}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const failedBefore = totals.failed;
      addModule(totals, module);
      if (module.state() === "failed" && totals.failed === failedBefore) totals.failed += 1;
    }
    this.#totals = totals;
    process.send?.({ totals });
  }
}

function addModule(totals: Totals, module: TestModule): void {
  // A module that could not be loaded, or a suite whose hook threw, fails without any failed test.
  for (const suite of [module, ...module.children.allSuites()]) {
    if (suite.errors().length > 0) totals.failed += 1;
  }
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === "passed") totals.passed += 1;
    else if (state === "skipped") totals.skipped += 1;
    else totals.failed += 1;
  }
}

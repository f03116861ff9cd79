import { afterEach, describe, expect, it, vi } from "vitest";
import { report } from "./report.mjs";

const SOURCES = "packages/core/src";

afterEach(() => vi.restoreAllMocks());

function mutants(file: string, counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).flatMap(([status, count]) =>
    Array.from({ length: count }, (_, index) => ({
      id: `${file}-${status}-${index}`,
      fileName: `${SOURCES}/${file}`,
      status,
      statusReason: status === "Ignored" ? "a faster path" : undefined,
      mutatorName: "BlockStatement",
      location: { start: { line: index + 1, column: 1 }, end: { line: index + 1, column: 2 } },
      replacement: "{}",
    })),
  ) as Parameters<typeof report>[0];
}

function reported(...ones: ReturnType<typeof mutants>[]) {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => lines.push(line));
  return { isGood: report(ones.flat(), SOURCES), lines };
}

describe("a report on mutants", () => {
  it("counts those that a test noticed, by file and by folder", () => {
    const { isGood, lines } = reported(
      mutants("policy/b.ts", { Killed: 8, Timeout: 1, Survived: 1 }),
      mutants("policy/a.ts", { Killed: 9, NoCoverage: 1 }),
    );
    expect(isGood).toBe(true);
    expect(lines).toEqual([
      "score  killed  timeout  survived  not reached  excluded",
      " 90.0       9        0         0            1         0  policy/a.ts",
      " 90.0       8        1         1            0         0  policy/b.ts",
      " 90.0      17        1         1            1         0  policy",
      "0 of 20 mutants excluded: 0.0 %, at most 2 %",
    ]);
  });

  it("fails for a folder below 85 %, whatever the other one has", () => {
    const { isGood, lines } = reported(
      mutants("policy/a.ts", { Killed: 84, Survived: 16 }),
      mutants("filter/a.ts", { Killed: 100 }),
    );
    expect(isGood).toBe(false);
    expect(lines).toContain("policy: below 85 %");
    expect(lines).not.toContain("filter: below 85 %");
  });

  it("fails for more than 2 % of exclusions, and lists each with its reason", () => {
    const within = reported(mutants("filter/a.ts", { Killed: 98, Ignored: 2 }));
    expect(within.isGood).toBe(true);
    expect(within.lines).toContain("excluded: packages/core/src/filter/a.ts:2 BlockStatement: a faster path");
    expect(reported(mutants("filter/a.ts", { Killed: 97, Ignored: 3 })).isGood).toBe(false);
  });

  it("fails where there is nothing to count", () => {
    expect(reported().isGood).toBe(false);
  });
});

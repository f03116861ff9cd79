import { describe, expect, it } from "vitest";
import { caseOf } from "./fuzz/cases.mjs";
import { check } from "./fuzz/check.mjs";
import { minimal } from "./fuzz/minimal.mjs";

describe("the fuzzer", () => {
  it("makes the same case of the same seed and number, and others of others", () => {
    expect(caseOf(1, 2)).toEqual(caseOf(1, 2));
    const documents = Array.from({ length: 50 }, (_, number) => caseOf(7, number).bytes.toString("latin1"));
    expect(new Set(documents).size).toBeGreaterThan(45);
    expect(caseOf(8, 0)).not.toEqual(caseOf(7, 0));
  });

  it("finds nothing wrong with the filter, in documents of which many are JSON and many are not", () => {
    let accepted = 0;
    for (let number = 0; number < 200; number++) {
      const { wrong, isAccepted } = check(caseOf(20_260, number));
      expect({ number, wrong }).toEqual({ number, wrong: undefined });
      if (isAccepted) accepted++;
    }
    expect(accepted).toBeGreaterThan(40);
    expect(accepted).toBeLessThan(160);
  });

  it("reduces a failing case to what makes it fail", () => {
    const [operation, other] = ["destroy", "mask"].map((effect) => ({ effect, path: "a" }));
    const given = {
      bytes: Buffer.from('{"x":[{"y":[1,2,{"z":"bad"}]}],"w":{"v":[]}}'),
      stages: [[other], [other, operation]],
      lengths: [3, 1, 2],
    } as Parameters<typeof minimal>[0];
    const least = minimal(
      given,
      ({ bytes, stages }) =>
        bytes.includes('"bad"') && stages.flat().some(({ effect }) => effect === "destroy"),
    );
    expect(least).toEqual({
      bytes: Buffer.from('"bad"'),
      stages: [[operation]],
      lengths: [given.bytes.length + 1],
    });
  });
});

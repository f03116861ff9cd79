import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../runs.reference.js";
import { LiteralAutomaton } from "./literal-automaton.js";

function automatonOf(literals: readonly string[]): LiteralAutomaton {
  const automaton = new LiteralAutomaton();
  for (const [index, literal] of literals.entries()) automaton.add(literal, index);
  return automaton;
}

function foundIn(automaton: LiteralAutomaton, text: string): number[] {
  const values: number[] = [];
  automaton.find(text, values);
  return [...new Set(values)].sort((one, other) => one - other);
}

describe("literals in a text", () => {
  it("are found wherever they stand, in one another too", () => {
    const automaton = automatonOf(["he", "she", "his", "hers", "e"]);
    expect(foundIn(automaton, "ushers")).toEqual([0, 1, 3, 4]);
    expect(foundIn(automaton, "ahishe")).toEqual([0, 1, 2, 4]);
    expect(foundIn(automaton, "hx")).toEqual([]);
    expect(foundIn(automaton, "")).toEqual([]);
  });

  it("are found behind the beginnings of longer ones, in whatever order they were added", () => {
    for (const literals of [
      ["abcz", "bcy", "c"],
      ["c", "bcy", "abcz"],
      ["bcy", "abcz", "c"],
    ]) {
      const automaton = automatonOf(literals);
      expect(foundIn(automaton, "xabcx")).toEqual([literals.indexOf("c")]);
      expect(foundIn(automaton, "abcyz")).toEqual([literals.indexOf("bcy"), literals.indexOf("c")].sort());
    }
  });

  it("are compared in ASCII lower case, and no other", () => {
    const automaton = automatonOf(["admin", "é", "zz", "a[", "`"]);
    expect(foundIn(automaton, "/ADMIN")).toEqual([0]);
    expect(foundIn(automaton, "É ZZ")).toEqual([2]);
    expect(foundIn(automaton, "é")).toEqual([1]);
    expect(foundIn(automaton, "A[")).toEqual([3]);
    expect(foundIn(automaton, "a{ @")).toEqual([]);
  });

  it("yield every value, and those that were added later", () => {
    const automaton = automatonOf(["ab"]);
    automaton.add("ab", 7);
    expect(foundIn(automaton, "ab")).toEqual([0, 7]);
    automaton.add("b", 8);
    automaton.add("x", 9);
    expect(foundIn(automaton, "abx")).toEqual([0, 7, 8, 9]);
  });

  it("are the ones that `includes` finds, thousands of them too", () => {
    const literals = Array.from({ length: 3000 }, (_, index) => `${index.toString(3)}x`);
    const many = automatonOf(literals);
    for (const text of ["12021x20x", "x", "2222222x", "0x1x2", "2".repeat(40)]) {
      expect(foundIn(many, text)).toEqual(
        literals.flatMap((one, index) => (text.includes(one) ? [index] : [])),
      );
    }
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "ö"), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.array(word), (some, parts) => {
        const text = parts.join("");
        const expected = some.flatMap((one, index) => (text.includes(one) ? [index] : []));
        expect(foundIn(automatonOf(some), text)).toEqual(expected);
      }),
      { numRuns: runs(500) },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alphabetOf } from "./alphabet.js";
import { Automaton } from "./automaton.js";
import { type CharacterSet, contains, union } from "./character-set.js";
import { buildProgram, LAST_SYMBOL } from "./program.js";

/** The symbols with a bit: as many sets as a symbol has bits tell every two symbols apart. */
const BITS = Array.from({ length: 17 }, (_, bit): CharacterSet => {
  const width = 2 ** bit;
  const ranges: [number, number][] = [];
  for (let from = width; from <= LAST_SYMBOL; from += 2 * width)
    ranges.push([from, Math.min(from + width - 1, LAST_SYMBOL)]);
  return ranges;
});

const range = fc
  .tuple(fc.nat(LAST_SYMBOL), fc.oneof(fc.nat(3), fc.nat(LAST_SYMBOL)))
  .map(([from, length]) => [from, Math.min(from + length, LAST_SYMBOL)] as const);
const sets = fc.array(fc.array(range, { maxLength: 4 }).map(union), { maxLength: 6 });

describe("an alphabet", () => {
  it("puts two symbols in one class exactly where no set tells them apart", () => {
    fc.assert(
      fc.property(sets, fc.array(fc.nat(LAST_SYMBOL), { maxLength: 4 }), (list, more) => {
        const { classOf, has, ascii, size } = alphabetOf(list);
        const edges = list.flat(2).flatMap((edge) => [edge - 1, edge, edge + 1]);
        const symbols = [...edges, ...more, 0, 127, 128].filter((one) => one >= 0 && one <= LAST_SYMBOL);
        const membership = (symbol: number) => list.map((set) => contains(set, symbol)).join();
        for (const symbol of symbols) {
          expect(list.map((_, index) => has(index, classOf(symbol))).join()).toBe(membership(symbol));
          expect(classOf(symbol)).toBeLessThan(size);
          if (symbol < 128) expect(ascii[symbol]).toBe(classOf(symbol));
          const alike = symbols.filter((other) => classOf(other) === classOf(symbol));
          expect(alike).toEqual(symbols.filter((other) => membership(other) === membership(symbol)));
        }
        expect(has(list.length, 0)).toBe(false);
      }),
    );
  });

  it("may have a class for every symbol, more than 16 bits can tell apart", () => {
    const { size, classOf } = alphabetOf(BITS);
    expect(size).toBe(LAST_SYMBOL + 1);
    for (let symbol = 0; symbol <= LAST_SYMBOL; symbol++)
      if (classOf(symbol) !== symbol) expect.fail(`symbol ${symbol} is in class ${classOf(symbol)}`);
    const flags = { ignoreCase: false, dotAll: false, unicode: false, multiline: false };
    const patterns = BITS.map((symbols) => ({
      expression: { kind: "symbols", symbols } as const,
      ...{ flags, variables: [] },
    }));
    const automaton = new Automaton(buildProgram(patterns));
    // Half a surrogate pair that is alone is one of the last symbols.
    const matches = automaton.matchesOf(automaton.matchId(automaton.run(automaton.start, "\udfff")));
    const symbol = 0xdfff + (0x10000 - 0xd800);
    expect(matches).toEqual(BITS.flatMap((set, bit) => (contains(set, symbol) ? [bit] : [])));
  });

  it("is made of as many sets as there are symbols, one for each or for all but each", () => {
    const some = Array.from({ length: 40_000 }, (_, index): CharacterSet => {
      const symbol = index + 1;
      if (index % 2 === 0) return [[symbol, symbol]];
      return [
        [0, symbol - 1],
        [symbol + 1, LAST_SYMBOL],
      ];
    });
    const { size, classOf, has } = alphabetOf(some);
    expect(size).toBe(40_001);
    expect([classOf(0), classOf(40_000), classOf(40_001), classOf(LAST_SYMBOL)]).toEqual([0, 40_000, 0, 0]);
    expect([has(6, 7), has(6, 8), has(7, 7), has(7, 8)]).toEqual([true, false, true, false]);
  });
});

import { describe, expect, it } from "vitest";
import { compilePattern } from "../pattern/pattern.js";
import type { BoundOperation } from "./operation.js";
import { BY_INDEX, DESTROY, PathMachine, READ, REPLACE, RETAIN } from "./path-machine.js";
import { compileSelect } from "./select.js";

function operation(
  effect: BoundOperation["effect"],
  path: string,
  more: Partial<BoundOperation> = {},
): BoundOperation {
  return { effect, pattern: compilePattern(path), values: new Map(), ...more };
}

const destroying = (...paths: readonly string[]) =>
  new PathMachine(paths.map((path) => operation("destroy", path)));

/** The state behind a path without indices. */
function stateAt(machine: PathMachine, path: string): number {
  const { automaton } = machine;
  return path
    .split(".")
    .slice(1)
    .reduce((state, key) => automaton.run(machine.beforeKey(state), key), machine.root);
}

/** The state of an element, step by step. */
function elementAt(machine: PathMachine, state: number, index: number): number {
  const { automaton } = machine;
  const entered = automaton.next(state, machine.openColumn);
  return automaton.next(automaton.run(entered, String(index)), machine.closeColumn);
}

describe("PathMachine", () => {
  it("tells the operations that match a path, by what they do", () => {
    const value = compilePattern("1");
    const machine = new PathMachine([
      operation("destroy", "a$"),
      operation("retain", "^\\$\\.a"),
      operation("mask", "a"),
      operation("hash", "\\.b$"),
      operation("mask", "b", { mask: { keepLast: 0 } }),
      operation("mask", "c$", { mask: { keepLast: 1 } }),
      operation("destroy", "d$", { matchValue: value }),
      operation("hash", "d$", { matchValue: value }),
    ]);
    const actionAt = (path: string) => machine.action(machine.automaton.matchId(stateAt(machine, path)));
    const none = { retains: [], destroys: [], replaces: [], conditional: [] };
    expect(actionAt("$.x")).toEqual({ ...none, bits: 0 });
    expect(actionAt("$.a")).toEqual({
      ...none,
      bits: RETAIN | DESTROY | REPLACE,
      retains: [1],
      destroys: [0],
      replaces: [2],
    });
    expect(actionAt("$.b")).toEqual({ ...none, bits: REPLACE | READ, replaces: [3, 4] });
    expect(actionAt("$.c")).toEqual({ ...none, bits: REPLACE | READ, replaces: [5] });
    expect(actionAt("$.d")).toEqual({ ...none, bits: READ, conditional: [6, 7] });
    expect(actionAt("$.x")).toBe(actionAt("$.y"));
  });

  it("knows whether anything is retained at all", () => {
    expect(destroying("a").hasRetains).toBe(false);
    expect(new PathMachine([operation("destroy", "a"), operation("retain", "a")]).hasRetains).toBe(true);
    expect(new PathMachine([]).hasRetains).toBe(false);
  });

  it("knows whether all that is done is to destroy what a path says", () => {
    const isAll = (...more: BoundOperation[]) =>
      new PathMachine([operation("destroy", "a"), ...more]).onlyDestroys;
    expect(isAll()).toBe(true);
    expect(isAll(operation("destroy", "b"))).toBe(true);
    for (const effect of ["retain", "mask", "hash"] as const)
      expect(isAll(operation(effect, "b"))).toBe(false);
    expect(isAll(operation("destroy", "b", { matchValue: compilePattern("1") }))).toBe(false);
    const select = (query: string) =>
      operation("destroy", "", { pattern: undefined, select: compileSelect(query) });
    expect(isAll(select("$..b"))).toBe(true);
    expect(isAll(select("$[-1]"))).toBe(false);
  });

  it("has no column for what may not stand for itself in a key", () => {
    const { columns } = destroying("a");
    const bytes = Array.from(columns.keys()).filter((byte) => columns[byte] === 0);
    const expected = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => byte < 0x20 || byte === 0x22 || byte === 0x5c || byte >= 0x80,
    );
    expect(bytes).toEqual(expected);
  });
});

describe("the state of every element", () => {
  it("is one where no pattern can tell an index from another", () => {
    for (const path of [
      "\\.a$",
      "\\[\\d+\\]\\.a",
      "\\[\\d+\\]$",
      "\\]$",
      "^\\$\\[[^\\]]*\\]\\.a",
      "x",
      "\\W$",
      "a.*b",
    ]) {
      const machine = destroying(path);
      const every = machine.everyElement(machine.root);
      expect({ path, isByIndex: every === BY_INDEX }).toEqual({ path, isByIndex: false });
      for (const index of [0, 1, 9, 10, 42, 123_456])
        expect(elementAt(machine, machine.root, index)).toBe(every);
      expect(machine.everyElement(machine.root)).toBe(every);
    }
  });

  it("is none where a pattern can, at any length of an index", () => {
    for (const path of [
      ...[
        "\\[0\\]",
        "\\[9\\]",
        "\\[[1-9]",
        "\\[\\d\\]$",
        "\\[\\d{2,}\\]",
        "\\[\\d*7\\]",
        "1",
        "^.{5}$",
        "\\b1\\b",
        "\\[(\\d\\d)+\\]$",
      ],
      ...["^\\$\\[7", "\\[\\d{63}\\]", "\\[\\d{65}\\]", "\\[\\d{500}\\]", "[^\\d][02468]\\]"],
    ]) {
      const machine = destroying("\\.a$", path);
      expect({ path, every: machine.everyElement(machine.root) }).toEqual({ path, every: BY_INDEX });
    }
  });

  it("is asked below each path of its own", () => {
    const machine = destroying("^\\$\\.a\\[0\\]");
    expect(machine.everyElement(stateAt(machine, "$.a"))).toBe(BY_INDEX);
    expect(machine.everyElement(stateAt(machine, "$.b"))).not.toBe(BY_INDEX);
  });
});

import { describe, expect, it } from "vitest";
import { type BoundOperation, maskedText, strictest } from "./operation.js";

const masking = (mask: BoundOperation["mask"]): BoundOperation => ({
  effect: "mask",
  mask,
  values: new Map(),
});
const hash: BoundOperation = { effect: "hash", values: new Map() };

/** Every order of the operations. */
function* orders(list: readonly BoundOperation[]): Generator<BoundOperation[]> {
  if (list.length === 0) yield [];
  for (const [index, one] of list.entries()) {
    for (const rest of orders(list.filter((_, other) => other !== index))) yield [one, ...rest];
  }
}

describe("of operations on one node", () => {
  it.each<[what: string, first: BoundOperation, others: readonly BoundOperation[]]>([
    ["a mask comes before a hash", masking({ keepLast: 4 }), [hash, masking({ keepLast: 5 })]],
    [
      "the one that keeps less comes first",
      masking({ with: "z" }),
      [masking({ with: "a", keepLast: 1 }), hash],
    ],
    [
      "the default text is as any other",
      masking(undefined),
      [masking({ with: "a" }), masking({ with: "b" })],
    ],
    [
      "the first text decides between those that keep as much",
      masking({ with: "1" }),
      [masking({ with: "2" }), masking({})],
    ],
    ["of equal ones it does not matter which", masking({ with: "x" }), [masking({ with: "x" }), hash]],
  ])("%s, in whatever order they stand", (_what, first, others) => {
    for (const order of orders([first, ...others])) expect(strictest(order)).toEqual(first);
  });

  it("there is none where there are none", () => {
    expect(strictest([])).toBeUndefined();
  });
});

describe("a mask", () => {
  it("shows the end of a text that is at least twice as long, by characters", () => {
    const four = { keepLast: 4 };
    expect(maskedText(four, "12345678")).toBe("[REDACTED]5678");
    expect(maskedText(four, "1234567")).toBe("[REDACTED]");
    expect(maskedText({ with: "", keepLast: 1 }, "😀😀")).toBe("😀");
    expect(maskedText({ with: "", keepLast: 1 }, "😀")).toBe("");
  });

  it("shows nothing of a container, and nothing unless it is told to", () => {
    expect(maskedText({ with: "#", keepLast: 4 }, undefined)).toBe("#");
    expect(maskedText({ with: "#" }, "12345678")).toBe("#");
    expect(maskedText(undefined, "12345678")).toBe("[REDACTED]");
  });
});

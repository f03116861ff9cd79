import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { TRAPS } from "./traps.js";

it("each trap has its tests, once", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
  const tested = files.flatMap((name) => {
    const text = readFileSync(join(import.meta.dirname, name), "utf8");
    return [...text.matchAll(/^trap\("([^"]+)", \{$/gm)].map(([, trap]) => trap);
  });
  expect(tested.toSorted()).toEqual(TRAPS.toSorted());
});

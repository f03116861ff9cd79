import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PointerSearch } from "./pointer-search.js";
import { toPointer } from "./schema-issues.js";

type Path = readonly (string | number)[];

/** Of all members and elements, each before those in it. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const inside = [...path, Array.isArray(value) ? Number(name) : name];
    return [inside, ...pathsIn(inner, inside)];
  });
}

const key = fc.constantFrom("a", "b", "", "0", "~", "/", "~1", "a/b", "__proto__");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(1),
    fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
}));

describe("`PointerSearch`", () => {
  it("finds the pointers that lead somewhere, there and nowhere else", () => {
    let found = 0;
    fc.assert(
      fc.property(
        value,
        fc.array(fc.array(key, { maxLength: 3 })),
        fc.func(fc.boolean()),
        (root, far, isOne) => {
          const paths = pathsIn(root);
          const wanted = new Set([...far, ...paths.filter((path) => isOne(path))].map(toPointer));
          const search = new PointerSearch(wanted);
          for (const path of paths) {
            const pointer = toPointer(path);
            const expected = wanted.has(pointer) ? pointer : undefined;
            expect(search.visit(path.at(-1) ?? "", path.length)).toBe(expected);
            if (expected !== undefined) found++;
          }
        },
      ),
    );
    expect(found).toBeGreaterThan(100);
  });
});

import { format } from "node:util";
import { expect } from "vitest";

/**
 * What tests import from `vitest`, of which only `describe`, `it`, their `each` and `expect` are there.
 *
 * @param {(name: string, run: () => unknown) => void} add is told of each test, by its full name
 */
export function vitestFor(add) {
  const names = [];
  const describe = (name, body) => {
    names.push(name);
    body();
    names.pop();
  };
  const it = (name, body) => add([...names, name].join(" "), body);
  return { expect, describe: withEach(describe), it: withEach(it) };
}

function withEach(declare) {
  const each = (rows) => (name, body) => {
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row];
      declare(format(name, ...values.filter((value) => typeof value !== "object")), () => body(...values));
    }
  };
  return Object.assign(declare, { each });
}

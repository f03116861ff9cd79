import { describe, expect, it } from "vitest";
import { isSallyportError } from "../errors.js";
import { parsePolicy } from "./parse-policy.js";
import { PLANNED_FIELDS, PLANNED_VALUES } from "./planned.js";
import { LEVEL_FIELDS, type Level } from "./schema.js";

type Fields = Readonly<Record<string, unknown>>;

const proxy = (fields: Fields) => ({ proxies: { p: { target: "t", ...fields } } });
const rule = (fields: Fields) => proxy({ rules: [{ effect: "deny", ...fields }] });
const filter = (fields: Fields) => proxy({ filters: [{ operations: [], ...fields }] });
const credential = (fields: Fields) => ({
  credentials: { c: { type: "target", authType: "bearer", secret: { env: "TOKEN" }, ...fields } },
});

/** Where a field of each level stands in the smallest document that has one, and that document. */
const PLACES: Readonly<
  Partial<Record<Level, readonly [pointer: string, document: (fields: Fields) => Fields]>>
> = {
  credential: ["/credentials/c", credential],
  secret: ["/credentials/c/secret", (secret) => credential({ secret })],
  proxy: ["/proxies/p", proxy],
  rule: ["/proxies/p/rules/0", rule],
  pattern: ["/proxies/p/rules/0/path", (path) => rule({ path })],
  filter: ["/proxies/p/filters/0", filter],
  operation: [
    "/proxies/p/filters/0/operations/0",
    (fields) => filter({ operations: [{ effect: "destroy", jsonPath: "x", ...fields }] }),
  ],
  variable: [
    "/proxies/p/filters/0/variables/0",
    (fields) => filter({ variables: [{ name: "v", source: "query", key: "k", ...fields }] }),
  ],
  settings: ["/settings", (settings) => ({ settings })],
};

const fields = Object.entries(PLANNED_FIELDS).flatMap(([level, names]) =>
  Object.entries(names).map(([field, help]) => ({ level: level as Level, field, value: {}, help })),
);
const values = Object.entries(PLANNED_VALUES).flatMap(([level, names]) =>
  Object.entries(names).flatMap(([field, list]) =>
    list.map((value) => ({ level: level as Level, field, value, help: "use one of" })),
  ),
);

function errorOf(document: Fields) {
  const base = { clientId: "acme", region: "eu-1", targets: { t: { baseUrl: "https://api.example" } } };
  try {
    parsePolicy({
      ...base,
      ...document,
      targets: { ...base.targets, ...(document.targets as object | undefined) },
    });
  } catch (error) {
    if (isSallyportError(error)) return error;
    throw error;
  }
  throw new Error("the document loads");
}

describe("what is planned and not enforced yet", () => {
  it.each([...fields, ...values])(
    "is refused at its place: $level $field $value",
    ({ level, field, value, help }) => {
      const [place, document] = PLACES[level] ?? ["no place is known for this level", () => ({})];
      expect(errorOf(document({ [field]: value }))).toMatchObject({
        code: "ERR_POLICY_UNSUPPORTED",
        issues: [{ pointer: `${place}/${field}`, kind: "unsupported", help: expect.stringContaining(help) }],
      });
    },
  );

  it("does not excuse what else is wrong in the same place", () => {
    const error = errorOf(proxy({ meters: {}, targt: "t" }));
    expect(error).toMatchObject({
      code: "ERR_POLICY_INVALID",
      issues: [{ pointer: expect.stringMatching(/meters$/) }, { pointer: expect.stringMatching(/targt$/) }],
    });
  });

  it("is no field of the schema at the same time", () => {
    const both = fields.filter(({ level, field }) =>
      (LEVEL_FIELDS[level] as readonly string[]).includes(field),
    );
    expect(both).toEqual([]);
  });
});

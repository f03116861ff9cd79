import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import type { Scope } from "../policy/decision.js";
import { often, runs } from "../runs.reference.js";
import { filterByReference, type ReferenceOperation } from "./filter-json.reference.js";
import { documents } from "./random-documents.reference.js";
import { type FilterDocument, requestExchange } from "./request-exchange.reference.js";
import { eventStreamByReference, jsonLinesByReference } from "./streams.reference.js";

const MAX_BYTES = 1024;
const settings = { maxFilterBufferBytes: MAX_BYTES };
/** Of the calling code: the other variable that filters name is missing. */
const vars = { user: "a" };

/** The way out of a request. */
const WAY: readonly Scope[] = ["proxy", "proxyCredential", "target", "targetCredential"];

interface Given {
  readonly scope: Scope;
  readonly on: "request" | "response";
  readonly mode: "enforce" | "observe";
  readonly variable: "user" | "tenant";
  readonly operations: readonly { readonly effect: "destroy" | "retain" | "mask"; readonly path: string }[];
}

const paths = [
  ...["\\.(a|b|password)$", "\\.x\\b", "^\\$\\.a", "^\\$\\[[02]\\]", "\\[\\d+\\]$", "a.*b", "\\.password"],
  ...["\\.[^.]*$", "^\\$\\.data\\[\\d+\\]\\.(a|x)$", "\\.{{v}}$", "^\\$\\.{{v}}\\."],
];

const givenFilter: fc.Arbitrary<Given> = fc.record({
  scope: fc.constantFrom(...WAY),
  on: fc.constantFrom("request", "request", "request", "response"),
  mode: fc.constantFrom("enforce", "enforce", "observe"),
  variable: fc.constantFrom("user", "user", "user", "tenant"),
  operations: fc.array(
    fc.record({
      effect: fc.constantFrom("destroy", "destroy", "mask", "retain"),
      path: fc.constantFrom(...paths),
    }),
    { maxLength: 2 },
  ),
});
const givenFilters = fc.array(givenFilter, { maxLength: 5 });

const types = ["application/json", "application/x-ndjson", "text/event-stream"] as const;

const sent = fc
  .record({
    type: fc.constantFrom(types[0], types[0], ...types),
    texts: fc.array(fc.oneof({ weight: 4, arbitrary: documents }, fc.constantFrom("{", "", "x")), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map(({ type, texts }) => {
    const lines = texts.map((text) => text.replace(/[\r\n]/g, " "));
    if (type === "application/json") return { type, text: texts[0] ?? "" };
    if (type === "text/event-stream") return { type, text: lines.map((one) => `data: ${one}\n\n`).join("") };
    return { type, text: lines.join("\n") };
  })
  // Half a surrogate pair cannot be sent as UTF-8.
  .map(({ type, text }) => ({ type, text: decodeUtf8(toUtf8(text)) ?? "" }));

/** Ids say where a filter stands, so that each operation's receipt is found again. */
function documentOf({ on, mode, variable, operations }: Given, id: string): FilterDocument {
  return {
    ...{ id, on, mode },
    variables: [{ name: "v", source: "vars", key: variable }],
    operations: operations.map(({ effect, path }) => ({ effect, jsonPath: path })),
  };
}

function exchangeOf(given: readonly Given[]) {
  const filters: Partial<Record<Scope, FilterDocument[]>> = {};
  for (const [index, one] of given.entries()) {
    filters[one.scope] = [...(filters[one.scope] ?? []), documentOf(one, `f${index}`)];
  }
  return requestExchange(filters, settings, vars);
}

interface Expected {
  /** `undefined`: refused. */
  readonly text: string | undefined;
  readonly isRewritten: boolean;
  /** Nodes by filter and operation, none of what was refused. */
  readonly nodes: Readonly<Record<string, number>>;
}

/** From docs/spec/policy.md, "Request filters": what becomes of a body, filters that only observe taken for enforced. */
function byReference(
  given: readonly Given[],
  body: { readonly type: string; readonly text: string },
): Expected {
  const applying = given
    .map((one, index) => ({ ...one, id: `f${index}` }))
    .filter(({ on, operations }) => on === "request" && operations.length > 0);
  if (applying.length === 0 || body.text === "") return { text: body.text, isRewritten: false, nodes: {} };
  const refused = { text: undefined, isRewritten: false, nodes: {} };
  const stages = WAY.map((scope) =>
    applying
      .filter((one) => one.scope === scope)
      .flatMap((one) => one.operations.map((it) => ({ ...one, ...it }))),
  ).filter((stage) => stage.length > 0);
  const isMissing = stages
    .flat()
    .some(
      ({ variable, effect, path }) => variable === "tenant" && effect !== "retain" && path.includes("{{"),
    );
  if (isMissing || toUtf8(body.text).length > MAX_BYTES) return refused;
  const nodes: Record<string, number> = {};
  const filter = (text: string) => {
    const twins = stages.map((stage) => stage.map(twinOf));
    const left = filterByReference(text.replace(/^\ufeff/, ""), twins);
    let index = 0;
    const ordinals: Record<string, number> = {};
    for (const { id } of stages.flat()) {
      const ordinal = ordinals[id] ?? 0;
      ordinals[id] = ordinal + 1;
      const name = `${id} operations/${ordinal}`;
      nodes[name] = (nodes[name] ?? 0) + (left?.receipts[index++]?.nodes ?? 0);
    }
    return left?.text;
  };
  if (body.type === "application/json") {
    const text = filter(body.text);
    return text === undefined ? refused : { text, isRewritten: true, nodes };
  }
  const byLines = body.type === "text/event-stream" ? eventStreamByReference : jsonLinesByReference;
  const { text, isWhole } = byLines(body.text, filter, MAX_BYTES);
  return isWhole ? { text, isRewritten: true, nodes } : refused;
}

function twinOf({
  effect,
  path,
  variable,
}: Given["operations"][number] & Pick<Given, "variable">): ReferenceOperation {
  // What a missing variable names is nothing.
  const value = variable === "user" ? vars.user : "(?!)";
  return { effect, pattern: new RegExp(path.replace("{{v}}", value), "u") };
}

function nodesOf(receipts: readonly { filterId: string; operationId: string; nodes: number }[]) {
  return Object.fromEntries(receipts.map((one) => [`${one.filterId} ${one.operationId}`, one.nodes]));
}

const pick = (nodes: Expected["nodes"], test: (id: string) => boolean) =>
  Object.fromEntries(
    Object.entries(nodes).filter(([name, count]) => count > 0 && test(name.split(" ")[0] ?? "")),
  );

describe("a request's body", () => {
  it("is what the naive twin makes of it, and filters that only observe change nothing of it", () => {
    const seen = { rewritten: 0, refused: 0, changed: 0, observed: 0 };
    fc.assert(
      fc.property(givenFilters, sent, (given, body) => {
        const outcome = exchangeOf(given).send(body.text, { "content-type": body.type });
        const isTrial = (one: Given) => one.mode === "observe";
        const enforced = byReference(
          given.map((one) => (isTrial(one) ? { ...one, operations: [] } : one)),
          body,
        );
        const all = byReference(given, body);
        const hasTrial = given.some(
          (one) => isTrial(one) && one.on === "request" && one.operations.length > 0,
        );

        expect(outcome.body.kind === "bytes" ? decodeUtf8(outcome.body.bytes) : undefined).toBe(
          enforced.text,
        );
        expect(outcome.isRewritten).toBe(enforced.isRewritten);
        const observed = hasTrial && enforced.text !== undefined && all.text === undefined;
        expect(outcome.observed !== undefined).toBe(observed);

        const byMode = (mode: "observe" | undefined) => outcome.receipts.filter((one) => one.mode === mode);
        const trials = (id: string) => given[Number(id.slice(1))]?.mode === "observe";
        expect(pick(nodesOf(byMode(undefined)), () => true)).toEqual(pick(enforced.nodes, () => true));
        expect(pick(nodesOf(byMode("observe")), () => true)).toEqual(hasTrial ? pick(all.nodes, trials) : {});
        expect(outcome.receipts.every(({ on }) => on === "request")).toBe(true);

        if (enforced.text === undefined) seen.refused++;
        if (enforced.isRewritten) seen.rewritten++;
        if (enforced.text !== undefined && enforced.text !== body.text) seen.changed++;
        if (observed) seen.observed++;
      }),
      { numRuns: runs(1000) },
    );
    expect(seen.rewritten).toBeGreaterThan(often(200));
    expect(seen.refused).toBeGreaterThan(often(75));
    expect(seen.changed).toBeGreaterThan(often(75));
    expect(seen.observed).toBeGreaterThan(often(12));
  });

  it("stays as it was sent when a redirect sends it again through the same filters", () => {
    fc.assert(
      fc.property(givenFilters, sent, (given, body) => {
        const { send } = exchangeOf(given);
        const headers = { "content-type": body.type };
        const once = send(body.text, headers);
        if (once.body.kind === "refused") return;
        const again = send(once.body, headers, once.filteredAs);
        expect(again.body).toBe(once.body);
        expect(again.isRewritten).toBe(false);
        expect(again.filteredAs).toEqual(once.filteredAs);
      }),
      { numRuns: runs(200) },
    );
  });
});

import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../bytes.js";
import { type FilterDocument, requestExchange } from "./request-exchange.reference.js";
import { wantedRequestBody } from "./request-filter.js";

const destroy = (member: string, more: Partial<FilterDocument> = {}): FilterDocument => ({
  id: `no-${member}`,
  on: "request",
  operations: [{ effect: "destroy", jsonPath: `\\.${member}$` }],
  ...more,
});
const trial = (member: string) => destroy(member, { mode: "observe" });
const noSsn = { proxy: [destroy("ssn")] };
const sentence = "request filter `no-ssn` of proxy `payroll` applies: ";
const json = { "content-type": "application/json" };

type Outcome = ReturnType<ReturnType<typeof requestExchange>["send"]>;

function textOf({ body }: Outcome): string | undefined {
  if (body.kind === "bytes") return decodeUtf8(body.bytes);
  return body.kind === "none" ? undefined : body.reason;
}

describe("what is wanted of a request's body", () => {
  const wanted = (filters: FilterDocument[], headers: Record<string, string>) =>
    wantedRequestBody(requestExchange({ proxy: filters }).applicable, new Map(Object.entries(headers)));
  const capture: FilterDocument = {
    on: "request",
    variables: [{ name: "who", source: "query", key: "who" }],
    operations: [],
  };

  it("is all of it where an enforced filter can read it, else only whether there is any", () => {
    expect(wanted([destroy("ssn")], json)).toBe("whole");
    expect(wanted([destroy("ssn"), trial("pin")], { "content-type": "text/event-stream" })).toBe("whole");
    for (const headers of [
      {},
      { "content-type": "text/plain" },
      { ...json, "content-encoding": "gzip" },
      { ...json, "content-range": "bytes 0-1/2" },
    ]) {
      expect(wanted([destroy("ssn"), trial("pin")], headers)).toBe("first-byte");
    }
  });

  it("is all of it where a filter that only observes can read it, else nothing", () => {
    expect(wanted([trial("ssn")], json)).toBe("whole");
    expect(wanted([trial("ssn")], { "content-type": "text/plain" })).toBe("nothing");
  });

  it("is nothing where no filter has an operation", () => {
    expect(wanted([capture], json)).toBe("nothing");
    expect(wanted([], json)).toBe("nothing");
  });
});

describe("a request's body", () => {
  it("that is absent or empty passes as it is, whatever its headers say", () => {
    const { send } = requestExchange(noSsn);
    for (const body of [{ kind: "none" }, { kind: "bytes", bytes: new Uint8Array(0) }] as const) {
      const outcome = send(body, { "content-type": "text/plain", "content-encoding": "gzip" });
      expect(outcome).toMatchObject({ isRewritten: false, receipts: [], variables: [] });
      expect(outcome.body).toBe(body);
    }
  });

  it("that nobody could read is refused, with the reason why", () => {
    const body = { kind: "unevaluable", reason: "the body is a stream" } as const;
    expect(requestExchange(noSsn).send(body)).toMatchObject({
      body: { kind: "refused", reason: `${sentence}the body is a stream` },
      isRewritten: false,
      receipts: [],
    });
  });

  it("is read up to `maxFilterBufferBytes`, to the byte", () => {
    const { send } = requestExchange(noSsn, { maxFilterBufferBytes: 1024 });
    expect(textOf(send(`[${" ".repeat(1022)}]`))).toHaveLength(1024);
    expect(textOf(send(`[${" ".repeat(1023)}]`))).toBe(
      `${sentence}the body is larger than \`maxFilterBufferBytes\``,
    );
  });

  it("is refused by its headers, whatever it is", () => {
    const { send } = requestExchange(noSsn);
    for (const [headers, reason] of [
      [{}, "the body is of no known type, not JSON"],
      [{ "content-type": "text/plain" }, "the body is `text/plain`, not JSON"],
      [{ ...json, "content-encoding": "br" }, "the body is encoded"],
      [{ ...json, "content-encoding": "identity, gzip" }, "the body is encoded"],
      [{ ...json, "content-range": "bytes 0-1/2" }, "a part of a body cannot be filtered"],
    ] as const) {
      expect(textOf(send("{}", headers))).toBe(sentence + reason);
    }
    expect(textOf(send("{}", { ...json, "content-encoding": " Identity " }))).toBe("{}");
  });

  it("is filtered by its kind", () => {
    const { send } = requestExchange(noSsn);
    const event = 'id: 1\ndata: {"ssn":1}\n\n';
    expect(textOf(send(event, { "content-type": "text/event-stream" }))).toBe("id: 1\ndata: {}\n\n");
    expect(textOf(send('{"ssn":1}\n{"ssn":2,"a":3}', { "content-type": "application/jsonl" }))).toBe(
      '{}\n{"a":3}',
    );
    expect(textOf(send('{"ssn":1}', { "content-type": "application/hal+json" }))).toBe("{}");
  });

  it("is there as a whole, also for a query that has to see it so", () => {
    const select: FilterDocument = {
      on: "request",
      operations: [{ effect: "destroy", select: "$[?@.a == 1]" }],
    };
    expect(textOf(requestExchange({ proxy: [select] }).send('[{"a":1},{"a":2}]'))).toBe('[{"a":2}]');
  });

  it("of documents is refused as a whole where one is broken, the last one too", () => {
    const { send } = requestExchange(noSsn);
    const lines = { "content-type": "application/jsonl" };
    expect(send('{"ssn":1}\nx\n', lines)).toMatchObject({ body: { kind: "refused" }, receipts: [] });
    expect(textOf(send('{"ssn":1}\nx\n', lines))).toBe(
      `${sentence}line 2: the body is not JSON: a value is missing, near byte 1`,
    );
    expect(textOf(send('{"ssn":1}\n{', lines))).toBe(
      `${sentence}line 2: the body is not JSON: the text ends too early, near byte 2`,
    );
  });

  it("that is refused is refused in the name of the innermost filter that has an operation", () => {
    const capture: FilterDocument = { id: "who", on: "request", operations: [] };
    const { send } = requestExchange({
      target: [destroy("a")],
      proxy: [destroy("b"), destroy("c"), capture],
    });
    expect(textOf(send("x"))).toMatch(/^request filter `no-c` of proxy `payroll` applies: /);
  });
});

describe("a request filter that only observes", () => {
  it("says why it would refuse, where what is enforced does not refuse by itself", () => {
    const alone = requestExchange({ proxy: [trial("ssn")] }).send("{");
    expect(textOf(alone)).toBe("{");
    expect(alone.observed).toBe(`${sentence}the body is not JSON: the text ends too early, near byte 2`);
    const both = requestExchange({ proxy: [destroy("pin"), trial("ssn")] }).send("{");
    expect(both.body.kind).toBe("refused");
    expect(both).not.toHaveProperty("observed");
    expect(requestExchange({ proxy: [trial("ssn")] }).send("{}")).not.toHaveProperty("observed");
  });

  it("has receipts marked beside those that are enforced", () => {
    const { send } = requestExchange({ proxy: [destroy("ssn"), trial("pin")] });
    const { receipts, ...outcome } = send('{"ssn":{"pin":1},"pin":2}');
    expect(textOf({ receipts, ...outcome })).toBe('{"pin":2}');
    expect(receipts).toMatchObject([
      { filterId: "no-ssn", nodes: 1, on: "request" },
      { filterId: "no-pin", nodes: 1, on: "request", mode: "observe" },
    ]);
    expect(receipts).toHaveLength(2);
  });

  it("has none where there is no such filter", () => {
    expect(requestExchange(noSsn).send("{}").receipts).toHaveLength(1);
    expect(requestExchange({}).send("{}").receipts).toEqual([]);
  });
});

describe("a body that is sent again", () => {
  const first: FilterDocument = {
    on: "request",
    operations: [{ effect: "destroy", jsonPath: "^\\$\\[0\\]$" }],
  };
  const byUser: FilterDocument = {
    on: "request",
    variables: [{ name: "user", source: "vars", key: "user" }],
    operations: [{ effect: "destroy", jsonPath: "^\\$\\.{{user}}$" }],
  };

  it("is not filtered again by what filtered it before", () => {
    const { send } = requestExchange({ proxy: [first] });
    const once = send("[0,1,2]");
    expect(textOf(once)).toBe("[1,2]");
    const again = send(once.body, json, once.filteredAs);
    expect(again).toMatchObject({ isRewritten: false, receipts: [], filteredAs: once.filteredAs });
    expect(again.body).toBe(once.body);
    expect(textOf(send(once.body))).toBe("[2]");
  });

  it("is filtered by others, and by the same with other values", () => {
    const once = requestExchange({ proxy: [first] }).send("[0,1,2]");
    for (const filters of [
      { proxy: [first, destroy("a")] },
      { proxy: [{ ...first, id: "other" }] },
      { target: [first] },
      { proxyCredential: [first] },
    ]) {
      expect(textOf(requestExchange(filters).send(once.body, json, once.filteredAs))).toBe("[2]");
    }
    const text = '{"ada":1,"bob":2,"eve":3}';
    const asAda = requestExchange({ proxy: [byUser] }, {}, { user: "ada" }).send(text);
    const asBob = requestExchange({ proxy: [byUser] }, {}, { user: "bob" });
    const both = asBob.send(asAda.body, json, asAda.filteredAs);
    expect(textOf(both)).toBe('{"eve":3}');
    expect(asBob.send(both.body, json, both.filteredAs).isRewritten).toBe(false);
  });

  it("is still known as filtered behind a hop without filters", () => {
    const { send } = requestExchange({ proxy: [first, trial("ssn")] });
    const once = send("[0,1]");
    const { filteredAs } = requestExchange({}).send(once.body, json, once.filteredAs);
    expect(filteredAs).toEqual(once.filteredAs);
    expect(send(once.body, json, filteredAs)).toMatchObject({ isRewritten: false, receipts: [] });
  });

  it("is not counted twice by a filter that only observes", () => {
    const { send } = requestExchange({ proxy: [trial("ssn")] });
    const once = send('{"ssn":1}');
    expect(once.receipts).toMatchObject([{ nodes: 1, mode: "observe" }]);
    expect(send(once.body, json, once.filteredAs).receipts).toEqual([]);
    expect(once.filteredAs.enforced).toBeUndefined();
    expect(once.filteredAs.observed).toBeDefined();
  });

  it("may be refused on the way, and counts as filtered no more than before", () => {
    const refused = requestExchange({ proxy: [first] }).send("x", json, {
      enforced: "before",
      observed: undefined,
    });
    expect(refused).toMatchObject({ body: { kind: "refused" }, filteredAs: { enforced: "before" } });
  });
});

describe("variables of a request filter", () => {
  it("are captured for the record, those of filters without operations too", () => {
    const capture: FilterDocument = {
      on: "request",
      variables: [
        { name: "user", source: "vars", key: "user", record: "core" },
        { name: "secret", source: "vars", key: "secret" },
      ],
      operations: [],
    };
    expect(
      requestExchange({ proxy: [capture] }, {}, { user: "ada", secret: "x" }).send("{}").variables,
    ).toEqual([
      { name: "user", isRecorded: true, value: "ada" },
      { name: "secret", isRecorded: false, value: undefined },
    ]);
  });
});

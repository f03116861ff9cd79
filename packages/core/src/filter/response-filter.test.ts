import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "../policy/compile.js";
import { matchInputOf, scopesOf } from "../policy/decide.js";
import { definePolicy } from "../policy/parse-policy.js";
import type { PolicyDocument } from "../policy/schema.js";
import { applicableFilters } from "./applicable-filters.js";
import { filterResponse, wantedBody } from "./response-filter.js";

type FilterDocument = NonNullable<NonNullable<PolicyDocument["proxies"]>[string]["filters"]>[number];

const destroySsn: FilterDocument = { operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }] };
const readOwner: FilterDocument = {
  variables: [{ name: "owner", source: "responseBody", key: "$.owner" }],
  operations: [],
};

function setUp(
  filters: FilterDocument[],
  settings: NonNullable<PolicyDocument["settings"]> = {},
  path = "ignored",
) {
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-west-1",
    targets: { people: { baseUrl: "https://api.example" } },
    proxies: { payroll: { target: "people", filters, paths: { ambiguous: "allow" } } },
    settings,
  });
  const proxy = compilePolicy(policy).proxies.get("payroll");
  const request = canonicalRequest({ url: `https://api.example/${path}` });
  const input = proxy && request && matchInputOf(proxy, request);
  if (proxy === undefined || input === undefined) throw new Error("the request is outside the target");
  const applicable = applicableFilters(scopesOf(proxy, undefined), input, { on: "response" });
  const exchange = { input, own: { credentialId: undefined, proxyId: "payroll", requestId: "r" }, vars: {} };
  const respond = (body: string | undefined, status = 200, type = "application/json") =>
    filterResponse(
      applicable,
      {
        status,
        headers: new Map([["content-type", type]]),
        body: body === undefined ? undefined : toUtf8(body),
      },
      exchange,
      policy.settings,
    );
  const select = (mode: "enforce" | "observe") =>
    applicableFilters(scopesOf(proxy, undefined), input, { on: "response", mode });
  return { applicable, select, settings: policy.settings, respond };
}

describe("filterResponse", () => {
  it("gives a filter for a body that was too large to be read, which says whose it is", () => {
    const outcome = setUp([destroySsn]).respond(undefined);
    if (outcome.kind !== "streamed") throw new Error("expected a filter");
    expect(outcome.filter.write(toUtf8('{"a":1,"ssn"'))).toEqual({ ok: true, bytes: toUtf8('{"a":1') });
    expect(outcome.filter.write(toUtf8(":2}"))).toEqual({ ok: true, bytes: toUtf8("}") });
    expect(outcome.filter.receipts()).toMatchObject([{ nodes: 1, paths: ["$.ssn"] }]);
    expect(outcome.filter.write(toUtf8("!"))).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^filter `.+` of proxy `.+` applies: the body is not JSON/),
    });
  });

  it("says whose filter withholds a body: not one that only reads variables", () => {
    const outcome = setUp([
      { ...readOwner, id: "owner" },
      { ...destroySsn, id: "no-ssn" },
    ]).respond("x");
    expect(outcome).toMatchObject({
      kind: "withheld",
      reason: expect.stringMatching(/^filter `no-ssn` of /),
    });
  });

  it.each(["text/event-stream", "application/x-ndjson"])("gives a filter for %s, read or not", (type) => {
    for (const body of [undefined, "{}"]) {
      expect(setUp([destroySsn]).respond(body, 200, type)).toMatchObject({ kind: "streamed", variables: [] });
    }
    expect(setUp([destroySsn]).respond("", 200, type).kind).toBe("untouched");
  });

  it("withholds a body that streams when a destroy names a variable that only the whole body has", () => {
    const byOwner: FilterDocument = {
      ...readOwner,
      operations: [{ effect: "destroy", jsonPath: "\\.{{owner}}$" }],
    };
    expect(setUp([byOwner]).respond('{"owner":"a","a":1}').kind).toBe("filtered");
    for (const type of ["application/json", "text/event-stream"]) {
      expect(setUp([byOwner]).respond(undefined, 200, type)).toMatchObject({
        kind: "withheld",
        reason: expect.stringMatching(/: variable `owner` of a filter has no value$/),
      });
    }
  });

  it("keeps the receipts of a stream apart from those of another", () => {
    const { respond } = setUp([destroySsn]);
    const filters = [respond(undefined), respond(undefined)].map((outcome) => {
      if (outcome.kind !== "streamed") throw new Error("expected a filter");
      return outcome.filter;
    });
    for (const filter of filters) filter.write(toUtf8('{"a":[{"ssn":1},'));
    filters[0]?.write(toUtf8('{"ssn":1}]}'));
    expect(filters.map((filter) => filter.receipts()[0]?.nodes)).toEqual([2, 1]);
  });

  it("lets a large body pass that is only read for a variable, which is then missing", () => {
    expect(setUp([readOwner]).respond(undefined)).toEqual({
      kind: "untouched",
      variables: [{ name: "owner", isRecorded: false, value: undefined }],
    });
  });

  it("gives the body itself when nothing was removed", () => {
    const outcome = setUp([destroySsn]).respond('{"name":1}');
    expect(outcome).toMatchObject({ kind: "filtered", body: toUtf8('{"name":1}'), receipts: [{ nodes: 0 }] });
  });

  it("gives each exchange its own result, though matchers are shared", () => {
    const { respond } = setUp([destroySsn]);
    for (const body of ['{"ssn":1}', '{"ssn":1,"a":{"ssn":2}}', '{"ssn":1}']) {
      const outcome = respond(body);
      expect(outcome.kind === "filtered" && outcome.receipts[0]?.nodes).toBe(body.split("ssn").length - 1);
    }
  });
});

describe("applicableFilters", () => {
  const onlyAdmin: FilterDocument = { ...destroySsn, path: "^/admin$" };

  it("leaves out a filter whose conditions do not hold", () => {
    expect(setUp([onlyAdmin], {}, "people").applicable).toEqual({
      filters: [],
      hasOperations: false,
      readsBody: false,
    });
  });

  it("leaves out the operations of one that only observes, and tells them apart", () => {
    const trial: FilterDocument = { ...destroySsn, id: "trial", mode: "observe" };
    const { applicable } = setUp([trial, { ...readOwner, mode: "observe" }]);
    expect(applicable).toMatchObject({ hasOperations: false, readsBody: true });
    expect(applicable.filters.map(({ operations }) => operations.length)).toEqual([0, 0]);
    expect(applicable.observed).toMatchObject({ hasOperations: true, readsBody: true });
    expect(setUp([{ ...readOwner, mode: "observe" }]).applicable).not.toHaveProperty("observed");
  });

  it("takes all filters of a proxy that observes for such", () => {
    const { applicable, select } = setUp([destroySsn]);
    expect(applicable).toMatchObject({ hasOperations: true });
    expect(applicable).not.toHaveProperty("observed");
    expect(select("observe")).toMatchObject({ hasOperations: false, observed: { hasOperations: true } });
  });

  it("says that the body is read where a variable comes from it, and from nowhere else", () => {
    const byHeader: FilterDocument = {
      variables: [{ name: "owner", source: "responseHeaders", key: "x-owner" }],
      operations: [],
    };
    expect(setUp([readOwner]).applicable.readsBody).toBe(true);
    expect(setUp([byHeader]).applicable.readsBody).toBe(false);
  });

  it("takes either reading of an ambiguous path", () => {
    expect(setUp([{ ...destroySsn, path: "^/a/b$" }], {}, "a%2fb").applicable.hasOperations).toBe(true);
    expect(setUp([{ ...destroySsn, path: "%2F" }], {}, "a%2fb").applicable.hasOperations).toBe(true);
    expect(setUp([{ ...destroySsn, path: "^/b" }], {}, "a%2fb").applicable.hasOperations).toBe(false);
  });
});

describe("wantedBody", () => {
  const json = new Map([["content-type", "application/json"]]);
  const html = new Map([["content-type", "text/html"]]);

  it("is the whole of a JSON body that is filtered", () => {
    const { applicable, settings } = setUp([destroySsn]);
    expect(wantedBody(applicable, { status: 500, headers: json }, settings)).toBe("whole");
  });

  it("is the first byte of any other body, which is withheld unless it is empty", () => {
    const { applicable, settings } = setUp([destroySsn]);
    expect(wantedBody(applicable, { status: 200, headers: html }, settings)).toBe("first-byte");
  });

  it("is nothing of a stream, which is never waited for", () => {
    for (const filter of [destroySsn, readOwner]) {
      const { applicable, settings } = setUp([filter]);
      for (const type of ["text/event-stream", "application/jsonl"]) {
        const headers = new Map([["content-type", type]]);
        expect(wantedBody(applicable, { status: 200, headers }, settings)).toBe("nothing");
      }
    }
  });

  it("is nothing of an error where only successes are filtered", () => {
    const { applicable, settings } = setUp([destroySsn], { filterStatuses: "success" });
    for (const [status, wanted] of [
      [199, "nothing"],
      [200, "whole"],
      [299, "whole"],
      [300, "nothing"],
      [500, "nothing"],
    ] as const) {
      expect(wantedBody(applicable, { status, headers: json }, settings)).toBe(wanted);
    }
  });

  it("is the whole of a JSON body that a variable reads, and nothing where no filter looks at it", () => {
    const reading = setUp([readOwner]);
    const idle = setUp([]);
    expect(wantedBody(reading.applicable, { status: 500, headers: json }, reading.settings)).toBe("whole");
    expect(wantedBody(reading.applicable, { status: 200, headers: html }, reading.settings)).toBe("nothing");
    expect(wantedBody(idle.applicable, { status: 200, headers: json }, idle.settings)).toBe("nothing");
  });
});

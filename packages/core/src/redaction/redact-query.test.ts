import { describe, expect, it } from "vitest";
import { splitQuery } from "../http/form-query.js";
import { redactQuery } from "./redact-query.js";
import { type RedactionOptions, redactionRules } from "./redaction-rules.js";

const at = "/http/url/query";
const pairsOf = (query: string) => splitQuery(query).flatMap(({ pair }) => pair ?? []);
const redacted = (query: string, options?: RedactionOptions) =>
  redactQuery(pairsOf(query), redactionRules(options), at);
const textOf = (query: string, options?: RedactionOptions) =>
  redacted(query, options).query.map(({ name, value }) => `${name}=${value}`);

describe("the query of a record", () => {
  it("keeps names and harmless values, repeats and order included", () => {
    expect(redacted("b=2&a=1&b=3&empty=&")).toEqual({
      query: [
        { name: "b", value: "2" },
        { name: "a", value: "1" },
        { name: "b", value: "3" },
        { name: "empty", value: "" },
      ],
      marks: [],
    });
  });

  it("never holds an `Authorization` parameter, whatever its case, and says how many there were", () => {
    const { query, marks } = redacted("Authorization=canary&x=1&AUTHORIZATION=canary&authorization");
    expect(query).toEqual([{ name: "x", value: "1" }]);
    expect(marks).toEqual([{ pointer: at, action: "drop", class: "secret", count: 3 }]);
    expect(redacted("authorization=canary").marks).toEqual([
      { pointer: at, action: "drop", class: "secret" },
    ]);
  });

  it.each([
    "token",
    "Access_Token",
    "api_key",
    "apikey",
    "API-Key",
    "X-Amz-Signature",
    "sig",
    "code",
    "client_secret",
  ])("replaces the value of `%s`, which is a secret by convention", (name) => {
    expect(redacted(`page=2&${name}=canary`)).toEqual({
      query: [
        { name: "page", value: "2" },
        { name, value: "[REDACTED:secret]" },
      ],
      marks: [{ pointer: `${at}/1/value`, action: "redact", class: "secret" }],
    });
  });

  it("replaces values by the rules' keys, with their class, before convention", () => {
    const options: RedactionOptions = { keys: { Patient: "phi", token: "pii" } };
    expect(textOf("patient=7&token=x&keyboard=y", options)).toEqual([
      "patient=[REDACTED:phi]",
      "token=[REDACTED:pii]",
      "keyboard=y",
    ]);
  });

  it("looks into all other values and into names", () => {
    expect(redacted("q=mail+a%40b.cc&a%40b.cc=1")).toEqual({
      query: [
        { name: "q", value: "mail [REDACTED:email]" },
        { name: "[REDACTED:email]", value: "1" },
      ],
      marks: [
        { pointer: `${at}/0/value`, action: "redact", class: "pii" },
        { pointer: `${at}/1/name`, action: "redact", class: "pii" },
      ],
    });
    expect(textOf("q=a%40b.cc", { detectors: [] })).toEqual(["q=a@b.cc"]);
  });

  it("takes nothing for a place that only the pointers of the rules name", () => {
    expect(textOf("a=1", { pointers: { "/0/value": "pii", "": "pii" } })).toEqual(["a=1"]);
  });

  it("is made without changing what came in, and is the same the second time", () => {
    const pairs = pairsOf("token=a&Authorization=b&q=a%40b.cc");
    const before = structuredClone(pairs);
    const { query } = redactQuery(Object.freeze(pairs), redactionRules(), at);
    expect(pairs).toEqual(before);
    expect(redactQuery(query, redactionRules(), at)).toEqual({ query, marks: [] });
  });
});

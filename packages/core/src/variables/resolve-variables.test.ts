import { describe, expect, it, vi } from "vitest";
import { toUtf8 } from "../bytes.js";
import { canonicalRequest } from "../http/canonical-request.js";
import { JsonTree } from "../json-query/json-tree.js";
import { compileVariable } from "./compiled-variable.js";
import { MAX_VALUE_CHARACTERS, resolveVariables, type VariableSources } from "./resolve-variables.js";

type Source = Parameters<typeof compileVariable>[0]["source"];

const request = canonicalRequest({
  url: "https://api.example/v1/people?id=7&twice=1&twice=2&empty=&Case=x",
  method: "post",
  headers: [
    ["X-User", "ann"],
    ["x-twice", "1"],
    ["X-Twice", "2"],
    ["x-rr-credential-id", "forged"],
    ["x-rr-proxy-id", "forged"],
    ["x-rr-request-id", "forged"],
  ],
});
if (request === undefined) throw new Error("the URL is absolute");
const token = { sub: "u-1", org: { id: 12, roles: ["a"] }, "https://id.example/role": "admin", none: null };

const sources: VariableSources = {
  input: { request, context: { token }, path: "/people", decodedPath: "/people" },
  own: { credentialId: "caller", proxyId: "payroll", requestId: "r-1" },
  responseHeaders: new Map([
    ["x-total", "12"],
    ["date", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["vary", "accept, origin"],
  ]),
  responseStatus: 207,
  responseBody: () =>
    JsonTree.read(
      toUtf8(
        '{"id":7,"big":1152921504606846976,"small":0.5,"yes":true,"none":null,"list":[1],"text":"x","id2":1,"id2":1}',
      ),
    ),
  vars: {
    tenant: "t1",
    count: 3,
    nan: Number.NaN,
    infinite: Number.POSITIVE_INFINITY,
    list: ["a"],
    flag: false,
  },
};

function compile(source: Source, key?: string) {
  const { variable, issues } = compileVariable(
    { name: "v", source, ...(key === undefined ? {} : { key }) },
    0,
    "response",
  );
  if (variable === undefined) throw new Error(issues[0]?.message);
  return variable;
}

const read = (source: Source, key?: string, from = sources) =>
  resolveVariables([compile(source, key)], from).get("v");

describe("the value of a variable", () => {
  it.each<[Source, string | undefined, string]>([
    ["headers", "x-USER", "ann"],
    ["headers", "X-RR-Credential-ID", "caller"],
    ["headers", "X-RR-Proxy-ID", "payroll"],
    ["headers", "x-rr-request-id", "r-1"],
    ["responseHeaders", "X-Total", "12"],
    ["responseHeaders", "Date", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["token", "sub", "u-1"],
    ["token", "org.id", "12"],
    ["token", "https://id.example/role", "admin"],
    ["responseStatus", undefined, "207"],
    ["responseStatus", "ignored", "207"],
    ["responseBody", "$.id", "7"],
    ["responseBody", ".small", "0.5"],
    ["responseBody", "$.yes", "true"],
    ["query", "id", "7"],
    ["query", "Case", "x"],
    ["method", undefined, "POST"],
    ["path", undefined, "/people"],
    ["vars", "tenant", "t1"],
    ["vars", "count", "3"],
    ["vars", "flag", "false"],
  ])("from `%s` with key %s is `%s`", (source, key, value) => {
    expect(read(source, key)).toBe(value);
  });

  it.each<[Source, string, string]>([
    ["headers", "x-none", "there is no such header"],
    ["headers", "x-twice", "the header is repeated"],
    ["responseHeaders", "vary", "the header is a list"],
    ["query", "twice", "the parameter is repeated"],
    ["query", "empty", "it is empty"],
    ["query", "case", "parameters are compared with case"],
    ["responseBody", "$.big", "it is beyond what JavaScript tells apart"],
    ["responseBody", "$.id2", "the name stands twice"],
    ["token", "org", "an object is no scalar"],
    ["token", "org.roles", "a list is no scalar"],
    ["token", "none", "null is no value"],
    ["token", "constructor", "inherited properties are no claims"],
    ["token", "nothing", "there is no such claim"],
    ["responseBody", "$.none", "null is no value"],
    ["responseBody", "$.list", "a list is no scalar"],
    ["responseBody", "$.nothing", "there is no such node"],
    ["vars", "list", "a list is no scalar"],
    ["vars", "nan", "it is no number"],
    ["vars", "infinite", "it is no number that JSON has"],
    ["vars", "constructor", "inherited properties are not input"],
    ["vars", "__proto__", "inherited properties are not input"],
  ])("from `%s` with key %s is missing: %s", (source, key) => {
    expect(read(source, key)).toBeUndefined();
  });

  it("is missing when no token was verified", () => {
    const input = { ...sources.input, context: {} };
    expect(read("token", "sub", { ...sources, input })).toBeUndefined();
  });

  it("is missing when no credential is in force, whatever the caller claims", () => {
    const own = { ...sources.own, credentialId: undefined };
    expect(read("headers", "X-RR-Credential-ID", { ...sources, own })).toBeUndefined();
  });

  it("has at most 256 characters", () => {
    const of = (length: number) => read("vars", "long", { ...sources, vars: { long: "x".repeat(length) } });
    expect(of(MAX_VALUE_CHARACTERS)).toHaveLength(256);
    expect(of(MAX_VALUE_CHARACTERS + 1)).toBeUndefined();
  });
});

describe("the response body", () => {
  it("is parsed once for all variables, and not at all when none reads it", () => {
    const responseBody = vi.fn(sources.responseBody);
    resolveVariables([compile("method"), compile("responseStatus")], { ...sources, responseBody });
    expect(responseBody).not.toHaveBeenCalled();
    resolveVariables([compile("responseBody", "$.id"), compile("responseBody", "$.text")], {
      ...sources,
      responseBody,
    });
    expect(responseBody).toHaveBeenCalledTimes(1);
  });

  it("that does not parse leaves its variables missing", () => {
    expect(read("responseBody", "$.id", { ...sources, responseBody: () => undefined })).toBeUndefined();
  });
});

describe("a variable that cannot be compiled", () => {
  it.each<Source>(["headers", "responseHeaders", "responseBody", "query", "token", "vars"])(
    "needs a key for `%s`",
    (source) => {
      const { variable, issues } = compileVariable({ name: "v", source }, 3, "response");
      expect(variable).toBeUndefined();
      expect(issues).toMatchObject([
        {
          pointer: "/variables/3/key",
          message: `a variable from \`${source}\` needs a \`key\``,
          kind: "invalid",
        },
      ]);
    },
  );

  it("has a key that is no query", () => {
    const { issues } = compileVariable({ name: "v", source: "responseBody", key: "data.id" }, 0, "response");
    expect(issues).toMatchObject([
      {
        pointer: "/variables/0/key",
        message: "the key is no JSONPath query: at character 1: a query begins with `$`",
      },
    ]);
  });

  it.each<[Source, string, string]>([
    ["responseHeaders", "Set-Cookie", "`set-cookie` stands once for each cookie, so it has no one value"],
    ["token", Array(40).fill("a").join("."), "a claim's path has at most 32 parts"],
  ])("from `%s` has a key that names no one value", (source, key, message) => {
    expect(compileVariable({ name: "v", source, key }, 0, "response")).toMatchObject({
      variable: undefined,
      issues: [{ pointer: "/variables/0/key", message }],
    });
  });
});

import { describe, expect, it } from "vitest";
import { canonicalRequest, type RequestDescription } from "./canonical-request.js";

function canonical(description: RequestDescription | string) {
  const request = canonicalRequest(typeof description === "string" ? { url: description } : description);
  if (request === undefined) throw new Error("the URL does not parse");
  return request;
}

describe("canonicalRequest", () => {
  it("takes a URL apart into what rules look at", () => {
    expect(canonical("https://API.example:8443/v1/items?a=1&a=2#top")).toEqual({
      method: "GET",
      url: "https://api.example:8443/v1/items?a=1&a=2",
      origin: "https://api.example:8443",
      scheme: "https",
      host: "api.example",
      port: 8443,
      path: "/v1/items",
      decodedPath: "/v1/items",
      query: "a=1&a=2",
      queryPairs: [
        { name: "a", value: "1" },
        { name: "a", value: "2" },
      ],
      headers: new Map(),
      ambiguities: [],
      overrides: [],
      refusal: undefined,
    });
  });

  it("is undefined for text that is no absolute URL", () => {
    for (const url of ["", "/v1", "api.example/v1", "https://", "https://a b/", "https://[::1"]) {
      expect(canonicalRequest({ url })).toBeUndefined();
    }
  });

  it("reads headers from anything that iterates over pairs", () => {
    const headers = new Headers({ "X-A": "1" });
    expect(canonical({ url: "https://api.example", headers }).headers).toEqual(new Map([["x-a", "1"]]));
  });

  it("joins repeated headers in order", () => {
    const headers: [string, string][] = [
      ["A", "1"],
      ["b", "2"],
      ["a", "3"],
    ];
    expect([...canonical({ url: "https://api.example", headers }).headers]).toEqual([
      ["a", "1, 3"],
      ["b", "2"],
    ]);
  });

  it("keeps credentials out of the canonical URL", () => {
    const { url, refusal } = canonical("https://jane:hunter2@api.example/x");
    expect(url).toBe("https://api.example/x");
    expect(refusal).toBe("the URL carries a user name or password");
  });

  it.each([
    ["file:///etc/passwd", "only `http:` and `https:` URLs can be called"],
    ["data:text/plain,x", "only `http:` and `https:` URLs can be called"],
    ["https://api.example../", "the URL has no valid host"],
    ["https://api.example/?a=%80", "the query has escapes that are not UTF-8"],
    ["https://:secret@api.example/", "the URL carries a user name or password"],
  ])("refuses %s", (url, refusal) => {
    expect(canonical(url).refusal).toBe(refusal);
  });

  it.each(["CONNECT", "connect", "TRACE", "Track"])("refuses the method %s", (method) => {
    expect(canonical({ url: "https://api.example", method }).refusal).toContain("are never sent");
  });

  it.each(["", "GET POST", "GET\r\n", "GÉT", "a,b"])("refuses %j as a method", (method) => {
    expect(canonical({ url: "https://api.example", method }).refusal).toBe("the method is not a valid token");
  });

  it.each(["get", "Head", "pOST", "put", "patch", "delete", "options"])(
    "writes %s in upper case",
    (method) => {
      expect(canonical({ url: "https://api.example", method }).method).toBe(method.toUpperCase());
    },
  );

  it("keeps the case of a method that is not standard", () => {
    expect(canonical({ url: "https://api.example", method: "propFind" }).method).toBe("propFind");
  });
});

describe("ambiguities that only the raw text shows", () => {
  it.each([
    ["https:\\\\api.example\\x", "the URL has a backslash"],
    ["https://api.example/a\\..\\b", "the URL has a backslash"],
    ["https://api.example/a\u0000b", "the URL has a control character"],
    ["https://api.example/a?b\r\n", "the URL has a control character"],
    ["\thttps://api.example/", "the URL has a control character"],
    ["https://api.example/#\u007f", "the URL has a control character"],
    ["https://api.example/%2e/x", "the path has an encoded dot (`%2E`)"],
    ["https://api.example/.%2E/x", "the path has an encoded dot (`%2E`)"],
    ["https://api.example/a%2Etxt", "the path has an encoded dot (`%2E`)"],
  ])("%j", (url, ambiguity) => {
    expect(canonical(url).ambiguities[0]).toBe(ambiguity);
  });

  it("are not there in a URL object, which is judged on its href", () => {
    expect(canonical({ url: new URL("https://api.example/a\\%2e%2e\\b") }).ambiguities).toEqual([]);
  });

  it("do not reach into query and fragment, but for control characters", () => {
    expect(canonical("https://api.example/a?x=\\%2e#\\%2e").ambiguities).toEqual([]);
  });
});

describe("overrides", () => {
  it.each([
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Forwarded-Path",
  ])("%s is one", (name) => {
    expect(canonical({ url: "https://api.example", headers: [[name, ""]] }).overrides).toEqual([
      name.toLowerCase(),
    ]);
  });

  it("`_method` is one wherever it stands in the query, in any case and spelling", () => {
    for (const query of ["_method=PUT", "a=1&_METHOD", "%5Fmethod=x", "_m%65thod="]) {
      expect(canonical(`https://api.example/?${query}`).overrides).toEqual(["_method"]);
    }
  });

  it("a value that mentions one is none", () => {
    expect(canonical("https://api.example/?a=_method").overrides).toEqual([]);
  });
});

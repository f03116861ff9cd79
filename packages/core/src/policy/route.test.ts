import { describe, expect, it } from "vitest";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "./compile.js";
import { definePolicy } from "./parse-policy.js";
import { pathBelow, type Route, routeByName, routeByUrl } from "./route.js";
import type { PolicyDocument } from "./schema.js";

function compiled(
  baseUrls: Record<string, string>,
  proxies: PolicyDocument["proxies"],
  settings: PolicyDocument["settings"] = {},
) {
  const targets = Object.fromEntries(Object.entries(baseUrls).map(([id, baseUrl]) => [id, { baseUrl }]));
  return compilePolicy(definePolicy({ clientId: "acme", region: "eu-1", targets, proxies, settings }));
}

function route(policy: ReturnType<typeof compiled>, url: string): string {
  const request = canonicalRequest({ url });
  if (request === undefined) throw new Error("the URL does not parse");
  return outcomeOf(routeByUrl(policy, request));
}

function outcomeOf(one: Route): string {
  return one.kind === "routed" ? one.proxyId : one.decision.reason;
}

describe("routeByUrl", () => {
  const nested = () =>
    compiled(
      { root: "https://api.example", v1: "https://api.example/v1", admin: "https://api.example/v1/admin/" },
      { root: { target: "root" }, v1: { target: "v1" }, admin: { target: "admin" } },
    );

  it.each([
    ["https://api.example", "root"],
    ["https://api.example/v10", "root"],
    ["https://api.example/v1", "v1"],
    ["https://api.example/v1?x=/admin", "v1"],
    ["https://api.example/v1/administrators", "v1"],
    ["https://api.example/v1/admin", "admin"],
    ["https://api.example/v1/admin/users", "admin"],
    ["https://api.example/v1/admin/../users", "v1"],
    ["https://api.example/v1/%61dmin/users", "admin"],
    ["https://api.example/v1%2Fadmin", "root"],
  ])("sends %s through proxy `%s`", (url, proxyId) => {
    expect(route(nested(), url)).toBe(proxyId);
  });

  it("does not depend on the order of the document", () => {
    const reversed = compiled(
      { admin: "https://api.example/v1/admin", v1: "https://api.example/v1", root: "https://api.example" },
      { admin: { target: "admin" }, root: { target: "root" }, v1: { target: "v1" } },
    );
    for (const path of ["/", "/v1/x", "/v1/admin/x"]) {
      expect(route(reversed, `https://api.example${path}`)).toBe(
        route(nested(), `https://api.example${path}`),
      );
    }
  });

  it("names the candidates, sorted, where several cover a URL equally", () => {
    const equal = compiled(
      { t: "https://api.example" },
      { b: { target: "t" }, a: { target: "t", active: false } },
    );
    expect(route(equal, "https://api.example/x")).toBe(
      "proxies `a`, `b` cover this URL equally: name one, or set `settings.defaultProxy`",
    );
  });

  it("asks `defaultProxy` of equals only: a narrower base path comes first", () => {
    const policy = compiled(
      { root: "https://api.example", v1: "https://api.example/v1" },
      { a: { target: "root" }, b: { target: "root" }, narrow: { target: "v1" } },
      { defaultProxy: { root: "b" } },
    );
    expect(route(policy, "https://api.example/x")).toBe("b");
    expect(route(policy, "https://api.example/v1/x")).toBe("narrow");
  });

  it("names the origin of a call that nothing covers, never its path or query", () => {
    expect(route(nested(), "https://other.example/jane?token=x")).toBe(
      "no target covers `https://other.example` at this path",
    );
  });

  it("leaves a target without a proxy unreachable", () => {
    expect(route(compiled({ t: "https://api.example" }, {}), "https://api.example/")).toBe(
      "no proxy leads to the target that covers this URL",
    );
  });
});

describe("routeByName", () => {
  const policy = () =>
    compiled(
      { t: "https://api.example" },
      { payroll: { target: "t", alias: "pay" }, other: { target: "t" } },
    );

  it("finds a proxy by id and by alias", () => {
    expect(outcomeOf(routeByName(policy(), "payroll"))).toBe("payroll");
    expect(outcomeOf(routeByName(policy(), "pay"))).toBe("payroll");
  });

  it("finds nothing by a name that every object has", () => {
    for (const name of ["constructor", "__proto__", "", "Payroll", "t"]) {
      expect(outcomeOf(routeByName(policy(), name))).toBe(`no proxy \`${name}\``);
    }
  });
});

describe("pathBelow", () => {
  it("is what follows the base path, starting with a slash", () => {
    expect(pathBelow("/v1", "/v1/a/b")).toBe("/a/b");
    expect(pathBelow("/v1", "/v1/")).toBe("/");
    expect(pathBelow("/v1", "/v1")).toBe("/");
    expect(pathBelow("", "/a")).toBe("/a");
  });

  it("is undefined outside the base path", () => {
    for (const path of ["/", "/v", "/v10", "/V1", "/x/v1", "//v1"])
      expect(pathBelow("/v1", path)).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import type { Scope } from "./decision.js";
import { outerNames } from "./outer-variables.js";
import { definePolicy } from "./parse-policy.js";
import type { FilterDocument, PolicyDocument } from "./schema.js";

function declaring(name: string, more: Partial<FilterDocument> = {}): FilterDocument {
  return {
    variables: [{ name, source: "method" }],
    operations: [{ effect: "destroy", jsonPath: "^never$" }],
    ...more,
  } as FilterDocument;
}

interface Parts {
  readonly ofTarget?: Partial<FilterDocument>;
  readonly credentials?: PolicyDocument["credentials"];
  readonly proxies?: PolicyDocument["proxies"];
}

function names({ ofTarget, credentials, proxies }: Parts = {}) {
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-1",
    targets: {
      t: { baseUrl: "https://api.example", filters: [declaring("ofTarget", ofTarget)] },
      bare: { baseUrl: "https://bare.example" },
    },
    credentials: {
      out: { type: "target", authType: "none", filters: [declaring("ofTargetCredential")] },
      in: { type: "proxy", authType: "none", filters: [declaring("ofProxyCredential")] },
      also: { type: "proxy", authType: "none" },
      ...credentials,
    },
    proxies: {
      p: {
        target: "t",
        targetCredential: "out",
        proxyCredential: ["in", "also"],
        filters: [declaring("ofProxy")],
      },
      q: { target: "bare" },
      ...proxies,
    },
  });
  const lookUp = outerNames(policy);
  return (scope: Scope, id: string, on: "request" | "response" = "response") => [...lookUp(scope, id, on)];
}

describe("the names that a filter may use of scopes further out", () => {
  it("are those of every scope before its own, and of none after", () => {
    const of = names();
    expect(of("targetCredential", "out")).toEqual([]);
    expect(of("target", "t")).toEqual(["ofTargetCredential"]);
    expect(of("proxyCredential", "in")).toEqual(["ofTargetCredential", "ofTarget"]);
    expect(of("proxyCredential", "also")).toEqual(["ofTargetCredential", "ofTarget"]);
    expect(of("proxy", "p")).toEqual(["ofTargetCredential", "ofTarget", "ofProxyCredential"]);
    expect([of("target", "bare"), of("proxy", "q"), of("proxy", "unknown")]).toEqual([[], [], []]);
  });

  it("are of filters that may apply, and of the same side", () => {
    const off = names({ ofTarget: { mode: "off" } });
    expect(off("proxyCredential", "in")).toEqual(["ofTargetCredential"]);
    const observed = names({ ofTarget: { mode: "observe" } });
    expect(observed("proxyCredential", "in")).toEqual(["ofTargetCredential", "ofTarget"]);
    const request = names({ ofTarget: { on: "request" } });
    expect(request("proxyCredential", "in")).toEqual(["ofTargetCredential"]);
    expect(request("proxyCredential", "in", "request")).toEqual(["ofTarget"]);
  });

  it("are of all proxies that an entity serves, once each", () => {
    const filters = [declaring("ofTargetCredential"), declaring("ofSecond")];
    const of = names({
      credentials: { second: { type: "target", authType: "none", filters } },
      proxies: { r: { target: "t", targetCredential: "second" } },
    });
    expect(of("target", "t")).toEqual(["ofTargetCredential", "ofSecond"]);
  });
});

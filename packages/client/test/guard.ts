/** The network guard of a target that says nothing, or what a test says, of connections. */
import { compilePolicy, definePolicy, type TargetDocument } from "@sallyport/core";
import { type NetworkGuard, networkGuardOf } from "../src/network/network-guard.js";
import { documentFor } from "./gate.js";

export function guardFor(baseUrl = "https://api.test", target: Partial<TargetDocument> = {}): NetworkGuard {
  const policy = documentFor(baseUrl, {}, { targets: { api: { baseUrl, ...target } } });
  const compiled = compilePolicy(definePolicy(policy)).proxies.get("p")?.target;
  if (compiled === undefined) throw new Error("the policy has a proxy");
  return networkGuardOf(compiled);
}

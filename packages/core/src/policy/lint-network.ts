/** What a target says of its connections and probably does not mean. */
import type { AddressRange } from "../network/address-range.js";
import { addressVerdict } from "../network/address-verdict.js";
import { isInsecure, readBaseUrl } from "./base-url.js";
import { type LintWarning, warning } from "./lint-warning.js";
import type { TargetEntity } from "./schema.js";
import { compileTargetNetwork } from "./target-network.js";

/** The shortest prefixes that are not warned of: `10.0.0.0/8` is one organisation's, a /32 of IPv6 one provider's. */
const SHORTEST_PREFIX = { 4: 8, 6: 32 } as const;

export function lintNetwork(path: readonly PropertyKey[], target: TargetEntity): LintWarning[] {
  const read = readBaseUrl(target.baseUrl);
  if (!read.ok) return [];
  const { addresses, proxy } = compileTargetNetwork(target, read.baseUrl);
  const warnings: LintWarning[] = [];
  if (isInsecure(read.baseUrl)) {
    const message =
      "calls go without TLS: whoever is on the way reads and changes them, credentials included";
    warnings.push(warning("insecure_target", [...path, "baseUrl"], message, "use `https:`"));
  }
  const address = read.baseUrl.host.replace(/^\[|\]$/g, "");
  const verdict = addressVerdict(address, addresses);
  // A proxy connects in our place, and the name of a host is looked up later.
  if (!verdict.allowed && verdict.class !== "invalid" && proxy === undefined) {
    const help = `if it is meant, write \`network: { allowPrivate: ["${address}"] }\``;
    warnings.push(warning("unreachable_target", [...path, "baseUrl"], verdict.reason, help));
  }
  for (const [index, range] of addresses.allowPrivate.entries()) {
    if (!isWide(range)) continue;
    const message = `a range of ${range.prefixLength} bits opens more than one network`;
    const at = [...path, "network", "allowPrivate", index];
    warnings.push(warning("wide_private_range", at, message, "list the networks that the target is in"));
  }
  return warnings;
}

function isWide({ family, prefixLength }: AddressRange): boolean {
  return prefixLength < SHORTEST_PREFIX[family];
}

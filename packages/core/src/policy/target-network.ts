/** What a target says of its connections, checked and compiled (docs/spec/policy.md, "Network"). */
import type { PolicyIssue } from "../errors.js";
import { type AddressRange, readAddressRange } from "../network/address-range.js";
import type { AllowedAddresses } from "../network/address-verdict.js";
import { type BaseUrl, isInsecure } from "./base-url.js";
import { certificateFault } from "./certificates.js";
import type { TargetEntity } from "./schema.js";
import { toPointer } from "./schema-issues.js";

/** How a target may be connected to; `tls` and `limits` are in its entity, as the policy has them. */
export interface TargetNetwork {
  /** For every address that is dialled, or that answers. */
  readonly addresses: AllowedAddresses;
  /** `env`, or the URL of a proxy in canonical form; `undefined`: there is none, whatever the environment says. */
  readonly proxy: string | undefined;
}

/** @param entity - one without {@link targetNetworkIssues} */
export function compileTargetNetwork({ network }: TargetEntity, { isLoopback }: BaseUrl): TargetNetwork {
  const allowPrivate = network.allowPrivate.flatMap((text): AddressRange[] => {
    const read = readAddressRange(text);
    return read.ok ? [read.range] : [];
  });
  const addresses = { allowPrivate, allowLoopback: isLoopback, requireLoopback: isLoopback };
  const { proxy } = network;
  return { addresses, proxy: proxy === undefined || proxy === "env" ? proxy : new URL(proxy).href };
}

/** @param path - of the target in the document */
export function targetNetworkIssues(
  path: readonly PropertyKey[],
  { network, tls }: TargetEntity,
  baseUrl: BaseUrl,
): PolicyIssue[] {
  const invalid = (at: readonly PropertyKey[], message: string, help: string): PolicyIssue => ({
    ...{ pointer: toPointer([...path, ...at]), message, help, kind: "invalid" },
  });
  const issues: PolicyIssue[] = [];
  if (isInsecure(baseUrl) && !network.allowInsecure) {
    const help =
      "or say `network: { allowInsecure: true }`: what is sent can then be read and changed on the way";
    issues.push(invalid(["baseUrl"], "`http:` is allowed on loopback only, use `https:`", help));
  }
  for (const [index, text] of network.allowPrivate.entries()) {
    const read = readAddressRange(text);
    if (!read.ok) issues.push(invalid(["network", "allowPrivate", index], read.message, read.help));
  }
  if (network.proxy !== undefined && baseUrl.isLoopback) {
    const message = "a target on loopback is not reached through a proxy";
    issues.push(invalid(["network", "proxy"], message, "remove it: the proxy's loopback is another machine"));
  } else if (network.proxy !== undefined && network.proxy !== "env") {
    const fault = proxyFault(network.proxy);
    const help = "write `env`, or a URL such as `http://proxy.example:3128`";
    if (fault !== undefined) issues.push(invalid(["network", "proxy"], fault, help));
  }
  if (baseUrl.scheme === "http") {
    const help = "use a base URL with `https:`, or remove it";
    if (tls.minVersion !== "TLSv1.2") issues.push(invalid(["tls", "minVersion"], "`http:` has no TLS", help));
    if (tls.ca !== undefined) issues.push(invalid(["tls", "ca"], "`http:` has no TLS", help));
  }
  for (const [index, text] of (tls.ca ?? []).entries()) {
    const fault = certificateFault(text);
    const help = "give certificates in PEM form: `-----BEGIN CERTIFICATE-----` …";
    if (fault !== undefined) issues.push(invalid(["tls", "ca", index], fault, help));
  }
  return issues;
}

function proxyFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return "neither `env` nor an absolute `http:` or `https:` URL";
  if (url.username !== "" || url.password !== "")
    return "a policy holds no password of a proxy: name it in the environment";
  if (url.pathname !== "/" || /[?#]/.test(text)) return "the URL of a proxy has no path, query or fragment";
  return undefined;
}

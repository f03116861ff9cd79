import { describe, expect, it } from "vitest";
import { PolicyError } from "../errors.js";
import { addressVerdict } from "../network/address-verdict.js";
import { CERTIFICATE } from "./certificate.reference.js";
import { compilePolicy } from "./compile.js";
import { lintPolicy } from "./lint.js";
import { parsePolicy } from "./parse-policy.js";

type Fields = Readonly<Record<string, unknown>>;

const parse = (target: Fields, more: Fields = {}) =>
  parsePolicy({
    ...{ clientId: "acme", region: "eu-1" },
    targets: { t: { baseUrl: "https://api.example", ...target } },
    proxies: { p: { target: "t" } },
    ...more,
  });

function compiledTarget(target: Fields) {
  const compiled = compilePolicy(parse(target)).proxies.get("p")?.target;
  if (compiled === undefined) throw new Error("the proxy is not there");
  return compiled;
}

/** `pointer: message; help`, of what is below the target. */
function faultsOf(target: Fields, more: Fields = {}): string[] {
  try {
    parse(target, more);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ pointer, message, help }) => `${pointer}: ${message}; ${help}`);
  }
}

const isAllowed = (address: string, target: Fields) =>
  addressVerdict(address, compiledTarget(target).network.addresses).allowed;

describe("the addresses of a target", () => {
  it("are public ones, and those that its ranges open", () => {
    const opened = { network: { allowPrivate: ["10.1.0.0/16", "fd12::1"] } };
    const addresses = ["93.184.215.14", "10.1.2.3", "fd12::1", "10.2.0.1", "127.0.0.1", "169.254.169.254"];
    expect(addresses.map((one) => isAllowed(one, {}))).toEqual([true, false, false, false, false, false]);
    expect(addresses.map((one) => isAllowed(one, opened))).toEqual([true, true, true, false, false, false]);
  });

  it.each([
    "http://localhost:1",
    "https://localhost",
    "http://api.localhost",
    "http://127.1.2.3",
    "http://[::1]:1",
  ])("are loopback and nothing else where the base URL is %s", (baseUrl) => {
    const target = { baseUrl, network: { allowPrivate: ["10.0.0.0/8"] } };
    const addresses = ["127.0.0.1", "::1", "10.1.2.3", "93.184.215.14"];
    expect(addresses.map((one) => isAllowed(one, target))).toEqual([true, true, false, false]);
    expect(compiledTarget(target).baseUrl.isLoopback).toBe(true);
  });

  it("are not those of loopback where the base URL only looks like it", () => {
    for (const baseUrl of ["https://localhost.example", "https://127.0.0.1.example", "https://mylocalhost"]) {
      expect(compiledTarget({ baseUrl }).baseUrl.isLoopback).toBe(false);
      expect(isAllowed("127.0.0.1", { baseUrl })).toBe(false);
    }
  });

  it("are named by ranges that say what they mean", () => {
    const at = "/targets/t/network/allowPrivate";
    const example = "write a range such as `10.1.0.0/16` or `fd12:3456::/32`, or one address";
    expect(faultsOf({ network: { allowPrivate: ["10.1.0.0/16", "10.1.0.1/16", "db.internal"] } })).toEqual([
      `${at}/1: the address has bits behind the first 16; write \`10.1.0.0/16\` for the range, or \`10.1.0.1\` for the one address`,
      `${at}/2: not an address or a range of them; ${example}`,
    ]);
  });
});

describe("a target without TLS", () => {
  const insecure = { baseUrl: "http://legacy.example", network: { allowInsecure: true } };
  const help = "or say `network: { allowInsecure: true }`";

  it("loads on loopback, and elsewhere only if the policy says so", () => {
    expect(faultsOf({ baseUrl: "http://localhost:8080" })).toEqual([]);
    expect(faultsOf(insecure)).toEqual([]);
    expect(faultsOf({ baseUrl: "http://legacy.example" })).toEqual([
      `/targets/t/baseUrl: \`http:\` is allowed on loopback only, use \`https:\`; ${help}: what is sent can then be read and changed on the way`,
    ]);
  });

  it("has no fields of TLS, which would protect nothing", () => {
    const remedy = "`http:` has no TLS; use a base URL with `https:`, or remove it";
    expect(faultsOf({ ...insecure, tls: { minVersion: "TLSv1.3", ca: CERTIFICATE } })).toEqual([
      `/targets/t/tls/minVersion: ${remedy}`,
      `/targets/t/tls/ca: ${remedy}`,
    ]);
  });

  it("may have a credential that names its origin, and no other target may", () => {
    const credentials = (origin: string) => ({
      credentials: {
        c: {
          type: "target",
          authType: "bearer",
          secret: { env: "T" },
          origins: [origin, "https://api.example"],
        },
      },
    });
    expect(faultsOf(insecure, credentials("http://legacy.example"))).toEqual([]);
    const refused = [
      `/credentials/c/origins/0: \`http:\` is allowed on loopback only, use \`https:\`; ${help} on the target that has this origin`,
    ];
    expect(faultsOf(insecure, credentials("http://legacy.example:81"))).toEqual(refused);
    expect(faultsOf({}, credentials("http://legacy.example"))).toEqual(refused);
    const secure = { baseUrl: "https://legacy.example", network: { allowInsecure: true } };
    expect(faultsOf(secure, credentials("http://legacy.example"))).toEqual(refused);
  });
});

describe("the proxy of a network", () => {
  const proxyOf = (proxy: string) => compiledTarget({ network: { proxy } }).network.proxy;

  it("is that of the environment, or a URL", () => {
    expect(compiledTarget({}).network.proxy).toBeUndefined();
    expect(proxyOf("env")).toBe("env");
    expect(proxyOf("http://Proxy.example:3128")).toBe("http://proxy.example:3128/");
    expect(proxyOf("https://proxy.example/")).toBe("https://proxy.example/");
  });

  it.each([
    ["environment", "neither `env` nor an absolute `http:` or `https:` URL"],
    ["proxy.example:3128", "neither `env` nor an absolute `http:` or `https:` URL"],
    ["socks5://proxy.example", "neither `env` nor an absolute `http:` or `https:` URL"],
    ["http://user@proxy.example", "a policy holds no password of a proxy: name it in the environment"],
    ["http://:secret@proxy.example", "a policy holds no password of a proxy: name it in the environment"],
    ["http://proxy.example/path", "the URL of a proxy has no path, query or fragment"],
    ["http://proxy.example?q", "the URL of a proxy has no path, query or fragment"],
    ["http://proxy.example/#", "the URL of a proxy has no path, query or fragment"],
  ])("is not %s", (proxy, message) => {
    const help = "write `env`, or a URL such as `http://proxy.example:3128`";
    expect(faultsOf({ network: { proxy } })).toEqual([`/targets/t/network/proxy: ${message}; ${help}`]);
  });

  it("is none for a target on loopback", () => {
    for (const proxy of ["env", "http://proxy.example:3128"]) {
      expect(faultsOf({ baseUrl: "http://localhost", network: { proxy } })).toEqual([
        "/targets/t/network/proxy: a target on loopback is not reached through a proxy; remove it: the proxy's loopback is another machine",
      ]);
    }
  });
});

describe("trust", () => {
  const help = "give certificates in PEM form: `-----BEGIN CERTIFICATE-----` …";

  it("is added by certificates that can be read", () => {
    const { entity } = compiledTarget({ tls: { ca: CERTIFICATE } });
    expect(entity.tls.ca).toEqual([CERTIFICATE]);
    expect(compiledTarget({ tls: { ca: [CERTIFICATE, CERTIFICATE] } }).entity.tls.ca).toHaveLength(2);
    expect(faultsOf({ tls: { ca: [CERTIFICATE, "/etc/ssl/ca.pem"] } })).toEqual([
      `/targets/t/tls/ca/1: there is no certificate in it; ${help}`,
    ]);
  });

  it("never repeats a key that was given in its place", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----";
    const faults = faultsOf({ tls: { ca: key } });
    expect(faults).toEqual([`/targets/t/tls/ca/0: there is a private key in it; ${help}`]);
    expect(faults.join()).not.toContain("c2VjcmV0");
  });
});

describe("fields of connections", () => {
  it("are named by what is near when they are misspelled", () => {
    const messages = (target: Fields) => faultsOf(target).map((one) => one.split("; ")[0]);
    expect(messages({ network: { allowPrivat: [] } })).toEqual([
      "/targets/t/network/allowPrivat: unknown field `allowPrivat`, did you mean `allowPrivate`?",
    ]);
    expect(messages({ tls: { minVersion: "TLSv1.1" } })).toEqual([
      "/targets/t/tls/minVersion: did you mean `TLSv1.2`? expected one of `TLSv1.2`, `TLSv1.3`",
    ]);
    expect(messages({ limits: { maxHeader: 1 } })).toEqual([
      "/targets/t/limits/maxHeader: unknown field `maxHeader`, did you mean `maxHeaders`?",
    ]);
    expect(faultsOf({ tls: { rejectUnauthorized: false } })).toEqual([
      "/targets/t/tls/rejectUnauthorized: unknown field `rejectUnauthorized`; `tls` has `minVersion`, `ca`",
    ]);
  });
});

describe("lint of connections", () => {
  const warnings = (target: Fields) =>
    lintPolicy(parse(target)).map(
      ({ code, pointer, message, help }) => `${code} ${pointer}: ${message}; ${help}`,
    );
  const allowPrivate = (...ranges: string[]) => warnings({ network: { allowPrivate: ranges } });

  it("warns of a target that is called without TLS", () => {
    expect(warnings({ baseUrl: "http://legacy.example", network: { allowInsecure: true } })).toEqual([
      "insecure_target /targets/t/baseUrl: calls go without TLS: whoever is on the way reads and changes them, credentials included; use `https:`",
    ]);
    expect(warnings({ baseUrl: "http://localhost:1", network: { allowInsecure: true } })).toEqual([]);
    expect(warnings({ network: { allowInsecure: true } })).toEqual([]);
  });

  it("warns of a range that is wider than a network", () => {
    const [at, help] = ["/targets/t/network/allowPrivate", "list the networks that the target is in"];
    expect(allowPrivate("10.0.0.0/8", "fd12:3456::/32", "10.1.2.3", "::1")).toEqual([]);
    expect(allowPrivate("10.1.0.0/16", "10.0.0.0/7", "fd12:3456::/31", "0.0.0.0/0")).toEqual([
      `wide_private_range ${at}/1: a range of 7 bits opens more than one network; ${help}`,
      `wide_private_range ${at}/2: a range of 31 bits opens more than one network; ${help}`,
      `wide_private_range ${at}/3: a range of 0 bits opens more than one network; ${help}`,
    ]);
  });

  it("warns of a base URL that is an address which is closed", () => {
    const [at, help] = ["unreachable_target /targets/t/baseUrl", "if it is meant, write `network:"];
    expect(warnings({ baseUrl: "https://10.1.2.3:8443" })).toEqual([
      `${at}: \`10.1.2.3\` is a private address, and \`network.allowPrivate\` does not list it; ${help} { allowPrivate: ["10.1.2.3"] }\``,
    ]);
    expect(warnings({ baseUrl: "https://[fd12::1]" })).toEqual([
      `${at}: \`fd12::1\` is a unique local address, and \`network.allowPrivate\` does not list it; ${help} { allowPrivate: ["fd12::1"] }\``,
    ]);
    const opened = { network: { allowPrivate: ["10.1.2.0/24"] } };
    for (const target of [
      { baseUrl: "https://10.1.2.3", ...opened },
      { baseUrl: "https://93.184.215.14" },
      { baseUrl: "http://127.0.0.1:1" },
      { baseUrl: "https://10.1.2.3", network: { proxy: "http://proxy.example:3128" } },
    ]) {
      expect(warnings(target)).toEqual([]);
    }
  });
});

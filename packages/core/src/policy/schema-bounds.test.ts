import { describe, expect, it } from "vitest";
import { PolicyError } from "../errors.js";
import { parsePolicy } from "./parse-policy.js";

/** Pointers of what is wrong with a policy of one target and one proxy; none if it loads. */
function faultsIn(fields: {
  target?: object;
  credential?: object;
  proxy?: object;
  settings?: object;
}): string[] {
  const { target, credential, proxy, settings } = fields;
  try {
    parsePolicy({
      clientId: "acme",
      region: "eu-1",
      targets: { t: { baseUrl: "https://t.example", ...target } },
      ...(credential && { credentials: { c: { type: "target", authType: "none", ...credential } } }),
      proxies: { p: { target: "t", ...proxy } },
      ...(settings && { settings }),
    });
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.issues.map(({ pointer }) => pointer);
    throw error;
  }
}

const inRule = (fields: object) => faultsIn({ proxy: { rules: [{ effect: "deny", ...fields }] } });
const inFilter = (fields: object) => faultsIn({ proxy: { filters: [{ operations: [], ...fields }] } });
const inOperation = (fields: object) =>
  inFilter({ operations: [{ effect: "mask", jsonPath: "a", ...fields }] });
const inMask = (mask: object) => inOperation({ mask });
const inVariable = (fields: object) =>
  inFilter({ variables: [{ name: "v", source: "query", key: "k", ...fields }] });
const text = (length: number) => "x".repeat(length);
const list = <T>(length: number, entry: (index: number) => T) =>
  Array.from({ length }, (_, index) => entry(index));

const FILTER = "/proxies/p/filters/0";
const RULE = "/proxies/p/rules/0";

describe("a text", () => {
  it.each<[what: string, least: number, most: number, pointer: string, faults: (text: string) => string[]]>([
    ["the name of a target", 1, 200, "/targets/t/name", (name) => faultsIn({ target: { name } })],
    ["the name of a credential", 1, 200, "/credentials/c/name", (name) => faultsIn({ credential: { name } })],
    ["the name of a proxy", 1, 200, "/proxies/p/name", (name) => faultsIn({ proxy: { name } })],
    ["the notes of a proxy", 0, 2000, "/proxies/p/notes", (notes) => faultsIn({ proxy: { notes } })],
    ["the notes of a rule", 0, 2000, `${RULE}/notes`, (notes) => inRule({ notes })],
    ["the notes of a filter", 0, 2000, `${FILTER}/notes`, (notes) => inFilter({ notes })],
    ["the notes of an operation", 0, 2000, `${FILTER}/operations/0/notes`, (notes) => inOperation({ notes })],
    ["the text of a mask", 0, 200, `${FILTER}/operations/0/mask/with`, (shown) => inMask({ with: shown })],
    ["the key of a variable", 1, 1000, `${FILTER}/variables/0/key`, (key) => inVariable({ key })],
    ["the path of a claim", 1, 256, `${RULE}/token/0/claim`, (claim) => inRule({ token: [{ claim }] })],
    ["the id of a rule", 1, 64, `${RULE}/id`, (id) => inRule({ id })],
  ])("that is %s has %s to %s characters", (_what, least, most, pointer, faults) => {
    expect(faults(text(least))).toEqual([]);
    expect(faults(text(most))).toEqual([]);
    expect(faults(text(most + 1))).toEqual([pointer]);
    if (least > 0) expect(faults("")).toEqual([pointer]);
  });

  it("that is a query has at most 1,000 characters", () => {
    const query = (length: number) => ({ jsonPath: undefined, select: `$.${text(length - 2)}` });
    expect(inOperation(query(1000))).toEqual([]);
    expect(inOperation(query(1001))).toEqual([`${FILTER}/operations/0/select`]);
  });

  it("that is an override header, or a sealed secret, is not empty", () => {
    const overrides = (name: string) => faultsIn({ proxy: { allowOverrideHeaders: [name] } });
    expect(overrides("x")).toEqual([]);
    expect(overrides("")).toEqual(["/proxies/p/allowOverrideHeaders/0"]);
    const secret = { sealed: "" };
    expect(faultsIn({ credential: { authType: "bearer", secret } })).toEqual([
      "/credentials/c/secret/sealed",
    ]);
  });
});

describe("a number", () => {
  const MiB = 1024 * 1024;

  it.each<[what: string, least: number, most: number, pointer: string, faults: (value: number) => string[]]>([
    ["keepLast", 0, 64, `${FILTER}/operations/0/mask/keepLast`, (keepLast) => inMask({ keepLast })],
    ["priority", 0, 1000, `${RULE}/priority`, (priority) => inRule({ priority })],
    ["version", 1, 2 ** 53 - 1, "/credentials/c/version", (version) => faultsIn({ credential: { version } })],
    ["maxFilterBufferBytes", 1024, 256 * MiB, ...setting("maxFilterBufferBytes")],
    ["maxScalarBytes", 1024, 2 ** 53 - 1, ...setting("maxScalarBytes")],
    ["maxJsonDepth", 1, 10_000, ...setting("maxJsonDepth")],
    ["maxRequestInspectBytes", 1024, 256 * MiB, ...setting("maxRequestInspectBytes")],
    ["connectTimeoutMs", 1, 600_000, ...limit("connectTimeoutMs")],
    ["headersTimeoutMs", 1, 3_600_000, ...limit("headersTimeoutMs")],
    ["bodyIdleTimeoutMs", 1, 3_600_000, ...limit("bodyIdleTimeoutMs")],
    ["totalTimeoutMs", 1, 86_400_000, ...limit("totalTimeoutMs")],
    ["maxHeaderBytes", 1024, MiB, ...limit("maxHeaderBytes")],
    ["maxHeaders", 1, 10_000, ...limit("maxHeaders")],
    ["maxResponseBytes", 1, 2 ** 53 - 1, ...limit("maxResponseBytes")],
    ["maxDecompressionRatio", 1, 100_000, ...limit("maxDecompressionRatio")],
  ])("`%s` is whole, from %s to %s", (_name, least, most, pointer, faults) => {
    expect([least, least + 1, most].map(faults)).toEqual([[], [], []]);
    expect([least - 1, least + 0.5, most + 1].map(faults)).toEqual([[pointer], [pointer], [pointer]]);
  });

  function limit(name: string): [pointer: string, faults: (value: number) => string[]] {
    return [`/targets/t/limits/${name}`, (value) => faultsIn({ target: { limits: { [name]: value } } })];
  }

  function setting(name: string): [pointer: string, faults: (value: number) => string[]] {
    return [`/settings/${name}`, (value) => faultsIn({ settings: { [name]: value } })];
  }
});

describe("a list", () => {
  const variable = (index: number) => ({ name: `v${index}`, source: "path" });
  const cut = () => ({ effect: "destroy", jsonPath: "a" });
  const filter = () => ({ operations: [] });

  it.each<[what: string, least: number, most: number, pointer: string, faults: (length: number) => string[]]>(
    [
      [
        "variables",
        0,
        100,
        `${FILTER}/variables`,
        (length) => inFilter({ variables: list(length, variable) }),
      ],
      [
        "operations",
        0,
        1000,
        `${FILTER}/operations`,
        (length) => inFilter({ operations: list(length, cut) }),
      ],
      [
        "filters",
        0,
        1000,
        "/proxies/p/filters",
        (length) => faultsIn({ proxy: { filters: list(length, filter) } }),
      ],
      [
        "private ranges",
        0,
        1000,
        "/targets/t/network/allowPrivate",
        (length) => faultsIn({ target: { network: { allowPrivate: list(length, () => "10.0.0.1") } } }),
      ],
    ],
  )("of %s has %s to %s", (_what, least, most, pointer, faults) => {
    expect(faults(least)).toEqual([]);
    expect(faults(most)).toEqual([]);
    expect(faults(most + 1)).toEqual([pointer]);
  });

  it.each<[what: string, pointer: string, faults: (list: never[]) => string[]]>([
    ["origins", "/credentials/c/origins", (origins) => faultsIn({ credential: { origins } })],
    [
      "proxy credentials",
      "/proxies/p/proxyCredential",
      (ids) => faultsIn({ proxy: { proxyCredential: ids } }),
    ],
    ["certificates", "/targets/t/tls/ca", (ca) => faultsIn({ target: { tls: { ca } } })],
    ["days", `${RULE}/when/days`, (days) => inRule({ when: { days } })],
    ["methods", `${RULE}/methods`, (methods) => inRule({ methods })],
  ])("of %s is not empty, which would match nothing", (_what, pointer, faults) => {
    expect(faults([])).toEqual([pointer]);
  });
});

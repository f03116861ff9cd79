/** The pages of docs/spec say what the sources say. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type AddressClass,
  definePolicy,
  type ErrorCode,
  policyJsonSchema,
  type ReasonCode,
} from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { TRAPS } from "../packages/client/test/traps/traps.js";
import { METADATA_ADDRESSES } from "../packages/core/src/network/metadata-addresses.js";
import { PLANNED_FIELDS, PLANNED_VALUES } from "../packages/core/src/policy/planned.js";
import { LEVEL_FIELDS, type Level } from "../packages/core/src/policy/schema.js";
import { codeIn, headings, section, tables } from "./markdown.js";
import { readPage, root } from "./pages.js";

const policyPage = readPage("docs/spec/policy.md").text;
const errorsPage = readPage("docs/spec/errors.md").text;

describe("errors.md", () => {
  // The compiler keeps this list complete.
  const codes: Record<ErrorCode, true> = {
    ERR_CONFIG_INVALID: true,
    ERR_POLICY_INVALID: true,
    ERR_POLICY_UNSUPPORTED: true,
    ERR_REQUEST_DENIED: true,
    ERR_RESPONSE_WITHHELD: true,
    ERR_CREDENTIAL_UNREADABLE: true,
    ERR_CREDENTIAL_VERSION: true,
    ERR_CREDENTIAL_SHAPE: true,
    ERR_STORAGE_UNAVAILABLE: true,
    ERR_STORAGE_CORRUPT: true,
    ERR_TRANSPORT_OPTION_REFUSED: true,
    ERR_INTERNAL: true,
  };

  it("has one section for each error code, and no other", () => {
    const described = headings(errorsPage).flatMap(({ level, text }) => (level === 3 ? [text] : []));
    expect(described.toSorted()).toEqual(Object.keys(codes).toSorted());
  });

  it.each(Object.keys(codes))("says of %s its class, meaning, cause, remedy and whose turn it is", (code) => {
    const labels = [...section(errorsPage, code).matchAll(/^- \*\*([^*]+)\*\*: \S/gm)].map(
      ([, label]) => label,
    );
    expect(labels).toEqual(["Class", "Meaning", "Cause", "Remedy", "Whose turn"]);
  });
});

describe("policy.md, Reason codes", () => {
  const codes: Record<ReasonCode, true> = {
    rule: true,
    default: true,
    unrouted: true,
    inactive: true,
    path_ambiguous: true,
    unevaluable: true,
    network: true,
    tls: true,
    rate_limited: true,
    meter_exceeded: true,
    audit_unavailable: true,
    credential: true,
    redirect: true,
  };

  it("lists each reason code once, and no other", () => {
    const [[, ...rows] = []] = tables(section(policyPage, "Reason codes"));
    expect(rows.map(([code = ""]) => codeIn(code)).toSorted()).toEqual(Object.keys(codes).toSorted());
  });
});

describe("network.md", () => {
  const page = readPage("docs/spec/network.md").text;
  const classes: Record<AddressClass, true> = {
    public: true,
    loopback: true,
    private: true,
    unique_local: true,
    site_local: true,
    link_local: true,
    metadata: true,
    cgnat: true,
    multicast: true,
    broadcast: true,
    unspecified: true,
    documentation: true,
    benchmarking: true,
    reserved: true,
  };

  it("lists each class once, and no other", () => {
    const [[, ...rows] = []] = tables(section(page, "Classes"));
    expect(rows.map(([name = ""]) => codeIn(name)).toSorted()).toEqual(Object.keys(classes).toSorted());
  });

  it("lists each metadata address once, and no other", () => {
    const [[, ...rows] = []] = tables(section(page, "Metadata services"));
    const listed = rows.flatMap(([cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, one]) => one));
    expect(listed.toSorted()).toEqual(METADATA_ADDRESSES.toSorted());
  });
});

describe("policy.md, Fields", () => {
  const schemas = levelSchemas();
  const defaults = levelDefaults();
  const rows = fieldRows();

  it("lists every field of every level, and invents none", () => {
    const listed = rows.map(({ level, field }) => `${level}.${field}`);
    const actual = Object.entries(schemas).flatMap(([level, { properties }]) =>
      Object.keys(properties).map((field) => `${level}.${field}`),
    );
    expect(listed.toSorted()).toEqual(actual.toSorted());
  });

  it.each(rows)("$field of $level has the default that the table gives", ({ level, field, cell }) => {
    const isRequired = schemas[level].required.includes(field);
    expect(cell === "required").toBe(isRequired);
    if (isRequired) return;
    const value = defaults[level][field];
    if (value === undefined) expect(cell).toMatch(/^[^`]/);
    else expect(codeIn(cell)).toBe(JSON.stringify(value));
  });

  it("covers every object of the JSON Schema", () => {
    const known = new Set(
      Object.values(schemas).map(({ properties }) => Object.keys(properties).sort().join()),
    );
    // `host`, `name`, `matchValue` and `jsonPath` are patterns without presence.
    known.add("flags,pattern");
    const unknown = objectsIn(policyJsonSchema()).filter((names) => !known.has(names));
    expect(unknown).toEqual([]);
  });
});

describe("policy.md, Refused for now", () => {
  const [[, ...fields] = [], [, ...values] = []] = tables(section(policyPage, "Refused for now"));

  it("lists the fields of planned.ts with the same advice", () => {
    const planned = Object.entries(PLANNED_FIELDS).flatMap(([level, advice]) =>
      Object.entries(advice).map(([field, help]) => [level, field, help]),
    );
    expect(fields.map(([level, field = "", help]) => [level, codeIn(field), help])).toEqual(planned);
  });

  it("lists the values of planned.ts", () => {
    const planned = Object.entries(PLANNED_VALUES).flatMap(([level, byField]) =>
      Object.entries(byField).map(([field, refused]) => [level, field, ...refused]),
    );
    const listed = values.map(([level, field = "", refused = ""]) => [
      level,
      codeIn(field),
      ...[...refused.matchAll(/`([^`]+)`/g)].map(([, value]) => value),
    ]);
    expect(listed).toEqual(planned);
  });
});

describe("sections cited", () => {
  it.each(citations())("$file cites $page, $heading", ({ page, heading }) => {
    expect(headings(readPage(`docs/spec/${page}`).text).map(({ text }) => text)).toContain(heading);
  });
});

interface ObjectSchema {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

interface JsonSchema extends Partial<ObjectSchema> {
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** Where each level stands in the JSON Schema. */
function levelSchemas(): Record<Level, ObjectSchema> {
  const policy = policyJsonSchema() as JsonSchema;
  const of = (schema: JsonSchema | undefined, name: string) => schema?.properties?.[name];
  const target = of(policy, "targets")?.additionalProperties;
  const credential = of(policy, "credentials")?.additionalProperties;
  const proxy = of(policy, "proxies")?.additionalProperties;
  const rule = of(target, "rules")?.items;
  const filter = of(target, "filters")?.items;
  const levels: Record<Level, JsonSchema | undefined> = {
    policy,
    target,
    credential,
    proxy,
    rule,
    filter,
    operation: of(filter, "operations")?.items,
    mask: of(of(filter, "operations")?.items, "mask"),
    variable: of(filter, "variables")?.items,
    check: of(rule, "headers")?.items,
    "token check": of(rule, "token")?.items,
    "body check": of(rule, "body")?.items,
    when: of(rule, "when"),
    pattern: of(rule, "path")?.anyOf?.find(({ properties }) => properties !== undefined),
    "nested path": of(rule, "path")?.anyOf?.findLast(({ properties }) => properties !== undefined),
    settings: of(policy, "settings"),
    secret: of(credential, "secret"),
    paths: of(proxy, "paths"),
    redirects: of(proxy, "redirects"),
    retry: of(proxy, "retry"),
    network: of(target, "network"),
    tls: of(target, "tls"),
    limits: of(target, "limits"),
  };
  return mapLevels((level) => ({
    properties: levels[level]?.properties ?? {},
    required: levels[level]?.required ?? [],
  }));
}

/** What each level holds when everything that may be left out is. */
function levelDefaults(): Record<Level, Readonly<Record<string, unknown>>> {
  const bare = definePolicy({ clientId: "acme", region: "eu-1" });
  const { targets, credentials, proxies } = definePolicy({
    clientId: "acme",
    region: "eu-1",
    targets: { bare: { baseUrl: "https://api.example" } },
    credentials: { bare: { type: "target", authType: "none" } },
    proxies: {
      bare: { target: "bare" },
      full: {
        target: "bare",
        retry: {},
        rules: [
          { effect: "allow" },
          {
            effect: "allow",
            path: { pattern: "^/" },
            headers: [{ name: "x" }],
            token: [{ claim: "x" }],
            body: [{ jsonPath: "x" }],
          },
          { effect: "allow", path: { path: "^/" } },
        ],
        filters: [
          { operations: [{ effect: "destroy", jsonPath: "x" }] },
          { operations: [], variables: [{ name: "v", source: "path" }] },
          { operations: [{ effect: "mask", jsonPath: "x", mask: {} }] },
        ],
      },
    },
  });
  const { rules = [], filters = [] } = proxies.full ?? {};
  const levels: Record<Level, object | undefined> = {
    policy: bare,
    target: targets.bare,
    credential: credentials.bare,
    proxy: proxies.bare,
    rule: rules[0],
    filter: filters[0],
    // One of `jsonPath` and `select` has to be there; neither has a default.
    operation: { ...filters[0]?.operations[0], ...{ jsonPath: undefined } },
    mask: filters[2]?.operations[0]?.mask,
    variable: filters[1]?.variables[0],
    check: rules[1]?.headers?.[0],
    "token check": rules[1]?.token?.[0],
    "body check": rules[1]?.body?.[0],
    // It has at least one field, and none of them has a default.
    when: {},
    pattern: rules[1]?.path,
    "nested path": rules[2]?.path,
    settings: bare.settings,
    secret: {},
    paths: proxies.bare?.paths,
    redirects: proxies.bare?.redirects,
    retry: proxies.full?.retry,
    network: targets.bare?.network,
    tls: targets.bare?.tls,
    limits: targets.bare?.limits,
  };
  return mapLevels((level) => ({ ...levels[level], ...GROUPS[level] }));
}

/** Groups whose members have defaults of their own: leaving one out is the same as `{}`. */
const GROUPS: Partial<Record<Level, Readonly<Record<string, object>>>> = {
  policy: { settings: {} },
  target: { network: {}, tls: {}, limits: {} },
  proxy: { paths: {}, redirects: {} },
};

function mapLevels<T>(value: (level: Level) => T): Record<Level, T> {
  const levels = Object.keys(LEVEL_FIELDS) as Level[];
  return Object.fromEntries(levels.map((level) => [level, value(level)])) as Record<Level, T>;
}

/** The rows of the table; one that names several levels counts for each. */
function fieldRows(): { readonly level: Level; readonly field: string; readonly cell: string }[] {
  const [[, ...rows] = []] = tables(section(policyPage, "Fields"));
  return rows.flatMap(([levels = "", field = "", , cell = ""]) =>
    levels.split(", ").map((level) => ({ level: level as Level, field: codeIn(field) ?? "", cell })),
  );
}

/** The names of the members of every object in a JSON Schema, sorted and joined. */
function objectsIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as JsonSchema;
  const own = properties === undefined ? [] : [Object.keys(properties).sort().join()];
  return [...own, ...Object.values(schema).flatMap(objectsIn)];
}

/** Every `docs/spec/page.md, "Heading"` in the sources, and every `spec` of the vectors. */
function citations(): { readonly file: string; readonly page: string; readonly heading: string }[] {
  const files = ["packages", "vectors"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|json)$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
      .map((file) => `${folder}/${file}`),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const found = text.matchAll(/(?:docs\/spec\/|"spec": ")([a-z-]+\.md), \\?"([^"\\]+)\\?"/g);
    return [...found].map(([, page = "", heading = ""]) => ({ file, page, heading }));
  });
}

describe("transport.md, What the platform does, and what a guarded fetch does instead", () => {
  const page = readPage("docs/spec/transport.md");
  const heading = "What the platform does, and what a guarded fetch does instead";
  const [[, ...rows] = []] = tables(section(page.text, heading));
  const traps = rows.map(([cell = ""]) => /^\[(.+)\]\((.+)\)$/.exec(cell)?.slice(1) ?? []);

  it("lists each trap once, and no other", () => {
    expect(traps.map(([name]) => name)).toEqual(TRAPS);
  });

  it.each(traps)("leads for %s to its tests", (name, target = "") => {
    expect(readFileSync(join(root, "docs/spec", target), "utf8")).toContain(`trap("${name}", {`);
  });
});

// Rules and requests as a service that calls many resources has them, in any number.
import { canonicalRequest } from "@sallyport/core";
import { randomFrom } from "./documents.mjs";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Four rules for each resource: how their paths look. */
const RESOURCE_PATHS = [
  (name) => `^/v1/${name}/[^/]+$`,
  (name) => `^/v1/${name}/\\d+/items(/|$)`,
  (name) => `^/v1/${name}(/.*)?$`,
  (name) => `^/v2/tenants/[a-z0-9-]+/${name}/.*$`,
];

/** The same four, as far as globs that are anchored at both ends can say it. */
const GLOB_PATHS = [
  (name) => `^/v1/${name}/.*$`,
  (name) => `^/v1/${name}/.*/items/.*$`,
  (name) => `^/v1/${name}$`,
  (name) => `^/v2/tenants/.*/${name}/.*$`,
];

const unanchored = (index) => `\\.(env${index}|git${index}|bak)$`;

const forResource = (paths) => (index, label) => paths[index % 4](`${label}${Math.floor(index / 4)}`);

/** @type {Record<string, (index: number, label: string) => string>} */
const SHAPES = {
  typical: (index, label) =>
    index % 100 === 50 ? unanchored(index) : forResource(RESOURCE_PATHS)(index, label),
  "unanchored-10": (index, label) =>
    index % 10 === 5 ? unanchored(index) : forResource(RESOURCE_PATHS)(index, label),
  // Whatever comes first in the path, it could be any of them.
  adverse: (index, label) => `^/v1/.*/${label}${Math.floor(index / 4)}/[^/]+$`,
  "all-unanchored": (index) => `\\.(env${index}|git${index})$`,
  globs: forResource(GLOB_PATHS),
};

/**
 * Rules as a policy document has them: mostly two methods, every fifth with a header check, every seventh a deny.
 *
 * @param {{ count: number, shape: keyof typeof SHAPES, label?: string }} options another `label` makes other patterns
 * @returns {import("@sallyport/core").RuleDocument[]}
 */
export function rulesOf({ count, shape, label = "res" }) {
  return Array.from({ length: count }, (_, index) => ({
    id: `rule-${index}`,
    effect: index % 7 === 3 ? "deny" : "allow",
    methods: index % 10 === 0 ? METHODS : [METHODS[index % 5], METHODS[(index + 1) % 5]],
    path: { pattern: SHAPES[shape](index, label) },
    ...(index % 5 === 4
      ? { headers: [{ name: { pattern: "^x-env$" }, matchValue: { pattern: "^prod" } }] }
      : {}),
  }));
}

const REQUESTS = 512;

/** Paths that many rules match, or few, or none; `rule` is the number of one. */
const REQUEST_PATHS = [
  ({ name, index }) => `/v1/${name}/u${index}`,
  ({ name, index }) => `/v1/${name}/${index}/items/5`,
  ({ name, index }) => `/v2/tenants/acme-${index}/${name}/a/b`,
  ({ index }) => `/v9/nope/${index}`,
  ({ name }) => `/v1/${name}`,
  ({ name, rule }) => `/v1/${name}/settings.env${rule}`,
];

const ADVERSE_PATHS = [
  ({ name, index }) => `/v1/t${index}/${name}/x`,
  ({ name, index }) => `/v1/t${index}/eu/${name}/x${index}`,
];

/**
 * 512 requests, canonical, all over the resources that so many rules are for.
 *
 * @param {{ count: number, shape: keyof typeof SHAPES }} options as of {@link rulesOf}
 * @returns {import("@sallyport/core").CanonicalRequest[]}
 */
export function requestsFor({ count, shape }) {
  const random = randomFrom(count);
  const paths = shape === "adverse" ? ADVERSE_PATHS : REQUEST_PATHS;
  return Array.from({ length: REQUESTS }, (_, index) => {
    const rule = Math.floor(random() * count);
    const path = paths[index % paths.length]({ name: `res${Math.floor(rule / 4)}`, index, rule });
    return canonicalRequest({
      url: `https://api.example.com${path}`,
      method: METHODS[Math.floor(random() * METHODS.length)],
      headers: [
        ["accept", "application/json"],
        ["user-agent", "shop/4.2"],
        ["x-env", random() < 0.5 ? "prod-1" : "dev"],
      ],
    });
  });
}

/** A policy with these rules on its one proxy, `api`. @returns {import("@sallyport/core").PolicyDocument} */
export function policyOf(rules) {
  return {
    clientId: "bench",
    region: "eu-west-1",
    targets: { api: { baseUrl: "https://api.example.com" } },
    proxies: { api: { target: "api", rules } },
  };
}

/**
 * What the specification names and this version does not enforce yet. Refused by name: a policy that loads is enforced
 * whole (docs/spec/policy.md, "Refused for now").
 */
import type { Level } from "./schema.js";

/** Field by level, each with what to do until it is there. */
export const PLANNED_FIELDS: Readonly<Partial<Record<Level, Readonly<Record<string, string>>>>> = {
  credential: { tokenOrigins: "only `apiKey`, `bearer`, `basicAuth` and `none` are supported" },
  proxy: {
    limits: "limit in the calling code",
    meters: "count from the records",
    audit: "every call is recorded when it resolves; bodies never are",
  },
  secret: { file: "use `sealed` or `env`" },
  settings: {
    unrouted: "calls that no target covers are denied",
    secretCacheSeconds: "secrets are opened for each call",
    maxStaleSeconds: "an option of `fromFile`",
    reloadIntervalMs: "`pollMs`, an option of `fromFile`",
  },
};

/** Values of supported fields, by level and field. */
export const PLANNED_VALUES: Readonly<Partial<Record<Level, Readonly<Record<string, readonly string[]>>>>> = {
  credential: { authType: ["jwt", "jwtVerify", "oauth2", "customToken", "custom", "hmac", "sigv4"] },
};

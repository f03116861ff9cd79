/** What is refused because it is not enforced yet, written out: the other test takes the list from the source itself. */
import { describe, expect, it } from "vitest";
import { PLANNED_FIELDS, PLANNED_VALUES } from "./planned.js";

describe("what is not enforced yet", () => {
  it("has a sentence each that says what holds until then", () => {
    expect(PLANNED_FIELDS).toEqual({
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
    });
  });

  it("is some values of fields that are", () => {
    expect(PLANNED_VALUES).toEqual({
      credential: { authType: ["jwt", "jwtVerify", "oauth2", "customToken", "custom", "hmac", "sigv4"] },
    });
  });
});

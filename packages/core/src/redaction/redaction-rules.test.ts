import { describe, expect, it } from "vitest";
import { DETECTORS } from "./detectors.js";
import { type RedactionOptions, redactionRules } from "./redaction-rules.js";

describe("the rules of redaction", () => {
  it("turn all detectors on when nothing is said", () => {
    expect(redactionRules().detectors).toEqual([...DETECTORS]);
    expect(redactionRules({}).keys.size).toBe(0);
  });

  it("turn on those that are named, and none when none is", () => {
    expect(redactionRules({ detectors: ["email", "jwt"] }).detectors.map(({ name }) => name)).toEqual([
      "jwt",
      "email",
    ]);
    expect(redactionRules({ detectors: [] }).detectors).toEqual([]);
  });

  it.each<[string, string, object]>([
    ["a detector that does not exist", "detectors", { detectors: ["phone"] }],
    ["a class that does not exist", "keys", { keys: { name: "personal" } }],
    ["the class of what is cut", "pointers", { pointers: { "/name": "size" } }],
    ["a pointer without its `/`", "pointers", { pointers: { name: "pii" } }],
    ["a pointer with half an escape", "pointers", { pointers: { "/a~": "pii" } }],
    ["a name that redaction writes", "keys", { keys: { "[Redacted:email]": "pii" } }],
    ["a pointer through such a name", "pointers", { pointers: { "/[REDACTED:email]/x": "pii" } }],
  ])("refuse %s", (_, path, options) => {
    const make = () => redactionRules(options as RedactionOptions);
    expect(make).toThrowError(expect.objectContaining({ code: "ERR_CONFIG_INVALID", path }));
  });

  it("are not changed when the options are, later", () => {
    const detectors: ("email" | "jwt")[] = ["email"];
    const rules = redactionRules({ detectors });
    detectors.push("jwt");
    expect(rules.detectors).toHaveLength(1);
  });
});

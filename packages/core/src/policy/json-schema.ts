/** The policy document as a JSON Schema, so that an editor completes and checks policy files. */
import { z } from "zod";
import { policySchema } from "./schema.js";

/** JSON Schema, draft 2020-12, of what {@link parsePolicy} reads. Also published as `sallyport/policy.schema.json`. */
export function policyJsonSchema(): Record<string, unknown> {
  return {
    title: "Sallyport policy",
    ...z.toJSONSchema(policySchema, { io: "input", unrepresentable: "any" }),
  };
}

/** Writes the JSON Schema of policy files next to the built package. */
import { writeFileSync } from "node:fs";
import { policyJsonSchema } from "../dist/index.js";

const file = new URL("../dist/policy.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(policyJsonSchema(), undefined, 2)}\n`);

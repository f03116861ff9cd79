import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig } from "tsup";
import { packageBuild } from "../../tsup.shared.ts";

export default defineConfig({
  ...packageBuild(import.meta.dirname),
  /** Not into `dist`: editors find the schema by its path, `./node_modules/sallyport/policy.schema.json`. */
  async onSuccess() {
    const schema = createRequire(import.meta.url).resolve("@sallyport/core/policy.schema.json");
    copyFileSync(schema, "policy.schema.json");
  },
});

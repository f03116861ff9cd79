import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { defineConfig } from "tsup";
import { packageBuild } from "../../tsup.shared.ts";

const emitSchema = "scripts/emit-schema.mjs";

export default defineConfig({
  ...packageBuild(import.meta.dirname),
  /** Writes `dist/policy.schema.json` from the built schema. */
  async onSuccess() {
    if (existsSync(emitSchema)) execFileSync(process.execPath, [emitSchema], { stdio: "inherit" });
  },
});

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Options } from "tsup";
import { entryPoints, root } from "./scripts/workspaces.mjs";

/**
 * The build of one package: every entry point of its `exports`, as ESM and CommonJS, with types for both.
 *
 * Dependencies and peer dependencies are never bundled, so that a program loads one copy of each.
 */
export function packageBuild(folder: string): Options {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = entryPoints({ folder, manifest });
  return {
    entry: Object.fromEntries(entries.map(({ output, source }) => [output, relative(folder, source)])),
    format: ["esm", "cjs"],
    target: "node20",
    platform: "node",
    clean: true,
    sourcemap: true,
    treeshake: true,
    // Without the root's `paths`, so that types are checked against the built packages, as a user has them.
    tsconfig: join(root, "tsconfig.base.json"),
    // tsup sets `baseUrl`, which TypeScript 6 reports as deprecated.
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
    silent: true,
  };
}

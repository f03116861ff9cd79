import { defineConfig } from "vitest/config";
import { entryPoints, packages } from "./scripts/workspaces.mjs";

/** Package names lead to sources, so that tests need no build; only `e2e` looks at built packages. */
const sources = packages().flatMap((one) =>
  entryPoints(one).map(({ subpath, source }) => ({
    find: new RegExp(`^${one.name}${subpath.slice(1)}$`),
    replacement: source,
  })),
);

/** `npm run test:deep` counts. */
const setupFiles = process.env.SALLYPORT_DEEP_COUNTS === undefined ? [] : ["./scripts/count-properties.ts"];

export default defineConfig({
  test: {
    reporters: ["default", "./scripts/closing-line-reporter.ts"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.{test,test-d,bench,reference}.ts"],
      reporter: ["text-summary", "html"],
    },
    projects: [
      project("packages", ["packages/*/{src,test}/**/*.test.ts"]),
      project("vectors", ["vectors/**/*.test.ts"]),
      project("docs", ["docs/**/*.test.ts"]),
      project("examples", ["examples/**/*.test.{ts,mjs}"]),
      project("bench", ["bench/**/*.test.{ts,mjs}"]),
      project("scripts", ["scripts/**/*.test.ts"]),
      project("e2e", ["e2e/**/*.test.ts"]),
    ],
  },
});

function project(name: string, include: string[]) {
  return {
    resolve: { alias: sources },
    // Nothing is measured by a timeout: these only end what hangs, on a machine that may be busy.
    test: { name, include, setupFiles, testTimeout: name === "e2e" ? 180_000 : 60_000, hookTimeout: 180_000 },
  };
}

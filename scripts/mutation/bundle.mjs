import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { build } from "esbuild";

const FOLDERS = ["packages/core/src/policy", "packages/core/src/filter"];
/** Calls that count which code a test reaches: needed once, and slow. */
const COVERAGE_CALL = /\bstryCov_9fa48\((?:"\d+"(?:, )?)+\)/g;

/** The tests whose failure counts: those of the two folders, and the vectors. */
export function testFiles() {
  const beside = FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name}`),
  );
  return [...beside, "vectors/vectors.test.ts"];
}

/**
 * Compiles tests and sources to one script. Each run of it starts afresh: no module remembers what a mutant made of it.
 *
 * @param {string[]} files
 * @param {{ countsCoverage: boolean }} options
 * @returns {Promise<Script>} yields a function of `require` and an object in place of `vitest`, which returns by the
 *   name of each file a function that loads it
 */
export async function bundleTests(files, { countsCoverage }) {
  const loaders = files.map((file) => `${JSON.stringify(file)}: () => require("./${file}"),`);
  const { outputFiles } = await build({
    stdin: { contents: `module.exports = {\n${loaders.join("\n")}\n};`, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
    plugins: [ownSources(countsCoverage)],
  });
  const code = `(function (require, vitest) { const module = { exports: {} }; ${outputFiles[0].text}\nreturn module.exports; })`;
  return new Script(code, { filename: "mutation-bundle.cjs" });
}

/** Bundles our own files only, `vitest` being what the runner says it is. */
function ownSources(countsCoverage) {
  return {
    name: "own-sources",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^vitest$/ }, () => ({ path: "vitest", namespace: "runner" }));
      onLoad({ filter: /./, namespace: "runner" }, () => ({ contents: "module.exports = vitest;" }));
      onResolve({ filter: /^[^./]/ }, ({ path }) =>
        path.startsWith("@sallyport/") ? undefined : { path, external: true },
      );
      onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
        contents: await sourceOf(path, countsCoverage),
        loader: "ts",
      }));
    },
  };
}

/** A script knows neither its folder nor an `await` outside of functions. */
async function sourceOf(path, countsCoverage) {
  const text = await readFile(path, "utf8");
  const moved = text
    .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
    .replaceAll("await import(", "require(");
  return countsCoverage ? moved : moved.replace(COVERAGE_CALL, "0");
}

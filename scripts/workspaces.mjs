import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root folder of the repository, absolute. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Every package of `packages/`, those it depends on before it.
 *
 * `dependsOn` holds the names of our own packages only.
 *
 * @returns {{ name: string, folder: string, manifest: any, dependsOn: string[] }[]}
 */
export function packages() {
  const found = readdirSync(join(root, "packages"))
    .map((entry) => join(root, "packages", entry))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }));
  const names = new Set(found.map(({ manifest }) => manifest.name));
  const unsorted = found.map(({ folder, manifest }) => ({
    name: manifest.name,
    folder,
    manifest,
    dependsOn: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) =>
      names.has(name),
    ),
  }));
  return sortByDependency(unsorted);
}

/**
 * The entry points a manifest's `exports` names: `./testing` with `dist/testing.js` is built from
 * `src/testing.ts`, or from `src/testing/index.ts`.
 *
 * @returns {{ subpath: string, output: string, source: string }[]} `output` has no extension; `source` is absolute
 */
export function entryPoints({ folder, manifest }) {
  return Object.entries(manifest.exports)
    .filter(([, target]) => target.import)
    .map(([subpath, target]) => {
      const output = target.import.default.replace(/^\.\/dist\//, "").replace(/\.js$/, "");
      const candidates = [`src/${output}.ts`, `src/${output}/index.ts`].map((file) => join(folder, file));
      const source = candidates.find((file) => existsSync(file));
      if (!source)
        throw new Error(
          `no source for export \`${subpath}\` of ${manifest.name}: ${candidates.join(" or ")}`,
        );
      return { subpath, output, source };
    });
}

function sortByDependency(unsorted) {
  const sorted = [];
  const waiting = [...unsorted];
  while (waiting.length > 0) {
    const ready = waiting.findIndex((one) =>
      one.dependsOn.every((name) => sorted.some((done) => done.name === name)),
    );
    if (ready < 0)
      throw new Error(
        `packages depend on each other in a circle: ${waiting.map((one) => one.name).join(", ")}`,
      );
    sorted.push(...waiting.splice(ready, 1));
  }
  return sorted;
}

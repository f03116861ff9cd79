/** The Markdown pages of the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const root = join(import.meta.dirname, "..");

export interface Page {
  /** Relative to the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(root, path), "utf8") };
}

/** Every page, generated and installed ones aside. */
export function allPages(): Page[] {
  return readdirSync(root, { recursive: false, withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.has(name))
    .flatMap((entry) => (entry.isDirectory() ? pagesBelow(entry.name) : [entry.name]))
    .filter((path) => path.endsWith(".md"))
    .sort()
    .map(readPage);
}

/** The pages whose code blocks are programs: the front page, the guides, and the README of each package. */
export function pagesWithPrograms(): Page[] {
  return allPages().filter(({ path }) =>
    /^(README|docs\/guide\/[^/]+|packages\/[^/]+\/README)\.md$/.test(path),
  );
}

const LEFT_OUT = new Set([".git", ".mutation", ".nodes", "coverage", "dist", "node_modules"]);

function pagesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.has(name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? pagesBelow(path) : [path];
    });
}

/** Where a relative link of a page leads, relative to the root; `undefined` when there is nothing. */
export function linkedPath(page: Page, target: string): string | undefined {
  const full = join(root, page.path, "..", decodeURIComponent(target));
  return existsSync(full) ? relative(root, full).replaceAll("\\", "/") : undefined;
}

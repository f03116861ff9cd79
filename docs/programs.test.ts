/**
 * Every code block of the README files and the guides is a program: it type-checks, it runs against the sources, and
 * it prints what the page says it prints.
 *
 * - ` ```ts `, ` ```js ` and ` ```mjs ` blocks are programs, each a module of its own.
 * - ` ```ts no-run: reason ` is only type-checked.
 * - A ` ```text ` block after a line that ends in `prints:` is the whole standard output of the program before it.
 * - A ` ```sh ` block of nothing but `export NAME=value` sets the environment of the programs after it on its page.
 */
import { execFileSync } from "node:child_process";
import { Console } from "node:console";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import ts from "typescript";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { codeBlocks } from "./markdown.js";
import { type Page, pagesWithPrograms, root } from "./pages.js";

interface Program {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** Why it is not run. */
  readonly reasonNotToRun: string | undefined;
  readonly prints: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Inside the repository, so that imports resolve as they do in a package of the workspace. Git-ignored. */
const folder = join(root, "docs", ".programs", String(process.pid));
mkdirSync(folder, { recursive: true });

const pages = pagesWithPrograms().map((page) => ({ path: page.path, programs: programsOf(page) }));
const faults = typeFaults(pages.flatMap(({ programs }) => programs.map(({ file }) => file)));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe.each(pages.filter(({ programs }) => programs.length > 0))("$path", ({ programs }) => {
  for (const program of programs) {
    it(`line ${program.line}: type-checks`, () => {
      expect(faults.get(program.file) ?? []).toEqual([]);
    });
    if (program.reasonNotToRun !== undefined) {
      it(`line ${program.line}: says why it is not run`, () => expect(program.reasonNotToRun).toMatch(/\w/));
      continue;
    }
    it(`line ${program.line}: runs${program.prints === undefined ? "" : " and prints what the page says"}`, async () => {
      const listening = openServers();
      const printed = await outputOf(program);
      if (program.prints !== undefined) expect(printed).toBe(`${program.prints}\n`);
      await expect.poll(openServers).toBe(listening);
    });
  }
});

function programsOf(page: Page): Program[] {
  const programs: Program[] = [];
  let environment: Readonly<Record<string, string>> = {};
  const blocks = codeBlocks(page.text);
  for (const [index, block] of blocks.entries()) {
    const { language, note, text, line } = block;
    if (language === "sh" && isExports(text)) environment = { ...environment, ...exportsOf(text) };
    if (!["ts", "js", "mjs"].includes(language)) continue;
    const file = join(
      folder,
      `${page.path.replaceAll("/", "-")}-${line}.${language === "ts" ? "ts" : "mjs"}`,
    );
    // The empty lines make positions in errors those of the page.
    writeFileSync(file, "\n".repeat(line - 1) + text);
    const next = blocks[index + 1];
    programs.push({
      file,
      line,
      text,
      reasonNotToRun: note.startsWith("no-run") ? note.slice("no-run".length) : undefined,
      prints: next?.language === "text" && /prints:$/.test(next.before) ? next.text : undefined,
      environment,
    });
  }
  return programs;
}

function isExports(text: string): boolean {
  return text.split("\n").every((line) => line.startsWith("export "));
}

function exportsOf(text: string): Record<string, string> {
  const names = [...text.matchAll(/^export (\w+)=/gm)].map(([, name = ""]) => name);
  return Object.fromEntries(
    names.map((name) => [
      name,
      execFileSync("sh", ["-c", `${text}\nprintf %s "$${name}"`], { encoding: "utf8" }),
    ]),
  );
}

/** What the compiler says, by file, with the options of the repository. */
function typeFaults(files: readonly string[]): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, root);
  const compiler = ts.createProgram(files, { ...options, checkJs: true });
  return new Map(
    files.map((file) => {
      const source = compiler.getSourceFile(file);
      const found = [...compiler.getSyntacticDiagnostics(source), ...compiler.getSemanticDiagnostics(source)];
      return [file, found.map((one) => describeFault(one))];
    }),
  );
}

function describeFault({ file, start = 0, messageText }: ts.Diagnostic): string {
  const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
  return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
}

async function outputOf({ file, environment }: Program): Promise<string> {
  let printed = "";
  const stdout = new Writable({
    write(chunk, _, done) {
      printed += String(chunk);
      done();
    },
  });
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.stubGlobal("console", new Console({ stdout, colorMode: false }));
  await import(/* @vite-ignore */ file);
  return printed;
}

function openServers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
}

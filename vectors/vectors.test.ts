/** Replays every vector: one test a case, named by the case. The format is described in README.md. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Area, fileSchema } from "./area.js";

const here = import.meta.dirname;

const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "areas")
  .map(({ name }) => name);

const modules = readdirSync(join(here, "areas")).map((file) => file.replace(/\.ts$/, ""));

it("every folder has a module and every module has a folder", () => {
  expect(modules.toSorted()).toEqual(folders.toSorted());
});

for (const folder of folders.filter((name) => modules.includes(name))) {
  const { area } = (await import(`./areas/${folder}.ts`)) as { area: Area };
  const files = readdirSync(join(here, folder));

  describe(folder, () => {
    it("holds at least one file, and only JSON files", () => {
      expect(files).not.toEqual([]);
      expect(files.filter((file) => !file.endsWith(".json"))).toEqual([]);
    });

    for (const file of files.filter((name) => name.endsWith(".json"))) {
      describe(file, () => replayFile(area, readFileSync(join(here, folder, file), "utf8")));
    }
  });
}

function replayFile(area: Area, text: string): void {
  const parsed = fileSchema(area).safeParse(JSON.parse(text));
  it("has the form of its area", () => {
    expect(parsed.error?.issues ?? []).toEqual([]);
  });
  const { spec = "", cases = [] } = parsed.data ?? {};
  it("names a section of the specification", () => {
    const [, page = "", heading = ""] = /^(\S+), "(.+)"$/.exec(spec) ?? [];
    const lines = readFileSync(join(here, "../docs/spec", page), "utf8").split("\n");
    expect(lines.map((line) => line.replace(/^#+ /, ""))).toContain(heading);
  });
  it("names no two cases alike", () => {
    const names = cases.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
  for (const one of cases) it(one.name, () => area.replay(one));
}

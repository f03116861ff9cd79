// Packs every package and checks what a user would get: publint, are-the-types-wrong, one version, one licence.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.mjs";
import { setUp } from "./setup.mjs";
import { packages, root } from "./workspaces.mjs";

await setUp();
const problems = packages().flatMap(manifestProblems);
const folder = mkdtempSync(join(tmpdir(), "sallyport-pack-"));
try {
  for (const one of packages()) problems.push(...(await tarballProblems(one)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function manifestProblems({ name, folder, manifest, dependsOn }) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const found = [];
  if (manifest.version !== version)
    found.push(`${name}: version ${manifest.version}, the repository has ${version}`);
  for (const other of dependsOn) {
    const wanted = manifest.dependencies?.[other] ?? manifest.peerDependencies?.[other];
    if (wanted !== version) found.push(`${name}: wants ${other} ${wanted}, the repository has ${version}`);
  }
  for (const file of ["README.md", "LICENSE"]) {
    if (!existsSync(join(folder, file))) found.push(`${name}: has no ${file}`);
  }
  const licence = join(folder, "LICENSE");
  if (existsSync(licence) && readFileSync(licence, "utf8") !== readFileSync(join(root, "LICENSE"), "utf8")) {
    found.push(`${name}: LICENSE differs from the one at the root`);
  }
  return found;
}

async function tarballProblems({ name, folder: source }) {
  const before = new Set(readdirSync(folder));
  await run(`packing ${name}`, "npm", ["pack", "--pack-destination", folder], source);
  const tarball = readdirSync(folder).find((file) => !before.has(file));
  const bin = (tool) => join(root, "node_modules", ".bin", tool);
  // The `node16` profile leaves out `moduleResolution: node10`, which knows no `exports`.
  const checks = [
    run(`publint ${name}`, bin("publint"), ["run", "--strict", join(folder, tarball)], root),
    run(`attw ${name}`, bin("attw"), ["--profile", "node16", "--no-emoji", join(folder, tarball)], root),
  ];
  const results = await Promise.allSettled(checks);
  return results.filter(({ status }) => status === "rejected").map(({ reason }) => reason.message);
}

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startReplayServer } from "./replay-server.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));

describe("npm start", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["main.mjs"], {
    cwd: folder,
    encoding: "utf8",
  });
  const calls = stdout.split(/\n\n(?=\d {2}|The record|\d calls)/).slice(1);

  it("ends well and quietly", () => {
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("4 calls: 2 allowed, 2 denied; 2 reached the server; 4 on the record.");
  });

  it("allows the read, and destroys the node ids of the response", () => {
    expect(calls[0]).toMatch(/^1 {2}GET \/repos\/octokit-fixture-org\/hello-world\n +allowed +200/);
    expect(calls[0]).toContain("github-api: allow, by rule read-hello-world");
    expect(destroyedPaths(calls[0])).toEqual(["$.node_id", "$.owner.node_id", "$.organization.node_id"]);
  });

  it("allows the write, and destroys the e-mail addresses of the commit", () => {
    expect(calls[1]).toContain("github-api: allow, by rule add-files");
    expect(destroyedPaths(calls[1])).toEqual([
      "$.commit.node_id",
      "$.commit.author.email",
      "$.commit.committer.email",
    ]);
  });

  it("denies the deletion by its rule, before anything is sent", () => {
    expect(calls[2]).toMatch(/DELETE .*\n +denied/);
    expect(calls[2]).toContain("github-api: deny, by rule no-deletes");
    expect(calls[2]).toContain("nothing: the call never left");
  });

  it("denies another repository by default, before anything is sent", () => {
    expect(calls[3]).toMatch(/GET .*paginate-issues.*\n +denied/);
    expect(calls[3]).toContain("github-api: deny, by default");
    expect(calls[3]).toContain("nothing: the call never left");
  });

  it("shows a record that names the policy and what the filter destroyed", () => {
    expect(calls[4]).toMatch(/^The record of call 2\n/);
    expect(calls[4]).toMatch(/policy +sha256 [0-9a-f]{64}\n/);
    expect(calls[4]).toMatch(/filter +no-personal-data: destroy, 3 nodes\n/);
  });

  it("shows an e-mail address only where it is struck out, and the token nowhere", () => {
    const standing = stdout.split("\n").filter((line) => !line.startsWith("   - "));
    expect(standing.filter((line) => line.includes("@") && !line.includes("@octokit"))).toEqual([]);
    expect(stdout).not.toContain("ghp_");
  });

  it("fits a terminal of 100 columns, without colour where nobody looks", () => {
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
    expect(stdout).not.toContain("\u001b");
  });
});

describe("the replay server", () => {
  let server: Awaited<ReturnType<typeof startReplayServer>>;
  beforeAll(async () => {
    server = await startReplayServer({ scenarios: ["get-repository"], token: "right" });
  });
  afterAll(() => server.close());

  it.each([
    ["answers as GitHub did", "GET", "/repos/octokit-fixture-org/hello-world", "right", 200],
    ["refuses a request without the token", "GET", "/repos/octokit-fixture-org/hello-world", "wrong", 401],
    ["knows nothing that was not recorded", "DELETE", "/repos/octokit-fixture-org/hello-world", "right", 404],
  ])("%s", async (_, method, path, token, status) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(server.baseUrl + path, { method, headers });
    expect(response.status).toBe(status);
    expect(server.requests.at(-1)).toMatchObject({ method, path, status, sent: await response.json() });
  });
});

function destroyedPaths(printed = ""): string[] {
  return [...printed.matchAll(/^ {3}- (\S+)/gm)].map(([, path = ""]) => path);
}

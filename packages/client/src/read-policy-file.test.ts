import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromFile } from "./policy-file.js";
import { type FileRead, PolicyFileReader, parsePolicyFile } from "./read-policy-file.js";

let folder: string;
let path: string;
let ms: number;
let reader: PolicyFileReader;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-"));
  path = join(folder, "policy.json");
  writeFileSync(path, "one");
  ms = 0;
  reader = new PolicyFileReader(path, () => ms);
});

afterEach(() => rmSync(folder, { recursive: true }));

function textOf(read: FileRead): string {
  return read.kind === "content" ? new TextDecoder().decode(read.bytes) : read.kind;
}

/** Reads until a file that looks the same need not be read again. */
async function settle(): Promise<void> {
  await reader.read(true);
  ms += 3000;
  await reader.read(true);
}

describe("a file that looks as it did", () => {
  it("is read for three seconds more, since its times may be coarse, and not after that", async () => {
    const seen: string[] = [];
    for (const at of [0, 1000, 2999, 3000, 3001, 90_000]) {
      ms = at;
      seen.push(textOf(await reader.read(true)));
    }
    expect(seen).toEqual(["one", "one", "one", "one", "same", "same"]);
  });

  it("is read all the same when the reader has to have its content", async () => {
    await settle();
    expect(textOf(await reader.read(true))).toBe("same");
    expect(textOf(await reader.read(false))).toBe("one");
  });
});

describe("a file that looks different", () => {
  it.each<[string, () => void]>([
    ["written in place, of the same length", () => writeFileSync(path, "two")],
    [
      "replaced by one with the same length and times",
      () => {
        const other = join(folder, "other.json");
        writeFileSync(path, "one");
        writeFileSync(other, "two");
        utimesSync(path, 1000, 1000);
        utimesSync(other, 1000, 1000);
        renameSync(other, path);
      },
    ],
    [
      "with its former time set again",
      () => {
        writeFileSync(path, "two");
        utimesSync(path, 1000, 1000);
      },
    ],
  ])("is read when it was %s", async (_, change) => {
    utimesSync(path, 1000, 1000);
    await settle();
    change();
    expect(textOf(await reader.read(true))).toBe("two");
  });
});

describe("what cannot be read", () => {
  it.each<[string, () => void, string]>([
    ["is missing", () => {}, "ENOENT"],
    ["is a named pipe", () => execFileSync("mkfifo", [path]), "it is no regular file"],
    ["is a device without end", () => execFileSync("ln", ["-s", "/dev/zero", path]), "it is no regular file"],
    [
      "is larger than any policy",
      () => {
        writeFileSync(path, "");
        truncateSync(path, 64 * 1024 * 1024 + 1);
      },
      "it is larger than 64 MiB",
    ],
  ])("is told in words without the path when it %s", async (_, change, reason) => {
    rmSync(path);
    change();
    expect(await reader.read(true)).toEqual({ kind: "unreadable", reason });
  });

  it("is read again once it can be", async () => {
    rmSync(path);
    expect((await reader.read(true)).kind).toBe("unreadable");
    writeFileSync(path, "two");
    expect(textOf(await reader.read(true))).toBe("two");
  });
});

describe("a reader of another format", () => {
  const refusalBy = (read: unknown): Error & { readonly help?: string } => {
    try {
      parsePolicyFile(fromFile(path, { read: read as never }), Buffer.from("s3cret"));
    } catch (error) {
      return error as Error;
    }
    throw new Error("expected an error");
  };

  it.each<[string, (text: string) => unknown, string, string]>([
    [
      "throws",
      (text) => {
        throw new Error(text);
      },
      "the document: the file's reader failed",
      "throw a `PolicyError` to say why: other errors may quote the file, so nothing of them is told",
    ],
    [
      "returns nothing",
      () => undefined,
      "the document: the reader returned no `document`",
      "return `{ document }`, with what the text holds",
    ],
    [
      "is asynchronous",
      async (text) => ({ document: text }),
      "the document: the reader returned a promise",
      "read without waiting: a reader is no `async` function",
    ],
    [
      "cannot find the places of faults",
      (text) => ({
        document: [],
        placesOf: () => {
          throw new Error(text);
        },
      }),
      "the document: expected an object (and 1 more, see `issues`)",
      "",
    ],
  ])("that %s is told of with the file, and nothing of the text", (_, read, message, help) => {
    const error = refusalBy(read);
    expect(error).toMatchObject({ name: "PolicyError", file: path });
    expect(error.message).toBe(`policy \`${path}\` does not load: ${message}`);
    expect(error.help ?? "").toBe(help);
    expect(JSON.stringify([error, error.stack, error.cause])).not.toContain("s3cret");
  });
});

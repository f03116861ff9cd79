import { describe, expect, it } from "vitest";
import { canonicalPath } from "./canonical-path.js";

describe("canonicalPath", () => {
  it("leaves a plain path as it is", () => {
    const plain = { path: "/v1/items", decoded: "/v1/items", ambiguities: [] };
    expect(canonicalPath("/v1/items")).toEqual(plain);
  });

  it("decodes the escapes of unreserved characters, which mean the same either way", () => {
    expect(canonicalPath("/%61%5A%30%2d%2E%5f%7E").path).toBe("/aZ0-._~");
  });

  it("decodes once: what a decoding uncovers stays covered", () => {
    expect(canonicalPath("/%2561").path).toBe("/%2561");
  });

  it("completes no escape: what decoding would join to a stray `%` stays encoded, and is ambiguous", () => {
    for (const path of ["/%%361dmin", "/a%2%66b", "/%a%61"]) {
      expect(canonicalPath(path)).toMatchObject({
        path,
        ambiguities: ["the path has a `%` that starts no escape"],
      });
    }
  });

  it("writes all other escapes in upper case", () => {
    expect(canonicalPath("/%c3%a9%3a").path).toBe("/%C3%A9%3A");
  });

  it("gives the decoded reading beside the path", () => {
    expect(canonicalPath("/caf%C3%A9/a%20b").decoded).toBe("/café/a b");
  });

  it("collapses slashes in the decoded reading, those that decoding uncovers too", () => {
    expect(canonicalPath("//a/%2f/b").decoded).toBe("/a/b");
    expect(canonicalPath("/a%5C%5Cb").decoded).toBe("/a/b");
  });

  it("follows escapes of escapes in the decoded reading", () => {
    expect(canonicalPath("/%252541").decoded).toBe("/A");
  });

  it("stops following escapes at some depth, so that a long path costs no quadratic work", () => {
    const path = `/%${"25".repeat(20_000)}41`;
    const before = performance.now();
    canonicalPath(path);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("replaces what is not UTF-8 in the decoded reading and keeps the rest", () => {
    expect(canonicalPath("/%ff/a%2Fb").decoded).toBe("/\ufffd/a/b");
  });
});

describe("ambiguities of a path", () => {
  const plain = ["/", "/a/b", "/a;v=1/b", "/a%20b", "/caf%C3%A9", "/100%25", "/a.b/..c", "/%3Fx", "/%23x"];
  it.each(plain)("%s has none", (path) => {
    expect(canonicalPath(path).ambiguities).toEqual([]);
  });

  it.each([
    ["/a%2Fb", "an encoded slash"],
    ["/a%2fb", "an encoded slash"],
    ["/a%5Cb", "an encoded backslash"],
    ["/a%00", "an encoded control character"],
    ["/a%1F", "an encoded control character"],
    ["/a%7f", "an encoded control character"],
    ["//a", "an empty segment"],
    ["/a//", "an empty segment"],
    ["/%2541", "an escape of an escape"],
    ["/%252F", "an escape of an escape"],
    ["/a/..;/b", "parameters in a dot segment"],
    ["/a/.;x=1/b", "parameters in a dot segment"],
    ["/a/..%3B/b", "parameters in a dot segment"],
    ["/%", "a `%` that starts no escape"],
    ["/%g0", "a `%` that starts no escape"],
    ["/%ff", "escapes that are not UTF-8"],
    ["/%C0%AF", "escapes that are not UTF-8"],
    ["/%ED%A0%80", "escapes that are not UTF-8"],
  ])("%s has %s", (path, reason) => {
    const { ambiguities } = canonicalPath(path);
    expect(ambiguities).toHaveLength(1);
    expect(ambiguities[0]).toContain(`the path has ${reason}`);
  });

  it("are all named where there are several", () => {
    expect(canonicalPath("//%2f%00").ambiguities).toHaveLength(3);
  });

  it("name the kind and never the path", () => {
    expect(canonicalPath("/jane.doe%2Fsalary").ambiguities.join()).not.toContain("jane");
  });
});

import { describe, expect, it } from "vitest";
import { readBaseUrl, readOrigin } from "./base-url.js";

const messageOf = (read: { ok: true } | { ok: false; message: string }) =>
  read.ok ? undefined : read.message;

describe("a base URL", () => {
  it.each([
    ["https://api.example", { origin: "https://api.example", host: "api.example" }],
    ["https://API.Example:443/", { origin: "https://api.example", host: "api.example" }],
    ["https://api.example:8443", { origin: "https://api.example:8443", host: "api.example" }],
    ["https://[2001:DB8::1]/", { origin: "https://[2001:db8::1]", host: "[2001:db8::1]" }],
  ])("%s is read in the form in which requests are compared with it", (text, read) => {
    expect(readBaseUrl(text)).toEqual({
      ok: true,
      baseUrl: { ...read, scheme: "https", path: "", decodedPath: "", isLoopback: false },
    });
  });

  it.each([
    ["", "", ""],
    ["/", "", ""],
    ["/v1", "/v1", "/v1"],
    ["/v1/", "/v1", "/v1"],
    ["/a/../v%31/", "/v1", "/v1"],
    ["/caf%c3%A9%20s", "/caf%C3%A9%20s", "/café s"],
    ["/%20/", "/%20", "/ "],
  ])("that ends in %j has the path %j, which is %j decoded", (written, path, decodedPath) => {
    expect(readBaseUrl(`https://api.example${written}`)).toMatchObject({
      ok: true,
      baseUrl: { path, decodedPath },
    });
  });

  it.each([
    ["", "not an absolute URL"],
    ["/v1", "not an absolute URL"],
    ["api.example", "not an absolute URL"],
    ["ftp://api.example", "only `http:` and `https:` URLs can be called"],
    ["https://user@api.example", "the URL carries a user name or password"],
    ["https://api.example?", "a base URL has no query"],
    ["https://api.example/v1?key=1", "a base URL has no query"],
    ["https://api.example#", "a base URL has no fragment"],
    ["https://api.example/v1#top", "a base URL has no fragment"],
    ["https://api.example/a%2Fb", "the path has an encoded slash (`%2F`)"],
    ["https://api.example//v1", "the path has an empty segment (`//`)"],
  ])("is not %j: %s", (text, message) => {
    expect(messageOf(readBaseUrl(text))).toBe(message);
  });
});

describe("a base URL with `http:`", () => {
  it.each([
    ["localhost", "localhost"],
    ["LOCALHOST", "localhost"],
    ["api.localhost", "api.localhost"],
    ["a.b.localhost", "a.b.localhost"],
    ["127.0.0.1", "127.0.0.1"],
    ["127.255.255.254", "127.255.255.254"],
    ["127.10.20.30", "127.10.20.30"],
    ["127.1", "127.0.0.1"],
    ["[::1]", "[::1]"],
    ["[0:0:0:0:0:0:0:1]", "[::1]"],
  ])("that leads to %s leads to this machine", (written, host) => {
    const origin = `http://${host}:8080`;
    expect(readBaseUrl(`http://${written}:8080/v1`)).toEqual({
      ok: true,
      baseUrl: { origin, host, scheme: "http", path: "/v1", decodedPath: "/v1", isLoopback: true },
    });
    expect(readOrigin(`http://${written}:8080`)).toEqual({ ok: true, origin, isInsecure: false });
  });

  it.each([
    "api.example",
    "localhost.example",
    "notlocalhost",
    "localhosts",
    "a.localhost.example",
    "126.0.0.1",
    "128.0.0.1",
    "10.127.0.1",
    "192.127.0.1",
    "127.0.0.1.example",
    "127.example",
    "a127.0.0.example",
    "0.0.0.0",
    "[::]",
    "[::2]",
    "[::ffff:7f00:1]",
  ])("that leads to %s leads where others could read along", (host) => {
    expect(readBaseUrl(`http://${host}/`)).toMatchObject({ ok: true, baseUrl: { isLoopback: false } });
    expect(readOrigin(`http://${host}`)).toMatchObject({ ok: true, isInsecure: true });
    expect(readOrigin(`https://${host}`)).toMatchObject({ ok: true, isInsecure: false });
  });
});

describe("an origin", () => {
  it.each([
    ["https://api.example", "https://api.example"],
    ["https://API.example/", "https://api.example"],
    ["HTTPS://api.example:443", "https://api.example"],
    ["https://api.example:8443/", "https://api.example:8443"],
  ])("is read from %s", (text, origin) => {
    expect(readOrigin(text)).toEqual({ ok: true, origin, isInsecure: false });
  });

  it.each([
    ["https://api.example/v1", "an origin has no path"],
    ["https://api.example/%20", "an origin has no path"],
    ["https://api.example?", "a base URL has no query"],
    ["https://user:pass@api.example", "the URL carries a user name or password"],
    ["api.example", "not an absolute URL"],
    ["null", "not an absolute URL"],
  ])("is not %s: %s", (text, message) => {
    expect(readOrigin(text)).toEqual({ ok: false, message });
  });
});

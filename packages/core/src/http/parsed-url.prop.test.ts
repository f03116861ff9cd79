import fc from "fast-check";
import { expect, it } from "vitest";
import { parsedUrl } from "./parsed-url.js";

const ORIGINS = [
  "http://api.example",
  "https://api.example:8443",
  "http://127.0.0.1:8080",
  "http://[::1]",
  "https://API.example",
  "http://127.1",
  "http://a.example:80",
  "http://u:p@a.example",
  "https://a.example.",
  "ftp://a.example",
];

const piece = fc.constantFrom(..."abZ09/.~-_?=&%\\#:@ \t\u00e9", "/..", "%2e", "//", "/./", "'");
const rest = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

function naive(text: string) {
  try {
    const { origin, protocol, hostname, port, username, password, pathname, search, href } = new URL(text);
    const hasCredentials = username + password !== "";
    return { origin, protocol, hostname, port, hasCredentials, pathname, search, href };
  } catch {
    return undefined;
  }
}

it("takes a URL of any length", () => {
  parsedUrl("http://api.example/");
  const text = `http://api.example${"/a".repeat(6_000_000)}`;
  expect(parsedUrl(text)?.pathname).toHaveLength(12_000_000);
});

it("has the parts that the platform's parser finds, whatever was parsed before", () => {
  for (const origin of ORIGINS) parsedUrl(`${origin}/a`);
  fc.assert(
    fc.property(fc.constantFrom(...ORIGINS), fc.constantFrom("", "/"), rest, (origin, slash, behind) => {
      const text = `${origin}${slash}${behind}`;
      expect(parsedUrl(text)).toEqual(naive(text));
      expect(parsedUrl(text)).toEqual(naive(text));
    }),
    { numRuns: 2000 },
  );
});

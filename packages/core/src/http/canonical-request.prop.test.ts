import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalRequest } from "./canonical-request.js";

const piece = fc.constantFrom(
  ...[
    "/",
    "//",
    "\\",
    ".",
    "..",
    "%2e",
    "%2F",
    "%5c",
    "%00",
    "%25",
    "%61",
    "%zz",
    "%",
    "%c3%a9",
    "%ff",
    ";",
    "?",
    "#",
  ],
  ...[
    "a",
    "~",
    "'",
    '"',
    "<",
    "^",
    "|",
    "{",
    "`",
    " ",
    "\t",
    "\n",
    "é",
    "\u{1f600}",
    "\ud800",
    "=",
    "&",
    "+",
    "@",
    ":",
  ],
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const start = fc.constantFrom(
  ...[
    "https://api.example",
    "http://API.example.:80",
    "https://bücher.example:8443",
    "https://user@api.example",
  ],
  ...["https://[::1]", "http://0x7f.1", "https:api.example", "ftp://api.example", "", "//api.example"],
);
const url = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(start, text).map(([origin, rest]) => `${origin}/${rest}`) },
  { weight: 1, arbitrary: fc.tuple(start, text).map(([origin, rest]) => origin + rest) },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) },
);

describe("the canonical form", () => {
  it("is a fixed point: neither canonicalising nor parsing changes it again", () => {
    let compared = 0;
    fc.assert(
      fc.property(url, (input) => {
        const once = canonicalRequest({ url: input });
        if (once === undefined || once.refusal !== undefined) return;
        compared++;
        expect(new URL(once.url).href).toBe(once.url);
        const twice = canonicalRequest({ url: once.url });
        expect({ ...twice, ambiguities: [] }).toEqual({ ...once, ambiguities: [] });
        // What parsing hid is gone; what is left to see is seen again.
        expect(once.ambiguities).toEqual(expect.arrayContaining([...(twice?.ambiguities ?? [])]));
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  it("is the same for a string and for its parsed URL, but for what parsing hides", () => {
    fc.assert(
      fc.property(url, (input) => {
        const fromText = canonicalRequest({ url: input });
        if (fromText === undefined) return;
        const fromUrl = canonicalRequest({ url: new URL(input) });
        expect({ ...fromUrl, ambiguities: [] }).toEqual({ ...fromText, ambiguities: [] });
      }),
      { numRuns: 1000 },
    );
  });

  it("starts with a slash and leaves no escape that could be plain", () => {
    fc.assert(
      fc.property(url, (input) => {
        const request = canonicalRequest({ url: input });
        if (request === undefined || request.refusal !== undefined) return;
        expect(request.path).toMatch(/^\//);
        expect(request.decodedPath).toMatch(/^\//);
        // Behind a stray `%` an escape has to stay, and the path is ambiguous.
        if (request.ambiguities.length > 0) return;
        for (const [escaped] of request.path.matchAll(/%[0-9A-F]{2}/gi)) {
          expect(escaped).toBe(escaped.toUpperCase());
          expect(decodeURIComponentOr(escaped)).not.toMatch(/^[A-Za-z0-9\-._~]$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("never throws, whatever the strings are", () => {
    const any = fc.string({ unit: "binary" });
    const headers = fc.array(fc.tuple(any, any), { maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(any, url), any, headers, (input, method, entries) => {
        canonicalRequest({ url: input, method, headers: entries });
      }),
      { numRuns: 2000 },
    );
  });
});

function decodeURIComponentOr(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped;
  }
}

/** Test-only: random texts and values with much in them that detectors look for, and more that only looks like it. */
import fc from "fast-check";
import type { JsonValue } from "../record/canonical-json.js";
import { DETECTOR_NAMES } from "./detectors.js";
import { ibanLengths, separators, withCheckDigits, withLuhnDigit } from "./redact.reference.js";
import type { RedactionClass, RedactionOptions } from "./redaction-rules.js";

const of = (characters: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });

const digits = "0123456789";
const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const alphanumeric = digits + upper + upper.toLowerCase();
const base64url = `${alphanumeric}-_`;

/** Digits of a card, the last of them right. */
const cardDigits = fc
  .tuple(
    fc.constantFrom("4", "51", "2221", "37", "36", "6011", "62", "50", "3528", "1", "9"),
    fc.constantFrom(12, 13, 14, 15, 16, 16, 16, 16, 19),
    of(digits, 19),
  )
  .map(([prefix, length, more]) => withLuhnDigit((prefix + more).slice(0, length - 1)));

const grouped = (separator: string, size: number) => (text: string) =>
  (text.match(new RegExp(`.{1,${size}}`, "g")) ?? []).join(separator);
const written = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...separators).map((separator) => grouped(separator, 4)) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      grouped("", 4),
      grouped("", 4),
      grouped(" ", 4),
      grouped("-", 4),
      grouped(" ", 3),
      grouped("-", 6),
      grouped("  ", 4),
      grouped(".", 4),
    ),
  },
);

/** An account with the right check digits. */
const account = fc
  .tuple(fc.constantFrom("DE", "GB", "NO", "BE", "FR", "MT", "RU", "LC", "US"), of(digits + upper, 31))
  .map(([country, more]) => withCheckDigits(country, more.slice(0, (ibanLengths[country] ?? 20) - 4)));

const ssn = fc
  .tuple(
    fc.constantFrom("001", "123", "665", "667", "899", "000", "666", "900"),
    fc.constantFrom("-", "-", "-", " ", " ", "", ".", ...separators),
    fc.constantFrom("01", "45", "99", "00"),
    fc.constantFrom("0001", "6789", "9999", "0000"),
  )
  .map(([area, separator, group, serial]) => [area, group, serial].join(separator));

const email = fc
  .tuple(
    fc.constantFrom("a", "ada.lovelace", "o'brien", "x+y", "müller", ".a", "-", "_", "用户", "𝒜b"),
    fc.constantFrom("@", "@", "@", "@@", "%40"),
    fc.constantFrom(
      "b.cc",
      "mail.example.com",
      "b",
      "b.c",
      "b.x1",
      "b.c0m",
      "-b.com.",
      "münchen.de",
      "b.xn--p1ai",
      "b.XN--",
    ),
  )
  .map((parts) => parts.join(""));

const header = fc
  .constantFrom(
    '{"alg":"HS256"}',
    '{"typ":"JWT",\r\n "alg":"none"}',
    '{ "alg" : "é" }',
    '{"alg":1}',
    '{"a":"alg"}',
    '["alg"]',
  )
  .map((json) => Buffer.from(json).toString("base64url"));
const jwt = fc
  .tuple(header, fc.array(of(base64url, 0, 12), { maxLength: 6 }))
  .map(([first, parts]) => [first, ...parts].join("."));

const key = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        "AKIA",
        "ASIA",
        "AKIB",
        "ghp_",
        "github_pat_",
        "glpat-",
        "AIza",
        "ya29.",
        "hf_",
        "npm_",
        "sk-",
        "SK",
      ),
      fc.constantFrom(16, 17, 19, 20, 28, 32, 35, 36, 40),
      of(base64url, 40),
      of(digits + upper, 40),
      of("0123456789abcdef", 40),
      fc.nat(2),
    )
    .map(([prefix, length, ...rests]) => prefix + String(rests[Number(rests[3])]).slice(0, length)),
  fc
    .tuple(fc.constantFrom("xoxb-", "sk_live_", "rk_test_", "sk_prod_", "SG.", "xapp-"), of(base64url, 9, 66))
    .map((parts) => parts.join("")),
  fc.constantFrom("sk-loading-indicator-container", "sk-loading-indicator-container-2"),
);

const pem = fc
  .tuple(
    fc.constantFrom("PRIVATE KEY", "RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "PUBLIC KEY", "CERTIFICATE"),
    fc.constantFrom("\nMIIB\n", "", " a@b.cc "),
    fc.constantFrom("-----END PRIVATE KEY-----", "-----END X", "", "-----BEGIN PRIVATE KEY-----"),
  )
  .map(([label, body, end]) => `-----BEGIN ${label}-----${body}${end}`);

const filler = fc.constantFrom(
  ..." ,.;:-_/@'\"\n=".split(""),
  ...[
    "a",
    "Z",
    "0",
    "7",
    "é",
    "四",
    "😀",
    "\ud83d",
    "\0",
    "[REDACTED:",
    "]",
    "[REDACTED:email]",
    "0.",
    "-----",
    "ey",
  ],
  ...["DE", "card 4", "hello world", "2024-11-01 10:00", "550e8400-e29b-41d4-a716-446655440000", ""],
);

const fragment = fc.oneof(
  { weight: 3, arbitrary: filler },
  { weight: 3, arbitrary: fc.tuple(cardDigits, written).map(([text, write]) => write(text)) },
  fc
    .tuple(account, written, fc.boolean())
    .map(([text, write, isLower]) => write(isLower ? text.toLowerCase() : text)),
  { weight: 2, arbitrary: ssn },
  email,
  jwt,
  key,
  { weight: 1, arbitrary: pem },
);

/** Fragments side by side, with one character changed, lost or added where things are about to be what they seem. */
export const texts: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fragment, { maxLength: 5 }),
    fc.nat(),
    fc.constantFrom("same", "same", "lost", "added", "changed"),
    fc.constantFrom(..."0aA -.@_]\u00a0\u2013"),
  )
  .map(([fragments, where, what, character]) => {
    const text = fragments.join("");
    const at = where % (text.length + 1);
    if (what === "lost") return text.slice(0, at) + text.slice(at + 1);
    if (what === "added") return text.slice(0, at) + character + text.slice(at);
    return what === "changed" ? text.slice(0, at) + character + text.slice(at + 1) : text;
  });

const names = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "0",
    "1",
    "password",
    "Password",
    "__proto__",
    "constructor",
    "a/b",
    "~",
    "",
    "[REDACTED:email]",
  ),
  fc.constantFrom("a@b.cc", "x@y.zz", "4111111111111111", "[REDACTED:email]#2"),
  texts,
);

const numbers = fc.oneof(
  fc.constantFrom(0, -1, 1.5, 1e21, 4111111111111111, -4111111111111111, 411111111111111, 4.111111111111111),
  cardDigits.map(Number),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Small trees, the names of an object told apart. */
export const values: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof({ weight: 6, arbitrary: texts }, { weight: 2, arbitrary: numbers }, fc.constantFrom(null, true)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const classes = fc.constantFrom<RedactionClass[]>("secret", "pii", "phi", "pan");

/** Mostly the defaults. */
export const options: fc.Arbitrary<RedactionOptions> = fc.record(
  {
    detectors: fc.oneof(fc.constant(DETECTOR_NAMES), fc.subarray([...DETECTOR_NAMES])),
    keys: fc.dictionary(fc.constantFrom("password", "a", "__PROTO__", "a@b.cc"), classes),
    pointers: fc.dictionary(
      fc.constantFrom("", "/a", "/0", "/a/b", "/a~1b", "/~0/0", "/__proto__", "/a@b.cc/a"),
      classes,
    ),
  },
  { requiredKeys: [] },
);

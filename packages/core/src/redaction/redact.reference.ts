/**
 * Test-only: redaction as it is described in docs/spec/record.md, with an expression for each detector that is tried on
 * every stretch of a text, and no thought of time.
 */
import type { JsonValue } from "../record/canonical-json.js";
import type { DetectorName } from "./detectors.js";
import type { MarkClass, SanitizationMark } from "./mark.js";
import type { RedactionOptions } from "./redaction-rules.js";

/** What may stand between groups. */
const spaces = [" ", "\u00a0", "\u2007", "\u2009", "\u202f"];
const hyphens = ["-", "\u2010", "\u2011", "\u2012", "\u2013"];
export const separators: readonly string[] = [...spaces, ...hyphens];
const ungrouped = (text: string) => separators.reduce((left, one) => left.replaceAll(one, ""), text);

/** The longest that begins here and is what the detector looks for; empty when nothing is. */
type Recognise = (text: string, start: number) => string;

const isFree = (text: string, start: number, end: number) =>
  !/[0-9A-Za-z]$/.test(text.slice(0, start)) && !/^[0-9A-Za-z]/.test(text.slice(end));

/** Of the stretches of these lengths that begin here and stand free, the longest that is one. */
function longest(lengths: number, is: (stretch: string, before: string) => boolean): Recognise {
  return (text, start) => {
    for (let length = lengths; length > 0; length--) {
      const stretch = text.slice(start, start + length);
      if (
        stretch.length === length &&
        isFree(text, start, start + length) &&
        is(stretch, text.slice(0, start))
      )
        return stretch;
    }
    return "";
  };
}

const networks = [
  /^220[0-5].{12,15}$/,
  /^(?:222[1-9]|22[3-9].|2[3-6]..|27[01].|2720).{12}$/,
  /^(?:30[0-5].|3095|36..|38..|39..).{10,15}$/,
  /^3[47].{13}$/,
  /^35(?:2[89]|[3-8].).{12,15}$/,
  /^4(?:.{12}|.{15}|.{18})$/,
  /^(?:50|56|57|58|63|67).{10,17}$/,
  /^5[1-5].{14}$/,
  /^(?:60|62|65).{14,17}$/,
  /^64[4-9].{13,16}$/,
  /^81(?:[0-6].|7[01]).{12,15}$/,
  /^(?:82..|8600|9792|9860).{12}$/,
];

/** Whether a network issues numbers that begin so and are so long. */
export function isOfNetwork(digits: string): boolean {
  return networks.some((network) => network.test(digits));
}

/** The last digit that makes a number of it. */
export function withLuhnDigit(digits: string): string {
  return digits + ([..."0123456789"].find((digit) => hasLuhnDigit(digits + digit)) ?? "");
}

/** The sum of the digits, every second from the right doubled, ends in 0. */
function hasLuhnDigit(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const doubled = String(Number(digit) * (1 + (at % 2)));
    return total + [...doubled].reduce((part, one) => part + Number(one), 0);
  }, 0);
  return sum % 10 === 0;
}

const card = longest(19 + 5, (stretch, before) => {
  const digits = ungrouped(stretch);
  const alike = separators.reduce((left, one) => left.replaceAll(one, "-"), stretch);
  return (
    /^[0-9]{3,}(?:-[0-9]{3,})*$/.test(alike) &&
    !/[0-9]\.$/.test(before) &&
    isOfNetwork(digits) &&
    hasLuhnDigit(digits)
  );
});

export const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 " +
    "FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 " +
    "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 " +
    "RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
  )
    .split(" ")
    .map((country) => [country.slice(0, 2), Number(country.slice(2))]),
);

/** With its country and the right check digits. */
export function withCheckDigits(country: string, rest: string): string {
  const check = 98 - ibanRemainder(`${country}00${rest}`);
  return `${country}${String(check).padStart(2, "0")}${rest}`;
}

/** As one huge number. */
function ibanRemainder(account: string): number {
  const turned = `${account.slice(4)}${account.slice(0, 4)}`.toUpperCase();
  const digits = [...turned].map((character) =>
    String("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(character)),
  );
  return Number(BigInt(digits.join("")) % 97n);
}

const iban = longest(33 + 8, (stretch) => {
  const account = ungrouped(stretch);
  const groups = account.match(/.{1,4}/g) ?? [];
  return (
    /^[A-Za-z]{2}[0-9]{2}[0-9A-Za-z]+$/.test(account) &&
    ["", ...separators].some((separator) => groups.join(separator) === stretch) &&
    ibanLengths[account.slice(0, 2).toUpperCase()] === account.length &&
    ibanRemainder(account) === 1
  );
});

const ssn = longest(11, (stretch) => {
  const [area = "", group, serial, ...more] = stretch.split(stretch.charAt(3));
  return (
    separators.includes(stretch.charAt(3)) &&
    /^[0-9]{3}.[0-9]{2}.[0-9]{4}$/.test(stretch) &&
    more.length === 0 &&
    serial !== undefined &&
    !["000", "666"].includes(area) &&
    Number(area) < 900 &&
    group !== "00" &&
    serial !== "0000"
  );
});

const word = "[[\\p{L}\\p{M}\\p{N}]&&[\\u0000-\\uffff]]";
const letter = "[[\\p{L}\\p{M}]&&[\\u0000-\\uffff]]";
const local = `(?:${word}|_)(?:${word}|[._%+'\\-])*`;
const domain = `(?:(?:${word}|-)+\\.)+(?:xn--(?:${word}|-)+|${letter}{2,})`;
const address = new RegExp(`^${local}@${domain}`, "iv");
const localBefore = new RegExp(`(?:${word}|_)[._%+'\\-]*$`, "v");

/** Of a local part no character but dots and the like goes before. */
const email: Recognise = (text, start) =>
  localBefore.test(text.slice(0, start)) ? "" : (address.exec(text.slice(start))?.[0] ?? "");

const jwt: Recognise = (text, start) => {
  const [token = "", header = ""] =
    /^(ey[\w-]*)\.[\w-]*\.[\w-]*(?:\.[\w-]+\.[\w-]+)?/.exec(text.slice(start)) ?? [];
  const isWhole = !/[\w-]$/.test(text.slice(0, start)) && header.length % 4 !== 1;
  return isWhole && hasAlgorithm(header) ? token : "";
};

function hasAlgorithm(header: string): boolean {
  try {
    return typeof JSON.parse(Buffer.from(header, "base64url").toString("latin1")).alg === "string";
  } catch {
    return false;
  }
}

const keys = [
  /^(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])/,
  /^dckr_pat_[\w-]{20,}/,
  /^do[opr]_v1_[0-9a-f]{64,}/,
  /^gh[oprsu]_\w{36,}/,
  /^github_pat_\w{36,}/,
  /^gl(?:pat|dt|rt|ptt|cbt)-[\w-]{20,}/,
  /^AIza[\w-]{35,}/,
  /^GOCSPX-[\w-]{28,}/,
  /^ya29\.[\w-]{20,}/,
  /^hf_[0-9A-Za-z]{30,}/,
  /^npm_[0-9A-Za-z]{36,}/,
  /^sk-(?=[\w-]*[0-9])[\w-]{20,}/,
  /^pypi-[\w-]{50,}/,
  /^SG\.[\w.-]{60,}/,
  /^shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32,}/,
  /^xox[abcdeoprs]-[\w-]{10,}/,
  /^xapp-[\w-]{10,}/,
  /^[sr]k_(?:live|test)_[0-9A-Za-z]{10,}/,
  /^whsec_[0-9A-Za-z]{24,}/,
  /^SK[0-9a-f]{32}(?![0-9A-Za-z])/,
  /^hvs\.[\w-]{24,}/,
];

const apiKey: Recognise = (text, start) =>
  /[0-9A-Za-z]$/.test(text.slice(0, start))
    ? ""
    : (keys.map((key) => key.exec(text.slice(start))?.[0] ?? "").find((key) => key !== "") ?? "");

const privateKey: Recognise = (text, start) =>
  /^-----BEGIN (?:[0-9A-Z]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [0-9A-Z ]{0,80}(?:-----)?|$)/.exec(
    text.slice(start),
  )?.[0] ?? "";

/** In the order of docs/spec/record.md. */
const DETECTORS: Readonly<Record<DetectorName, readonly [MarkClass, Recognise]>> = {
  "private-key": ["secret", privateKey],
  jwt: ["secret", jwt],
  "api-key": ["secret", apiKey],
  "payment-card": ["pan", card],
  iban: ["pii", iban],
  "us-ssn": ["pii", ssn],
  email: ["pii", email],
};

interface Find {
  readonly name: DetectorName;
  readonly start: number;
  readonly end: number;
}

/** All that is found in a text, overlapping or not. */
export function findsIn(text: string, names: readonly DetectorName[]): readonly Find[] {
  return (Object.keys(DETECTORS) as DetectorName[])
    .filter((name) => names.includes(name))
    .flatMap((name) =>
      Array.from({ length: text.length }, (_, start) => ({
        name,
        start,
        end: start + DETECTORS[name][1](text, start).length,
      })),
    )
    .filter(({ start, end }) => end > start);
}

/** Stretches that overlap as one, named by the first and longest of them. */
function apart(finds: readonly Find[]): Find[] {
  for (const one of finds) {
    const other = finds.find((two) => two !== one && two.start < one.end && one.start < two.end);
    if (other === undefined) continue;
    const named = [one, other].sort((a, b) => a.start - b.start || b.end - a.end)[0] ?? one;
    const both = { name: named.name, start: named.start, end: Math.max(one.end, other.end) };
    return apart(finds.map((find) => (find === one ? both : find)).filter((find) => find !== other));
  }
  return [...finds].sort((a, b) => a.start - b.start);
}

/** A text after redaction, and the names of what was found, round by round. */
function textByReference(
  text: string,
  names: readonly DetectorName[],
): { text: string; found: DetectorName[] } {
  const finds = apart(findsIn(text, names));
  if (finds.length === 0) return { text, found: [] };
  const pieces = finds.map(
    ({ name, start }, at) => `${text.slice(finds[at - 1]?.end ?? 0, start)}[REDACTED:${name}]`,
  );
  const next = textByReference(pieces.join("") + text.slice(finds.at(-1)?.end), names);
  return { text: next.text, found: [...finds.map(({ name }) => name), ...next.found] };
}

/** What `redact` should make of a value. Recursive. */
export function redactByReference(
  value: JsonValue,
  options: RedactionOptions,
): { readonly value: JsonValue; readonly marks: readonly SanitizationMark[] } {
  const names = options.detectors ?? (Object.keys(DETECTORS) as DetectorName[]);
  const acts: { pointer: string; class: MarkClass }[] = [];
  const act = (pointer: string, classes: readonly MarkClass[]) =>
    acts.push(...classes.map((one) => ({ pointer: cut(pointer), class: one })));
  const classOf = (name: DetectorName) => DETECTORS[name][0];

  /** `path`: by the names as they came in. `pointer`: by the names as they go out. */
  function redacted(value: JsonValue, path: string, pointer: string, key: string | undefined): JsonValue {
    const as =
      options.pointers?.[path] ??
      Object.entries(options.keys ?? {}).find(([one]) => one.toLowerCase() === key?.toLowerCase())?.[1];
    if (as !== undefined) {
      if (value !== `[REDACTED:${as}]`) act(pointer, [as]);
      return `[REDACTED:${as}]`;
    }
    if (typeof value === "string") {
      const { text, found } = textByReference(value, names);
      act(pointer, found.map(classOf));
      return text;
    }
    if (typeof value === "number") {
      const isFound = names.includes("payment-card") && isCardNumber(value);
      if (isFound) act(pointer, ["pan"]);
      return isFound ? "[REDACTED:payment-card]" : value;
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value))
      return value.map((item, at) => redacted(item, `${path}/${at}`, `${pointer}/${at}`, undefined));
    const members = membersByReference(Object.keys(value));
    for (const { found, out } of members) act(`${pointer}/${escaped(out)}`, found.map(classOf));
    return Object.fromEntries(
      members.map(({ name, out }) => [
        out,
        redacted(
          (value as Record<string, JsonValue>)[name] ?? null,
          `${path}/${escaped(name)}`,
          `${pointer}/${escaped(out)}`,
          name,
        ),
      ]),
    );
  }

  function membersByReference(own: readonly string[]) {
    const members = own.map((name) => ({ name, ...textByReference(name, names) }));
    const taken = members.filter(({ found }) => found.length === 0).map(({ name }) => name);
    return members.map(({ name, text, found }) => {
      let out = text;
      for (let number = 2; found.length > 0 && taken.includes(out); number++) out = `${text}#${number}`;
      taken.push(out);
      return { name, found, out };
    });
  }

  const result = redacted(value, "", "", undefined);
  return { value: result, marks: marksOf(acts) };
}

/** The names from the front on that fit into 256 characters. */
function cut(pointer: string): string {
  return pointer.length <= 256 ? pointer : cut(pointer.slice(0, pointer.lastIndexOf("/")));
}

const escaped = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

function isCardNumber(value: number): boolean {
  const digits = BigInt(Number.isInteger(value) ? Math.abs(value) : 0).toString();
  if (digits.length > 19 || !isOfNetwork(digits)) return false;
  return Math.abs(value) >= 2 ** 53 || hasLuhnDigit(digits);
}

function marksOf(
  acts: readonly { readonly pointer: string; readonly class: MarkClass }[],
): SanitizationMark[] {
  const same = (a: (typeof acts)[number], b: (typeof acts)[number]) =>
    a.pointer === b.pointer && a.class === b.class;
  return acts
    .filter((one, at) => acts.findIndex((other) => same(one, other)) === at)
    .map((one) => {
      const count = acts.filter((other) => same(one, other)).length;
      return { pointer: one.pointer, action: "redact", class: one.class, ...(count > 1 && { count }) };
    });
}

/** Keys whose issuer can be told by their first characters. */
import { ALPHANUMERIC, type AsciiSet, asciiSet, BASE64URL, isOneAt } from "./ascii.js";
import type { Detector } from "./detector.js";
import { type Span, spansOf } from "./span.js";
import { textNeeds } from "./text-traits.js";

/** How the keys of one issuer begin and go on. */
export interface KeyForm {
  readonly prefixes: readonly string[];
  /** Characters of the rest. */
  readonly rest: AsciiSet;
  /** So many of them at least; the key then takes in all that follow. */
  readonly minCharacters: number;
  /** Not more either, with no letter or digit behind: for prefixes that begin ordinary words too. */
  readonly isExact?: true;
  /** With a digit among them: for prefixes that words joined by hyphens could follow. */
  readonly hasDigit?: true;
}

const NO_DIGIT = asciiSet(/[^0-9]/);
const UPPER_CASE = asciiSet(/[0-9A-Z]/);
const WORD = asciiSet(/[0-9A-Za-z_]/);
const DOTTED = asciiSet(/[0-9A-Za-z._-]/);
const HEX = asciiSet(/[0-9a-f]/);
const HEX_OF_ANY_CASE = asciiSet(/[0-9A-Fa-f]/);

/** Of all issuers that are known. */
export const KEY_FORMS: readonly KeyForm[] = [
  { prefixes: ["AKIA", "ASIA"], rest: UPPER_CASE, minCharacters: 16, isExact: true }, // AWS
  { prefixes: ["dckr_pat_"], rest: BASE64URL, minCharacters: 20 }, // Docker Hub
  { prefixes: ["doo_v1_", "dop_v1_", "dor_v1_"], rest: HEX, minCharacters: 64 }, // DigitalOcean
  { prefixes: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], rest: WORD, minCharacters: 36 }, // GitHub
  { prefixes: ["github_pat_"], rest: WORD, minCharacters: 36 },
  { prefixes: ["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-"], rest: BASE64URL, minCharacters: 20 }, // GitLab
  { prefixes: ["AIza"], rest: BASE64URL, minCharacters: 35 }, // Google
  { prefixes: ["GOCSPX-"], rest: BASE64URL, minCharacters: 28 },
  { prefixes: ["ya29."], rest: BASE64URL, minCharacters: 20 },
  { prefixes: ["hf_"], rest: ALPHANUMERIC, minCharacters: 30 }, // Hugging Face
  { prefixes: ["npm_"], rest: ALPHANUMERIC, minCharacters: 36 },
  { prefixes: ["sk-"], rest: BASE64URL, minCharacters: 20, hasDigit: true }, // OpenAI, Anthropic and others
  { prefixes: ["pypi-"], rest: BASE64URL, minCharacters: 50 },
  { prefixes: ["SG."], rest: DOTTED, minCharacters: 60 }, // SendGrid
  { prefixes: ["shpat_", "shpca_", "shppa_", "shpss_"], rest: HEX_OF_ANY_CASE, minCharacters: 32 }, // Shopify
  { prefixes: ["xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-"], rest: BASE64URL, minCharacters: 10 }, // Slack
  { prefixes: ["xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"], rest: BASE64URL, minCharacters: 10 },
  { prefixes: ["sk_live_", "sk_test_", "rk_live_", "rk_test_"], rest: ALPHANUMERIC, minCharacters: 10 }, // Stripe
  { prefixes: ["whsec_"], rest: ALPHANUMERIC, minCharacters: 24 },
  { prefixes: ["SK"], rest: HEX, minCharacters: 32, isExact: true }, // Twilio
  { prefixes: ["hvs."], rest: BASE64URL, minCharacters: 24 }, // Vault
];

const BY_PREFIX: ReadonlyMap<string, KeyForm> = new Map(
  KEY_FORMS.flatMap((form) => form.prefixes.map((prefix) => [prefix, form] as const)),
);

/** Any of the prefixes, where no letter or digit goes before. None of them begins another. */
const PREFIX = new RegExp(
  `(?<![A-Za-z0-9])(?:${[...BY_PREFIX.keys()].map((prefix) => prefix.replace(".", "\\.")).join("|")})`,
  "g",
);

const MIN_CHARACTERS = Math.min(
  ...[...BY_PREFIX].map(([prefix, { minCharacters }]) => prefix.length + minCharacters),
);

/** A known prefix and as many characters behind it as keys of that issuer have. */
export const apiKey: Detector<"api-key"> = {
  name: "api-key",
  class: "secret",
  // Every prefix has one of these characters.
  needs: textNeeds(MIN_CHARACTERS, 0, "-_.KI"),
  find: findKeys,
};

function findKeys(text: string): readonly Span[] {
  const keys: Span[] = [];
  // How far the text was followed in each set: a prefix inside of what was followed goes on from there.
  const followed = new Map<AsciiSet, number>();
  const follow = (set: AsciiSet, from: number) => {
    let end = Math.max(from, followed.get(set) ?? 0);
    while (isOneAt(set, text, end)) end++;
    followed.set(set, end);
    return end;
  };
  for (const { start, end: rest } of spansOf(PREFIX, text)) {
    const form = BY_PREFIX.get(text.slice(start, rest));
    if (form === undefined) continue;
    const end = follow(form.rest, rest);
    if (end - rest < form.minCharacters) continue;
    if (form.isExact && (end - rest > form.minCharacters || isOneAt(ALPHANUMERIC, text, end))) continue;
    if (form.hasDigit && follow(NO_DIGIT, rest) >= end) continue;
    keys.push({ start, end });
  }
  return keys;
}

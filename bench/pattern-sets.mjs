// Thirty patterns as the filters of a large policy have them.
import { SENSITIVE } from "./documents.mjs";

// Five of them stand in dirty documents, where `SENSITIVE` has them already; so thirty patterns leave what one leaves.
const NAMES = [
  ...["password", "apiKey", "card_number", "cvv", "taxId", "iban", "pin", "otp", "sessionId", "cookie"],
  ...["passport", "birthDate", "license", "bankAccount", "routing", "maidenName", "salary", "diagnosis"],
  ...["prescription", "fingerprint", "faceId", "deviceId", "ipAddress", "pgpKey", "seedPhrase", "nonce"],
  ...["refreshToken", "clientSecret", "recoveryCode"],
];

const SHAPES = [
  (name) => ({ pattern: `\\.${name}$`, flags: "i" }),
  (name) => ({ pattern: `^\\$\\.data\\[\\d+\\]\\.${name}$` }),
  (name) => ({ pattern: `^\\$\\.data\\[\\d+\\]\\..*\\.${name}$` }),
  (name) => ({ pattern: `\\.(old|previous|backup)_?${name}(\\.|\\[|$)`, flags: "i" }),
];

/**
 * `SENSITIVE` and 29 others: at any depth, at one, below one, and with a variant of the name.
 *
 * @param {string} [variant] put behind each name, so that no pattern has been compiled before
 */
export function thirtyPatterns(variant = "") {
  const others = NAMES.map((name, index) => SHAPES[index % SHAPES.length](`${name}${variant}`));
  return [{ ...SENSITIVE, pattern: SENSITIVE.pattern.replace("secret", `secret${variant}`) }, ...others];
}

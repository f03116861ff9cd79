/** Numbers of payment cards (ISO/IEC 7812): a known network, a length it issues, and the check digit of Luhn. */
import { DIGIT, isOneAt } from "./ascii.js";
import type { Detector } from "./detector.js";
import { isSeparatorAt } from "./separators.js";
import { type Span, spansOf } from "./span.js";
import { textNeeds } from "./text-traits.js";

const MIN_DIGITS = 12;
const MAX_DIGITS = 19;

/** First four digits, from and to, and how many digits such numbers have, from and to. */
const NETWORKS: readonly (readonly [from: number, to: number, minDigits: number, maxDigits: number])[] = [
  [2200, 2205, 16, 19], // Mir
  [2221, 2720, 16, 16], // Mastercard
  [3000, 3059, 14, 19], // Diners Club
  [3095, 3095, 14, 19],
  [3400, 3499, 15, 15], // American Express
  [3528, 3589, 16, 19], // JCB
  [3600, 3699, 14, 19], // Diners Club
  [3700, 3799, 15, 15], // American Express
  [3800, 3999, 14, 19], // Diners Club
  [4000, 4999, 13, 13], // Visa
  [4000, 4999, 16, 16],
  [4000, 4999, 19, 19],
  [5000, 5099, 12, 19], // Maestro
  [5100, 5599, 16, 16], // Mastercard
  [5600, 5899, 12, 19], // Maestro
  [6000, 6099, 16, 19], // Discover, RuPay
  [6200, 6299, 16, 19], // UnionPay
  [6300, 6399, 12, 19], // Maestro
  [6440, 6599, 16, 19], // Discover, RuPay
  [6700, 6799, 12, 19], // Maestro
  [8100, 8171, 16, 19], // UnionPay, RuPay
  [8200, 8299, 16, 16], // RuPay
  [8600, 8600, 16, 16], // Uzcard
  [9792, 9792, 16, 16], // Troy
  [9860, 9860, 16, 16], // Humo
];

/** By the first four digits: bit n says that numbers of n digits are issued. */
const ISSUED_LENGTHS = new Uint32Array(10_000);
for (const [from, to, minDigits, maxDigits] of NETWORKS) {
  const lengths = 2 ** (maxDigits + 1) - 2 ** minDigits;
  for (let network = from; network <= to; network++)
    ISSUED_LENGTHS[network] = lengths | issuedLengths(network);
}

/** Digits that stand for themselves. Shorter groups are not how cards are written, but how tables and dates are. */
const GROUP = /(?<![A-Za-z0-9])[0-9]{3,19}(?![A-Za-z0-9])/g;

/** Groups of at least three digits, with one space or hyphen between two. */
export const paymentCard: Detector<"payment-card"> = {
  name: "payment-card",
  class: "pan",
  needs: textNeeds(MIN_DIGITS, MIN_DIGITS, ""),
  find: findPaymentCards,
};

/**
 * Whether a JSON number is that of a card. Beyond 2^53 its last digits, and with them the check digit, were lost
 * when it was read: then network and length decide.
 */
export function isPaymentCardNumber(value: number): boolean {
  const magnitude = Math.abs(value);
  if (!Number.isInteger(value) || magnitude < 1e11 || magnitude >= 1e19) return false;
  const digits = String(magnitude);
  return isIssued(digits) && (!Number.isSafeInteger(value) || hasCheckDigit(digits));
}

function findPaymentCards(text: string): readonly Span[] {
  const cards: Span[] = [];
  const groups = spansOf(GROUP, text);
  for (let first = 0; first < groups.length; first++) {
    const start = groups[first]?.start ?? 0;
    const end = cardEnd(text, groups, first);
    if (end !== undefined && !isFraction(text, start)) cards.push({ start, end });
  }
  return cards;
}

/** The digits behind a decimal point are no card, though one in ten has the check digit. */
function isFraction(text: string, start: number): boolean {
  return text[start - 1] === "." && isOneAt(DIGIT, text, start - 2);
}

/** Where the longest card ends that begins with this group: no more than six groups are looked at. */
function cardEnd(text: string, groups: readonly Span[], first: number): number | undefined {
  let digits = "";
  let end: number | undefined;
  for (let at = first; at < groups.length; at++) {
    const group = groups[at];
    const before = groups[at - 1];
    if (group === undefined || (at > first && !(before && areJoined(text, before, group)))) break;
    digits += text.slice(group.start, group.end);
    if (digits.length > MAX_DIGITS) break;
    if (digits.length >= MIN_DIGITS && isIssued(digits) && hasCheckDigit(digits)) end = group.end;
  }
  return end;
}

function areJoined(text: string, before: Span, after: Span): boolean {
  return after.start - before.end === 1 && isSeparatorAt(text, before.end);
}

/** Whether a network issues numbers that begin so and are so long. */
export function isIssued(digits: string): boolean {
  return (issuedLengths(Number(digits.slice(0, 4))) & (1 << digits.length)) !== 0;
}

function issuedLengths(network: number): number {
  return ISSUED_LENGTHS[network] ?? 0;
}

/** The formula of Luhn (ISO/IEC 7812-1 annex B): every second digit from the right counts twice, digit by digit. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, isDoubled = false; at >= 0; at--, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(at) - 0x30;
    sum += isDoubled ? digit * 2 - (digit > 4 ? 9 : 0) : digit;
  }
  return sum % 10 === 0;
}

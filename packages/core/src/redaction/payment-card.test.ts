import { describe, expect, it } from "vitest";
import { isPaymentCardNumber, paymentCard } from "./payment-card.js";
import { isOfNetwork, separators, withLuhnDigit } from "./redact.reference.js";

const cardsIn = (text: string) => paymentCard.find(text).map(({ start, end }) => text.slice(start, end));

describe("a payment card", () => {
  it.each([
    ["Visa", "4111111111111111"],
    ["Visa of 13 digits", "4222222222222"],
    ["Mastercard", "5555 5555 5555 4444"],
    ["Mastercard, new range", "2223-0031-2200-3222"],
    ["American Express", "3782 822463 10005"],
    ["Diners Club", "3056 930902 5904"],
    ["Discover", "6011111111111117"],
    ["JCB", "3530 1113 3330 0000"],
    ["UnionPay", "6200000000000005"],
    ["Maestro", "6759649826438453"],
    ["Maestro of 12 digits", "500000000009"],
    ["Mir", "2200000000000004"],
  ])("of %s is found: %s", (_, number) => {
    expect(cardsIn(`pay with ${number}.`)).toEqual([number]);
  });

  it.each(separators)("is found with %j between its groups, and with others beside it", (separator) => {
    const number = ["4111", "1111", "1111", "1111"].join(separator);
    expect(cardsIn(`pay with ${number}.`)).toEqual([number]);
    expect(cardsIn(`pay with 4111 1111${separator}1111-1111.`)).toHaveLength(1);
  });

  it.each([
    ["the check digit is wrong", "4111111111111112"],
    ["no network issues such numbers", "9999999999999995"],
    ["its network issues none of that length", "411111111111116"],
    ["it is part of a longer run of digits", "94111111111111111"],
    ["it is part of a word", "x4111111111111111"],
    ["two spaces stand between groups", "4111 1111  1111 1111"],
    ["a group has less than three digits", "41 11 11 11 11 11 11 11"],
    ["it is the fraction of a number", "0.4111111111111111"],
    ["another character stands between groups", "4111\u20141111\u20141111\u20141111"],
    ["its digits are not those of ASCII", "４１１１１１１１１１１１１１１１"],
  ])("is none where %s: %s", (_, text) => {
    expect(cardsIn(text)).toEqual([]);
  });

  it("is of a network and a length exactly where the naive twin says so", () => {
    const differing: string[] = [];
    for (let network = 1000; network < 10_000; network++) {
      for (let length = 11; length <= 20; length++) {
        const number = withLuhnDigit(String(network).padEnd(length - 1, "7"));
        if (cardsIn(number).length > 0 !== isOfNetwork(number)) differing.push(number);
      }
    }
    expect(differing).toEqual([]);
  });

  it("is found among other groups of digits, as long as it can be", () => {
    expect(cardsIn("123 4111 1111 1111 1111 2027")).toEqual(["4111 1111 1111 1111"]);
  });
});

describe("a number that is a card's", () => {
  it.each([4111111111111111, -4111111111111111, 378282246310005, 500000000009])(
    "is whole and checked: %d",
    (value) => {
      expect(isPaymentCardNumber(value)).toBe(true);
    },
  );

  it.each([4111111111111112, 411111111111111.1, 1, 1.5, 4e20, Number.NaN, Number.POSITIVE_INFINITY])(
    "is not every number: %d",
    (value) => {
      expect(isPaymentCardNumber(value)).toBe(false);
    },
  );

  it("cannot be checked beyond 2^53, and is taken for one when its network has such", () => {
    expect(Number("6200000000000000003")).toBe(6200000000000000000);
    expect(isPaymentCardNumber(Number("6200000000000000003"))).toBe(true);
    expect(isPaymentCardNumber(Number("1200000000000000003"))).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { iban } from "./iban.js";
import { ibanLengths, separators, withCheckDigits } from "./redact.reference.js";

const accountsIn = (text: string) => iban.find(text).map(({ start, end }) => text.slice(start, end));

describe("an IBAN", () => {
  it.each([
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "de89-3704-0044-0532-0130-00",
    "NO9386011117947",
    "BE68 5390 0754 7034",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "LC55HEMM000100010012001200023015",
  ])("is found: %s", (account) => {
    expect(accountsIn(`to ${account}, please`)).toEqual([account]);
  });

  it.each(separators)("is found with %j after each group", (separator) => {
    const account = ["BE68", "5390", "0754", "7034"].join(separator);
    expect(accountsIn(`to ${account}, please`)).toEqual([account]);
  });

  it.each([
    ["the check digits are wrong", "DE88370400440532013000"],
    ["it is too short for its country", "DE8937040044053201300"],
    ["it is too long for its country", "DE893704004405320130000"],
    ["the country has none", "US89370400440532013000"],
    ["letters go before", "XDE89370400440532013000"],
    ["groups are not of four", "DE89 370400 440532 013000"],
    ["separators differ", "DE89 3704-0044 0532 0130 00"],
    ["spaces differ", "DE89 3704\u00a00044 0532 0130 00"],
    ["the text ends too early", "DE89 3704 0044 0532 0130"],
  ])("is none where %s: %s", (_, text) => {
    expect(accountsIn(text)).toEqual([]);
  });

  it("is as long as its country says, for every two letters", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const lengths = Array.from({ length: 40 }, (_, length) => length).slice(5);
    const found = [...letters].flatMap((first) =>
      [...letters].flatMap((second) =>
        lengths
          .filter((length) => accountsIn(withCheckDigits(first + second, "7".repeat(length - 4))).length > 0)
          .map((length) => [first + second, length]),
      ),
    );
    expect(Object.fromEntries(found)).toEqual(ibanLengths);
  });

  it("is not made of a text that ends early and has a remainder of 1 by chance", () => {
    expect(accountsIn("de2221655498732502")).toEqual([]);
  });
});

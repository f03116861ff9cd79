import { describe, expect, it } from "vitest";
import { email } from "./email.js";

const addressesIn = (text: string) => email.find(text).map(({ start, end }) => text.slice(start, end));

describe("an e-mail address", () => {
  it.each([
    "a@b.cc",
    "ada.lovelace+notes@mail.example.com",
    "o'brien@example.org",
    "_x-1%2@sub-domain.example.co.uk",
    "müller@münchen.de",
    "用户@例子.公司",
    "ada@example.xn--p1ai",
  ])("is found: %s", (address) => {
    expect(addressesIn(`<${address}>`)).toEqual([address]);
  });

  it.each([
    ["behind a mark of punctuation", "mail to:a@b.cc.", "a@b.cc"],
    ["in quotes", "'a@b.cc'", "a@b.cc"],
    ["in a query", "?x=1&mail=a@b.cc&y=2", "a@b.cc"],
    ["as the user of a URL", "https://u:p4ss@host.example/", "p4ss@host.example"],
    ["before other characters", "a@b.cc_1", "a@b.cc"],
    ["before a label that ends no domain", "a@b.cc.1", "a@b.cc"],
    ["beside an emoji", "😀a@b.cc😀", "a@b.cc"],
  ])("is found %s: %s", (_, text, address) => {
    expect(addressesIn(text)).toEqual([address]);
  });

  it.each(["@", "a@", "@b.cc", "a@b", "a@b.c", "a@b.1c", "a@.cc", "a@b..cc", "a b@", "pkg@1.2.3", ".@b.cc"])(
    "is none without a local part and a domain: %s",
    (text) => {
      expect(addressesIn(text)).toEqual([]);
    },
  );

  it("may share characters with another", () => {
    expect(addressesIn("a@b.cc@d.ee")).toEqual(["a@b.cc", "b.cc@d.ee"]);
  });
});

import { describe, expect, it } from "vitest";
import { privateKey } from "./private-key.js";

const keysIn = (text: string) => privateKey.find(text).map(({ start, end }) => text.slice(start, end));
const block = (label: string) => `-----BEGIN ${label}-----\nMIIBVQIBADANBg==\n-----END ${label}-----`;

describe("a private key", () => {
  it.each([
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
  ])("is found: %s", (label) => {
    expect(keysIn(`a\n${block(label)}\nb`)).toEqual([block(label)]);
  });

  it("is found where line ends are spelled out, as in an environment variable", () => {
    const spelled = block("PRIVATE KEY").replaceAll("\n", "\\n");
    expect(keysIn(`KEY=${spelled};`)).toEqual([spelled]);
  });

  it.each(["PUBLIC KEY", "CERTIFICATE", "private key", "A B C D PRIVATE KEY"])(
    "is not everything in PEM: %s",
    (label) => {
      expect(keysIn(block(label))).toEqual([]);
    },
  );

  it("reaches to the end of the text where it was cut off", () => {
    expect(keysIn("x -----BEGIN PRIVATE KEY-----\nMIIBVQ")).toEqual(["-----BEGIN PRIVATE KEY-----\nMIIBVQ"]);
  });

  it("is found behind another whose last dashes were lost", () => {
    const cut = block("PRIVATE KEY").slice(0, -5);
    expect(keysIn(`${cut}\n${block("EC PRIVATE KEY")}`)).toEqual([cut, block("EC PRIVATE KEY")]);
    expect(keysIn(cut + block("EC PRIVATE KEY"))).toEqual([`${cut}-----`, block("EC PRIVATE KEY")]);
  });
});

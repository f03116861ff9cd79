import { describe, expect, it } from "vitest";
import { jwt } from "./jwt.js";

const encoded = (text: string) => Buffer.from(text).toString("base64url");
const header = encoded('{"alg":"HS256","typ":"JWT"}');
const tokensIn = (text: string) => jwt.find(text).map(({ start, end }) => text.slice(start, end));

describe("a JWT", () => {
  it.each([
    ["signed", `${header}.${encoded('{"sub":"1"}')}.c2lnbmF0dXJl`],
    ["unsigned", `${header}.${encoded('{"sub":"1"}')}.`],
    ["with a detached payload", `${header}..c2lnbmF0dXJl`],
    ["encrypted", `${header}.a2V5.aXY.dGV4dA.dGFn`],
    ["encrypted with an agreed key", `${header}..aXY.dGV4dA.dGFn`],
    ["with white space in its header", `${encoded('{ "alg": "none" }\n')}.e30.`],
  ])("is found %s", (_, token) => {
    expect(tokensIn(`Bearer ${token},`)).toEqual([token]);
  });

  it.each([
    ["there are only two parts", `${header}.e30`],
    ["the header is no JSON", `${encoded('{"alg":"HS256"')}.e30.c2ln`],
    ["the header has no `alg`", `${encoded('{"typ":"JWT"}')}.e30.c2ln`],
    ["`alg` is no text", `${encoded('{"alg":256,"x":1}')}.e30.c2ln`],
    ["the header is a list", `${encoded('["alg", "alg"]')}.e30.c2ln`],
    ["the header is inside of a longer part", `x${header}.e30.c2ln`],
    ["the first part cannot be base64url", `${header}aa.e30.c2ln`],
    ["it is a host name", "eyes.example.com"],
  ])("is none where %s", (_, text) => {
    expect(tokensIn(text)).toEqual([]);
  });

  it("takes two more parts only as a pair", () => {
    expect(tokensIn(`${header}.e30.c2ln.more`)).toEqual([`${header}.e30.c2ln`]);
    expect(tokensIn(`${header}.e30.c2ln..more`)).toEqual([`${header}.e30.c2ln`]);
    expect(tokensIn(`${header}.e30.c2ln.more.`)).toEqual([`${header}.e30.c2ln`]);
  });
});

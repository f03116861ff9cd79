import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeaderList } from "./header-list.js";
import { headerListOf, lightHeaders } from "./light-headers.js";

const names = fc.constantFrom("accept", "content-type", "cookie", "set-cookie", "x-a", "x-b", "date");
const values = fc.constantFrom("1", "a, b", "text/html", "k=v; Path=/", "\u00e9");
const pairs = fc.array(fc.tuple(names, values), { maxLength: 6 });

/** Each does one thing to some headers, and says what came of it. */
const acts: fc.Arbitrary<(headers: Headers) => unknown> = fc.oneof(
  names.map((name) => (headers: Headers) => headers.get(name.toUpperCase())),
  names.map((name) => (headers: Headers) => headers.has(name)),
  fc.tuple(names, values).map(
    ([name, value]) =>
      (headers: Headers) =>
        headers.append(name, value),
  ),
  fc.tuple(names, values).map(
    ([name, value]) =>
      (headers: Headers) =>
        headers.set(name, value),
  ),
  names.map((name) => (headers: Headers) => headers.delete(name)),
  fc.constant((headers: Headers) => headers.getSetCookie()),
  fc.constant((headers: Headers) => [...headers]),
  fc.constant((headers: Headers) => [...headers.keys(), ...headers.values(), ...headers.entries()]),
  fc.constant((headers: Headers) => {
    const seen: unknown[] = [];
    headers.forEach((value, name) => {
      seen.push([name, value]);
    });
    return seen;
  }),
  fc.constant((headers: Headers) => [...new Headers(headers)]),
  fc.constant((headers: Headers) => [...new Request("http://a", { headers }).headers]),
  fc.constant((headers: Headers) => [...new Response("", { headers }).headers]),
  fc.constant((headers: Headers) => inspect(headers)),
  fc.constantFrom("", "a b", "\u212a", "x:").map((name) => (headers: Headers) => {
    try {
      return headers.get(name);
    } catch (error) {
      return (error as Error).constructor.name;
    }
  }),
);

function platformOf(given: readonly (readonly [string, string])[]): Headers {
  const headers = new Headers();
  for (const [name, value] of given) headers.append(name, value);
  return headers;
}

describe("light headers", () => {
  it("do what the platform's do, whatever is done to them in turn", () => {
    fc.assert(
      fc.property(pairs, fc.array(acts, { maxLength: 8 }), (given, several) => {
        const [light, platform] = [lightHeaders(HeaderList.from(given)), platformOf(given)];
        for (const act of several) expect(act(light)).toEqual(act(platform));
        expect([...new Headers([...headerListOf(light)].map(([name, value]) => [name, value]))]).toEqual([
          ...platform,
        ]);
      }),
    );
  });

  it("are headers of the platform", () => {
    const light = lightHeaders(HeaderList.from([["a", "1"]]));
    expect(light).toBeInstanceOf(Headers);
    expect(light.constructor).toBe(Headers);
    expect(Object.prototype.toString.call(light)).toBe("[object Headers]");
  });

  it("leave the list that they are made of as it is", () => {
    const list = HeaderList.from([["a", "1"]]);
    lightHeaders(list).set("a", "2");
    expect([...list]).toEqual([["a", "1"]]);
  });
});

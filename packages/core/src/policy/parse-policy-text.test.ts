/** Readers of formats of somebody else's: what they get wrong is told as theirs, and nothing of the text with it. */
import { describe, expect, it } from "vitest";
import { PolicyError, type PolicyIssue } from "../errors.js";
import { parsePolicyText } from "./parse-policy-text.js";

const DOCUMENT = { clientId: "acme", region: "eu-1" };

function issuesBy(read: (text: string) => unknown): readonly PolicyIssue[] {
  try {
    parsePolicyText("s3cret", read as never);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues;
  }
  return [];
}

describe("a reader that returns no text's document", () => {
  const inObject = "return `{ document }`, with what the text holds";
  const inTime = "read without waiting: a reader is no `async` function";

  it.each<[string, (text: string) => unknown, string, string]>([
    ["nothing", () => undefined, "the reader returned no `document`", inObject],
    ["`null`", () => null, "the reader returned no `document`", inObject],
    ["text", (text) => text, "the reader returned no `document`", inObject],
    ["the document itself", () => DOCUMENT, "the reader returned no `document`", inObject],
    ["a promise", async () => ({ document: DOCUMENT }), "the reader returned a promise", inTime],
    [
      "a promise of a library's own",
      // biome-ignore lint/suspicious/noThenProperty: what is like a promise is what this is about.
      () => ({ then: () => {} }),
      "the reader returned a promise",
      inTime,
    ],
    [
      "a promise that is rejected",
      (text) => Promise.reject(new Error(text)),
      "the reader returned a promise",
      inTime,
    ],
    [
      "a promise of the document",
      (text) => ({ document: Promise.reject(new Error(text)) }),
      "the reader returned a promise",
      inTime,
    ],
    [
      "places where it could tell them",
      () => ({ document: {}, placesOf: new Map() }),
      "the reader's `placesOf` is no function",
      "mend it, or leave it out",
    ],
  ])("but %s is told what to return", async (_, read, message, help) => {
    expect(issuesBy(read)).toEqual([{ pointer: "", message, help, kind: "invalid" }]);
    // A rejection that nobody handles would end the process, and ends the test run, once this turn is over.
    await new Promise(setImmediate);
  });
});

describe("a reader's `placesOf`", () => {
  const read = (placesOf: unknown) => () => ({ document: { ...DOCUMENT, x: 1 }, placesOf });
  const unknown = { pointer: "/x", message: "unknown field `x`", kind: "invalid" };

  it("that fails leaves the policy's faults as they are, and is one more", async () => {
    for (const placesOf of [
      () => {
        throw new Error("s3cret");
      },
      () => undefined,
      () => ({ "/x": { line: 1, column: 1 } }),
      async () => {
        throw new Error("s3cret");
      },
      () => new Map([["/x", undefined]]),
      () => new Map([["/x", { line: "s3cret", column: 1 }]]),
      () => new Map([["/x", { line: 1, column: 0 }]]),
    ]) {
      const issues = issuesBy(read(placesOf));
      expect(issues).toEqual([
        { ...unknown, help: expect.any(String) },
        {
          pointer: "",
          message: "the reader's `placesOf` failed, or gave no places",
          help: "mend it, or leave it out",
          kind: "invalid",
        },
      ]);
      expect(JSON.stringify(issues)).not.toContain("s3cret");
      await new Promise(setImmediate);
    }
  });

  it("gives a line and a column, and nothing else that is told", () => {
    const place = { line: 3, column: 7, message: "s3cret", snippet: "s3cret" };
    expect(issuesBy(read(() => new Map([["/x", place]])))).toEqual([
      { ...unknown, help: expect.any(String), line: 3, column: 7 },
    ]);
  });

  it("may be a method that needs its object", () => {
    class Source {
      readonly document = { ...DOCUMENT, x: 1 };
      readonly #places = new Map([["/x", { line: 3, column: 7 }]]);
      placesOf() {
        return this.#places;
      }
    }
    expect(issuesBy(() => new Source())).toMatchObject([{ pointer: "/x", line: 3, column: 7 }]);
  });

  it("is not asked about a policy that loads", () => {
    const placesOf = () => {
      throw new Error("asked");
    };
    expect(issuesBy(() => ({ document: DOCUMENT, placesOf }))).toEqual([]);
  });
});

describe("what else must hold of a policy", () => {
  const isElsewhere: PolicyIssue = { pointer: "/region", message: "not here", kind: "invalid" };
  const text = '{"clientId": "acme",\n "region": "eu-1"}';

  it("is told with its place, and only of one that loads otherwise", () => {
    const issuesOf = (one: string) => {
      try {
        parsePolicyText(one, undefined, () => [isElsewhere]);
      } catch (error) {
        return (error as PolicyError).issues;
      }
      return [];
    };
    expect(issuesOf(text)).toEqual([{ ...isElsewhere, line: 2, column: 2 }]);
    expect(issuesOf(text.replace("acme", "")).map(({ pointer }) => pointer)).toEqual(["/clientId"]);
  });

  it("may be nothing", () => {
    expect(parsePolicyText(text, undefined, () => []).region).toBe("eu-1");
  });
});

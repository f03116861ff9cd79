/** Where a guarded `fetch` means to differ from the platform's: each with its reason, and with what it does instead. */
import * as zlib from "node:zlib";
import { expect } from "vitest";
import type { FidelityServer } from "./server.js";
import type { Subject } from "./subjects.js";

export interface Difference {
  readonly theme: string;
  /** Of the cases. */
  readonly names: readonly string[];
  /** Follows "as". */
  readonly reason: string;
  readonly isOf: (subject: Subject) => boolean;
  /** Looks at how the case's last call ended, and what its server saw. */
  readonly instead: (ending: Ending, server: FidelityServer) => void;
}

/** How a call of `fetch` ended. */
export type Ending = { readonly response: Response } | { readonly error: unknown };

const isGuarded = ({ transport }: Subject) => transport !== "none";

const denied =
  (code: string): Difference["instead"] =>
  (ending) =>
    expect(ending).toMatchObject({ error: { code: "ERR_REQUEST_DENIED", decision: { code } } });

const isFollowed: Difference["instead"] = (ending) =>
  expect(ending).toMatchObject({ response: { status: 200, redirected: true } });

/** Where the `Response` is not the one that the platform's `fetch` made. */
const isRebuilt = ({ transport, setting }: Subject) =>
  transport === "undiciTransport" ||
  (transport === "fetchTransport" &&
    (setting === "a filter that matches no node" || setting === "a filter that observes"));

const DIFFERENCES: readonly Difference[] = [
  {
    theme: "methods",
    names: ["", " ", "GET ", " GET", "GE T", "GET\r\n", "G(T", "a/b", "a,b", "a:b", "é", "{}"].map(
      (method) => `${JSON.stringify(method)} is no token, and rejects with a \`TypeError\``,
    ),
    reason: "a call that can never be sent is a decision, so that it is on the record",
    isOf: isGuarded,
    instead: denied("unevaluable"),
  },
  {
    theme: "methods",
    names: ["CONNECT", "TRACE", "TRACK", "connect", "Trace"].map(
      (method) => `\`${method}\` rejects with a \`TypeError\``,
    ),
    reason: "a call that can never be sent is a decision, so that it is on the record",
    isOf: isGuarded,
    instead: denied("unevaluable"),
  },
  {
    theme: "request headers",
    names: ["a `content-length` larger than the body rejects"],
    reason: "the length is that of what is sent, whatever the caller says",
    isOf: isGuarded,
    instead: (_, { last }) => expect([last.headers["content-length"], last.text]).toEqual(["1", "x"]),
  },
  {
    theme: "request headers",
    names: ["`range` is sent as given"],
    reason: "a part of a document cannot be filtered",
    isOf: ({ setting }) => setting === "a filter that matches no node",
    instead: (_, { last }) => expect(last.headers).not.toHaveProperty("range"),
  },
  {
    theme: "responses",
    names: ["/?", "/%7e%41"].map(
      (path) => `\`url\` of ${JSON.stringify(path)} is spelt as the caller spelt it`,
    ),
    reason: "rules see one spelling of a URL, and that is the one that is sent",
    isOf: isGuarded,
    instead: (ending, { last, origin }) =>
      expect(ending).toMatchObject({ response: { url: origin + last.target } }),
  },
  {
    theme: "responses",
    names: ["headers cannot be changed"],
    reason: "only the platform can make headers that cannot be changed",
    isOf: isRebuilt,
    instead: (ending) => expect(ending).toMatchObject({ response: { status: 200 } }),
  },
  {
    theme: "responses",
    names: ["a port that `fetch` never dials rejects"],
    reason: "a policy that names a port means it",
    isOf: ({ transport }) => transport === "undiciTransport",
    instead: (ending) => expect(ending).toMatchObject({ error: { cause: { code: "ECONNREFUSED" } } }),
  },
  {
    theme: "decompression",
    names: ["three codings are taken off"],
    reason: "each coding is a chance to become a thousand times larger, and two are all that anybody sends",
    isOf: isGuarded,
    instead: (ending) =>
      expect(ending).toMatchObject({
        error: { message: "fetch failed", cause: { message: expect.stringContaining("at most 2") } },
      }),
  },
  {
    theme: "decompression",
    names: ["zstd is as the platform has it"],
    reason: "what Node can decode is decoded, also where its `fetch` does not do it yet",
    isOf: ({ transport }) =>
      transport === "undiciTransport" &&
      "createZstdDecompress" in zlib &&
      Number.parseInt(process.versions.undici ?? "", 10) < 7,
    instead: (ending) => expect(ending).toMatchObject({ response: { status: 200 } }),
  },
  {
    theme: "streams",
    names: ["in both directions are at work at once"],
    reason: "a rule about bodies has to see the whole body first",
    isOf: ({ setting }) => setting === "body inspection",
    instead: (ending) => expect(ending).toMatchObject({ response: { status: 200 } }),
  },
  {
    theme: "redirects",
    names: ["data:,x", "file:///etc/hostname", "blob:null/x", "ftp://127.0.0.1/", "javascript:1"].map(
      (location) => `the location ${JSON.stringify(location)} is not followed`,
    ),
    reason: "a hop that can never be sent is a decision, so that it is on the record",
    isOf: isGuarded,
    instead: denied("unevaluable"),
  },
  {
    theme: "redirects",
    names: [307, 308].map((status) => `${status} to another origin sends the body there`),
    reason: "a body is meant for the origin that it was given for",
    isOf: isGuarded,
    instead: denied("redirect"),
  },
  {
    theme: "redirects",
    names: [301, 302].map((status) => `${status} with a stream as body rejects`),
    reason: "the body is not needed again",
    isOf: isGuarded,
    instead: isFollowed,
  },
  {
    theme: "redirects",
    names: [307, 308].map((status) => `${status} with a stream as body rejects`),
    reason: "a body that was read for its rules is there to be sent again",
    isOf: ({ setting }) => setting === "body inspection",
    instead: isFollowed,
  },
  {
    theme: "redirects",
    names: [307, 308].map((status) => `${status} with a stream as body rejects`),
    reason: "a hop that can never be sent is a decision, so that it is on the record",
    isOf: ({ transport, setting }) => transport !== "none" && setting !== "body inspection",
    instead: denied("redirect"),
  },
  {
    theme: "input",
    names: ["a URL with a user and password rejects"],
    reason: "a call that can never be sent is a decision, so that it is on the record",
    isOf: isGuarded,
    instead: denied("unevaluable"),
  },
  {
    theme: "refused",
    names: [
      "a `data:` URL is read",
      "a `blob:` URL is read",
      ...["file:///etc/hostname", "ftp://127.0.0.1/", "about:blank", "javascript:1", "ws://127.0.0.1/"].map(
        (url) => `${JSON.stringify(url)} rejects`,
      ),
    ],
    reason: "no target can be there, and that is a decision, so that it is on the record",
    isOf: isGuarded,
    instead: denied("unevaluable"),
  },
  {
    theme: "refused",
    names: ["a `dispatcher` of the caller's is asked to send"],
    reason: "it would choose the connection, and walk round the guard",
    isOf: isGuarded,
    instead: (ending, { seen }) => {
      expect(ending).toMatchObject({ error: { code: "ERR_TRANSPORT_OPTION_REFUSED" } });
      expect(seen).toEqual([]);
    },
  },
  {
    theme: "refused",
    names: ["`integrity` that is right is passed over"],
    reason: "a filtered body is not the one that was signed",
    isOf: isGuarded,
    instead: (ending) => expect(ending).toMatchObject({ error: { code: "ERR_CONFIG_INVALID" } }),
  },
];

export function differencesIn(theme: string): readonly Difference[] {
  return DIFFERENCES.filter((one) => one.theme === theme);
}

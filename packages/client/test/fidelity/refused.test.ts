import { createHash } from "node:crypto";
import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";

const unsendable = [
  "file:///etc/hostname",
  "ftp://127.0.0.1/",
  "about:blank",
  "javascript:1",
  "ws://127.0.0.1/",
];

theme("refused", [
  {
    name: "a `data:` URL is read",
    async run(fetch) {
      expect(await (await fetch("data:text/plain,a%20text")).text()).toBe("a text");
    },
  },
  {
    name: "a `blob:` URL is read",
    async run(fetch) {
      const url = URL.createObjectURL(new Blob(["a text"]));
      try {
        expect(await (await fetch(url)).text()).toBe("a text");
      } finally {
        URL.revokeObjectURL(url);
      }
    },
  },
  ...unsendable.map(
    (url): FidelityCase => ({
      name: `${JSON.stringify(url)} rejects`,
      async run(fetch) {
        const error = await rejection(fetch(url));
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toBe("fetch failed");
      },
    }),
  ),
  {
    name: "a `dispatcher` of the caller's is asked to send",
    async run(fetch, server) {
      let asked = 0;
      const dispatcher = {
        dispatch() {
          asked++;
          throw new Error("not sent");
        },
      };
      expect(await rejection(fetch(server.url(), { dispatcher } as unknown as RequestInit))).toBeInstanceOf(
        TypeError,
      );
      expect(asked).toBe(1);
    },
  },
  {
    name: "a `dispatcher` that is `undefined` is none",
    async run(fetch, server) {
      expect((await fetch(server.url(), { dispatcher: undefined } as unknown as RequestInit)).status).toBe(
        200,
      );
    },
  },
  {
    name: "`integrity` that is right is passed over",
    async run(fetch, server) {
      server.json("{}");
      const integrity = `sha256-${createHash("sha256").update("{}").digest("base64")}`;
      expect(await (await fetch(server.url(), { integrity })).text()).toBe("{}");
    },
  },
  ...["100-continue", "x", ""].map(
    (expectation): FidelityCase => ({
      name: `the header \`expect: ${expectation}\` rejects`,
      async run(fetch, server) {
        const init = { method: "POST", body: "x", headers: { expect: expectation } };
        expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  ...(["cache", "credentials", "mode", "referrerPolicy", "keepalive", "referrer"] as const).map(
    (member): FidelityCase => ({
      name: `\`${member}\` of \`init\` is taken`,
      async run(fetch, server) {
        const values = {
          cache: "no-store",
          credentials: "omit",
          mode: "cors",
          referrerPolicy: "no-referrer",
          keepalive: true,
          referrer: "",
        };
        expect((await fetch(server.url(), { [member]: values[member] })).status).toBe(200);
      },
    }),
  ),
]);

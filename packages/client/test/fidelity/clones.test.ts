import { expect } from "vitest";
import { rejection } from "../gate.js";
import { theme } from "./fidelity-case.js";
import { begin, closed, LINES } from "./open-answers.js";

theme("clones", [
  {
    name: "that were cloned are read twice",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      const clone = response.clone();
      const answer = await answering;
      answer.write("{}\n");
      answer.end("[]\n");
      expect(await Promise.all([response.text(), clone.text()])).toEqual(["{}\n[]\n", "{}\n[]\n"]);
    },
  },
  {
    name: "that were cloned are read one after the other",
    async run(fetch, server) {
      const text = `{"text":"${"x".repeat(500_000)}"}\n`;
      server.reply(200, LINES, text);
      const response = await fetch(server.url());
      const clone = response.clone();
      expect((await clone.text()) === text).toBe(true);
      expect((await response.text()) === text).toBe(true);
    },
  },
  {
    name: "that were cloned break off in both",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      const both = [response.clone(), response].map((one) => rejection(one.text()));
      (await answering).destroy();
      for (const error of await Promise.all(both)) expect(error).toMatchObject({ message: "terminated" });
    },
  },
  {
    name: "that were cloned go on in one when the other is cancelled",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      const clone = response.clone();
      void clone.body?.cancel();
      (await answering).end("{}\n");
      expect(await response.text()).toBe("{}\n");
    },
  },
  {
    name: "that were cloned hang up when both are cancelled",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      const clone = response.clone();
      const { socket } = await answering;
      await Promise.all([clone.body?.cancel(), response.body?.cancel()]);
      await closed(socket);
      expect([response.bodyUsed, clone.bodyUsed]).toEqual([true, true]);
    },
  },
  {
    name: "that are being read cannot be cloned",
    async run(fetch, server) {
      server.reply(200, LINES, "{}\n");
      const response = await fetch(server.url());
      response.body?.getReader();
      expect(() => response.clone()).toThrow(TypeError);
    },
  },
]);

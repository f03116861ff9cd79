import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AUTHORIZATION } from "../calling.mjs";
import { httpClients } from "./http-clients.mjs";

let server: Server;
let connections: number;
let authorization: string;

beforeEach(async () => {
  connections = 0;
  authorization = AUTHORIZATION;
  server = createServer((request, response) => {
    if (request.headers.authorization !== authorization) return response.writeHead(401).end("{}");
    return response.writeHead(200, { "content-type": "application/json" }).end('{"a":{"token":1,"b":2}}');
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const clients = () => {
  const { port } = server.address() as AddressInfo;
  return httpClients(`http://127.0.0.1:${port}/`, { connections: 2 });
};

describe.each(Object.keys(httpClients("http://127.0.0.1:1/", { connections: 2 })))(
  "the client %s",
  (name) => {
    it("gets the document with the token, over connections that it keeps", async () => {
      const { get } = clients()[name] ?? expect.fail();
      for (let call = 0; call < 20; call++)
        expect(await get()).toEqual(name === "naive" ? { a: { b: 2 } } : { a: { token: 1, b: 2 } });
      // Undici dials another one for a request that comes before the first connection is free again.
      expect(connections).toBeLessThanOrEqual(2);
    });

    it("throws where there is no document", async () => {
      authorization = "Bearer of another";
      await expect((clients()[name] ?? expect.fail()).get()).rejects.toThrow("401");
    });
  },
);

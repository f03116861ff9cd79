// The upstream of the benches: a plain HTTP server in a process of its own, so that its work is not the client's.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const self = fileURLToPath(import.meta.url);

/**
 * Starts the server on a free port of 127.0.0.1. It stops with `stop()`, or by itself when this process ends.
 *
 * @param {{ token: string, body: Buffer }} options every request with the bearer token gets the body, as JSON; any
 *   other one 401
 * @returns {Promise<{ origin: string, stop: () => Promise<void> }>}
 */
export async function startServer({ token, body }) {
  const child = fork(self, { serialization: "advanced" });
  const ended = once(child, "exit");
  child.send({ token, body });
  const [port] = await Promise.race([
    once(child, "message"),
    ended.then(([code]) =>
      Promise.reject(new Error(`the server ended with code ${code} before it listened`)),
    ),
  ]);
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}

function serve({ token, body }) {
  const authorization = `Bearer ${token}`;
  const server = createServer((request, response) => {
    if (request.headers.authorization !== authorization) return response.writeHead(401).end();
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  });
  // Longer than any pause between two rounds: no request may meet a connection that is about to close.
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}

if (process.argv[1] === self && process.send !== undefined) {
  process.once("message", ({ token, body }) => serve({ token, body: Buffer.from(body) }));
  process.once("disconnect", () => process.exit(0));
}

/** Answers that a case holds in its hand. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FidelityServer } from "./server.js";

/** A stream of documents: filtered or not, what has come of it is given out as it comes. */
export const LINES = { "content-type": "application/x-ndjson" };

/** Resolves at the headers of the next request, which is not answered. */
export function hold(server: FidelityServer): Promise<ServerResponse> {
  return new Promise((resolve) => {
    server.listen((request, response) => {
      request.resume().on("error", () => {});
      resolve(response);
    });
  });
}

/** Answers the next request with headers and what is given of the body, and leaves it open. */
export function begin(server: FidelityServer, begun = ""): Promise<ServerResponse> {
  return new Promise((resolve) => {
    server.answer((_, response) => {
      response.writeHead(200, LINES);
      response.flushHeaders();
      if (begun !== "") response.write(begun);
      resolve(response);
    });
  });
}

export function closed(socket: Socket | null): Promise<void> {
  return new Promise((resolve) => {
    if (socket === null || socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });
}

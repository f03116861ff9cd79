import { Socket } from "node:net";
import { type buildConnector, Client, type Dispatcher } from "undici";
import { expect, it } from "vitest";
import { watchedClients } from "./watched-client.js";

const failing = (code: string) => (callback: buildConnector.Callback) =>
  callback(Object.assign(new Error("no connection"), { code }), null);

/** How a request ends whose connector behaves so, and how often it is asked until then. */
async function endingOf(answer: (callback: buildConnector.Callback) => void) {
  let asked = 0;
  const connect: buildConnector.connector = (_options, callback) => {
    // undici would go on for ever.
    if (++asked > 20) setImmediate(() => void client.destroy());
    setImmediate(() => answer(callback));
  };
  const client = watchedClients(Client)(new URL("http://api.test"), { connect }, "pinned");
  const error = await new Promise<Error>((resolve) => {
    const handler: Dispatcher.DispatchHandler = {
      onConnect() {},
      onHeaders: () => true,
      onData: () => true,
      onComplete() {},
      onError: resolve,
    };
    client.dispatch({ path: "/", method: "GET" }, handler);
  });
  await client.destroy();
  return { asked, error };
}

it.each([["UND_ERR_SOCKET"], ["UND_ERR_INFO"]])(
  "a connector that fails with %s is asked once",
  async (code) => {
    const { asked, error } = await endingOf(failing(code));
    expect([asked, error.message]).toEqual([1, "the connection was closed before it was used"]);
    expect(error.cause).toMatchObject({ code });
  },
);

it("every other failure of a connector is given as it is", async () => {
  const { asked, error } = await endingOf(failing("ECONNREFUSED"));
  expect([asked, error.message]).toEqual([1, "no connection"]);
});

it("a connector that gives what is closed is asked once", async () => {
  const { asked, error } = await endingOf((callback) => callback(null, new Socket().destroy()));
  expect([asked, error.message]).toEqual([1, "the connection was closed before it was used"]);
});

it("what comes before it was asked for closes a connection", async () => {
  const socket = new Socket();
  socket.push("HTTP/1.1 200 OK\r\n\r\n");
  const { asked, error } = await endingOf((callback) => callback(null, socket));
  expect([asked, error.message]).toEqual([1, "the connection was closed before it was used"]);
  expect(socket.destroyed).toBe(true);
});

/** A client of undici that says over which connection a request goes. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ConnectionFacts } from "@sallyport/core";
import type { buildConnector, Client, Dispatcher } from "undici";
import { factsOf } from "./connection-facts.js";

/** In a dispatch's options: told of the connection that the request goes over, when it is handed to it. */
export const CONNECTION = Symbol("connection");

/** One connection, or one after the other. */
export interface Connection {
  /** Of the connection that there is now, or was last: that of an answer, when it comes. */
  facts: ConnectionFacts | undefined;
}

export interface WatchedDispatch extends Dispatcher.DispatchOptions {
  [CONNECTION]?: (connection: Connection) => void;
}

type ClientClass = typeof Client;

/** Makes clients of this copy of undici. */
export function watchedClients(
  Base: ClientClass,
): (origin: URL, options: Client.Options, address: ConnectionFacts["address"]) => Client {
  class WatchedClient extends Base {
    readonly #connection: Connection;

    constructor(origin: URL, options: Client.Options, connection: Connection) {
      super(origin, options);
      this.#connection = connection;
    }

    override dispatch(options: WatchedDispatch, handler: Dispatcher.DispatchHandler): boolean {
      options[CONNECTION]?.(this.#connection);
      return super.dispatch(options, handler);
    }
  }
  return (origin, options, address) => {
    const connection: Connection = { facts: undefined };
    const connect = watchedConnector(options.connect as buildConnector.connector, connection, address);
    return new WatchedClient(origin, { ...options, connect }, connection);
  };
}

function watchedConnector(
  connect: buildConnector.connector,
  connection: Connection,
  address: ConnectionFacts["address"],
): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result: buildConnector.CallbackArgs) => {
      // After a failure there is no second argument at all.
      if (result[0] !== null) return callback(finalError(result[0]), null);
      const [, socket] = result;
      if (isUnusable(socket)) {
        socket.destroy();
        return callback(new Error(CLOSED), null);
      }
      connection.facts = factsOf(socket, address);
      callback(null, socket);
    });
}

/** At these undici's client dials anew, without end and without a pause: a proxy that hangs up gives the first. */
const RETRIED_ERRORS: readonly unknown[] = ["UND_ERR_SOCKET", "UND_ERR_INFO"];

/** One that ends the requests that wait for the connection. */
function finalError(error: Error): Error {
  const { code } = error as { code?: unknown };
  if (!RETRIED_ERRORS.includes(code)) return error;
  return new Error(CLOSED, { cause: error });
}

const CLOSED = "the connection was closed before it was used";

/** Such a one undici would close, and dial anew: a proxy may give what is closed, or an answer to no request. */
function isUnusable(socket: Socket): boolean {
  return socket.destroyed || (!(socket instanceof TLSSocket) && socket.readableLength > 0);
}

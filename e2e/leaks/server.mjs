// The upstream of the leak test, in a process of its own: answers as the path says, badly more often than not, on two
// origins. Asked over IPC, it says
// how many connections there are, and ends those before that no call is using.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

const JSON_TYPE = { "content-type": "application/json" };
const EVENT = 'data: {"id":1,"ssn":"078-05-1120"}\n\n';
const DOCUMENT = JSON.stringify({ id: 1, name: "Ada", ssn: "078-05-1120" });
/** More than a body may hold that nobody reads. */
const MUCH = randomBytes(200_000);
const CODED = gzipSync(MUCH);

/** Requests of which the first was answered with 503. */
const busy = new Set();

const ANSWERS = {
  json: (response) => response.writeHead(200, JSON_TYPE).end(DOCUMENT),
  gzip: (response) =>
    response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end(gzipSync(DOCUMENT)),
  // These two never end: whoever has enough of them must hang up.
  large: (response) => response.writeHead(200, { "content-length": 10_000_000 }).write(MUCH),
  coded: (response) => response.writeHead(200, { "content-encoding": "gzip" }).write(CODED),
  events: (response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(EVENT.repeat(5)),
  "open-events": (response) => response.writeHead(200, { "content-type": "text/event-stream" }).write(EVENT),
  open: (response) => response.writeHead(200).write("begun"),
  silent: () => {},
  reset: (response) => response.socket.resetAndDestroy(),
  broken: (response) => {
    response.writeHead(200, { "content-length": 100 }).write("begun");
    setImmediate(() => response.destroy());
  },
  hop: (response) => response.writeHead(307, { location: "json" }).end("moved"),
  away: (response) => response.writeHead(302, { location: `${elsewhere.origin}/plain/json` }).end("moved"),
  around: (response) => response.writeHead(302, { location: "around" }).end("moved"),
  busy: (response, query) => {
    if (!busy.delete(query)) {
      busy.add(query);
      response.writeHead(503).end("busy");
    } else response.writeHead(200, JSON_TYPE).end(DOCUMENT);
  },
};

async function start() {
  const [open, inUse] = [new Set(), new Set()];
  const server = createServer((request, response) => {
    const { socket } = request;
    inUse.add(socket);
    response.on("close", () => inUse.delete(socket));
    const [path, query] = request.url.split("?");
    const answer = ANSWERS[path.slice(path.lastIndexOf("/") + 1)];
    request.on("error", () => {});
    response.on("error", () => {});
    // What never answers does not wait for the request's body either.
    if (answer === ANSWERS.silent || answer === ANSWERS.reset) answer(response);
    else request.resume().on("end", () => answer(response, query));
  });
  // Connections end by the client's doing only.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const closeIdle = () => {
    for (const socket of open) if (!inUse.has(socket)) socket.destroy();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, open, closeIdle };
}

const here = await start();
const elsewhere = await start();

process.on("message", ({ closesIdle }) => {
  if (closesIdle) for (const { closeIdle } of [here, elsewhere]) closeIdle();
  setImmediate(() => process.send(here.open.size + elsewhere.open.size));
});
process.once("disconnect", () => process.exit(0));
process.send([here.origin, elsewhere.origin]);

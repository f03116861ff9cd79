import { createServer } from "node:http";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

// The recordings are read as files: importing `@octokit/fixtures` itself would load nock, which patches `node:http`.
const require = createRequire(import.meta.url);

// These describe the recorded connection or the recorded bytes; this server has its own.
const FRAMING = new Set(["connection", "content-encoding", "content-length", "transfer-encoding"]);

/**
 * Serves recorded GitHub responses on a free port of 127.0.0.1.
 *
 * `requests` tells what arrived: method, path, whether the token was right, and the status and JSON sent back.
 * The server never keeps the process alive: it goes when everything else is done, or with `close()`.
 */
export async function startReplayServer({ scenarios, token }) {
  const recordings = scenarios.flatMap((name) =>
    require(`@octokit/fixtures/scenarios/api.github.com/${name}/normalized-fixture.json`),
  );
  const requests = [];

  const server = createServer(async (request, response) => {
    const { method, url: path } = request;
    const authorized = request.headers.authorization === `Bearer ${token}`;
    const reply = authorized
      ? replay(recordings, method, path, await readText(request))
      : refusal(401, "Bad credentials");
    requests.push({ method, path, authorized, status: reply.status, sent: reply.json });
    response
      .writeHead(reply.status, reply.headers)
      .end(reply.json === undefined ? "" : JSON.stringify(reply.json));
  });
  server.listen(0, "127.0.0.1").unref();
  await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));

  return {
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function replay(recordings, method, path, body) {
  const recording = recordings.find(
    (candidate) =>
      candidate.method.toUpperCase() === method &&
      candidate.path === path &&
      isDeepStrictEqual(candidate.body, body === "" ? "" : parseJson(body)),
  );
  if (!recording) return refusal(404, "Not Found");
  const headers = Object.fromEntries(
    Object.entries(recording.headers).filter(([name]) => !FRAMING.has(name)),
  );
  return {
    status: recording.status,
    headers,
    json: recording.status === 204 ? undefined : recording.response,
  };
}

/** An error as GitHub words it. */
function refusal(status, message) {
  const headers = { "content-type": "application/json; charset=utf-8" };
  return { status, headers, json: { message, documentation_url: "https://docs.github.com/rest" } };
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no recording has a body that is not JSON: this one matches none
  }
}

async function readText(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

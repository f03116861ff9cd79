// GitHub's own SDK, handed a guarded fetch: four calls, four decisions, and the record they leave.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Octokit } from "@octokit/core";
import * as sallyport from "sallyport";
import { printCall, printHeading, printRecord, printSummary } from "./print.mjs";
import { startReplayServer } from "./replay-server.mjs";
import { verify } from "./verify.mjs";

// 1. GitHub, as it was recorded. It answers 401 to a request that does not carry this token.
const token = "ghp_exampleExampleExampleExampleExample0";
const github = await startReplayServer({
  token,
  scenarios: ["get-repository", "create-file", "paginate-issues"],
});

// 2. What may leave this process, with which credential, and what may come back.
const documentWith = (secret) => ({
  clientId: "quickstart",
  region: "eu-west-1",
  targets: { github: { baseUrl: github.baseUrl } },
  credentials: { "github-token": { type: "target", authType: "bearer", secret } },
  proxies: {
    "github-api": {
      target: "github",
      targetCredential: "github-token",
      paths: { record: "core" }, // nothing personal in these paths: they may stand in the record as they are
      rules: [
        {
          id: "read-hello-world",
          effect: "allow",
          methods: ["GET"],
          path: { pattern: "^/repos/octokit-fixture-org/hello-world(/|$)" },
        },
        {
          id: "add-files",
          effect: "allow",
          methods: ["PUT"],
          path: { pattern: "^/repos/octokit-fixture-org/create-file/contents/" },
        },
        { id: "no-deletes", effect: "deny", methods: ["DELETE"] },
      ],
      filters: [
        {
          id: "no-personal-data",
          operations: [{ effect: "destroy", jsonPath: { pattern: "\\.(email|node_id)$" } }],
        },
      ],
    },
  },
});

// 3. The token is sealed for this credential of this policy; the policy that runs holds the envelope only.
const keyring = sallyport.memoryKeyring({ primary: "k1", keys: { k1: randomBytes(32) } });
const sealed = await sallyport.sealSecret({
  policy: documentWith(undefined),
  credential: "github-token",
  secret: { token },
  keyring,
});
const policy = sallyport.definePolicy(documentWith({ sealed }));

// 4. The change in your code is `fetch: guarded`. The SDK never holds the token.
const store = sallyport.memoryStore();
const guarded = sallyport.createGuardedFetch({ policy, store, keyring });
const octokit = new Octokit({ baseUrl: github.baseUrl, request: { fetch: guarded } });

const file = { message: "create test.txt", content: Buffer.from("Test content").toString("base64") };
const calls = [
  { ask: ["GET /repos/octokit-fixture-org/hello-world"], expect: "allow read-hello-world" },
  { ask: ["PUT /repos/octokit-fixture-org/create-file/contents/test.txt", file], expect: "allow add-files" },
  { ask: ["DELETE /repos/octokit-fixture-org/hello-world"], expect: "deny no-deletes" },
  { ask: ["GET /repos/octokit-fixture-org/paginate-issues/issues", { per_page: 3 }], expect: "deny default" },
];

try {
  for (const call of calls) {
    const seen = github.requests.length;
    call.outcome = await outcomeOf(octokit.request(...call.ask));
    call.arrived = github.requests.slice(seen); // what reached the server because of this call, and what it sent back
  }
} finally {
  await guarded.close(); // flushes and seals the log
  await github.close();
}

// 5. One record a call, the denied ones too.
const page = await store.log.listRecords({ limit: 100 });
const entries = page.records.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
const records = entries.filter(({ type }) => type === "http.request");
assert.equal(records.length, calls.length);

printHeading(github.baseUrl, sealed);
for (const [index, call] of calls.entries()) {
  verify(call, records[index], token); // throws, and so exits non-zero, if anything is not as promised
  printCall(index + 1, call, records[index]);
}
printRecord(2, records[1]);
printSummary(calls, github.requests.length, records.length);

/** Octokit wraps whatever its `fetch` rejects with in an HttpError of status 500: the denial is the `cause`. */
async function outcomeOf(response) {
  try {
    const { status, data } = await response;
    return { effect: "allow", status, data };
  } catch (error) {
    const { cause } = error;
    if (sallyport.isSallyportError(cause) && cause.code === "ERR_REQUEST_DENIED") return cause.decision;
    throw error;
  }
}

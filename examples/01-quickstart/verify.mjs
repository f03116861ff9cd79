import assert from "node:assert/strict";
import { diffLeaves, leaves } from "./diff.mjs";

const PERSONAL = /\.(email|node_id)$/;

/** Throws unless a call was decided, filtered and recorded as this example promises. */
export function verify(call, record, token) {
  const { expect, outcome, arrived } = call;
  const decidedBy = outcome.effect === "allow" ? proxyRule(record) : (outcome.ruleId ?? outcome.code);

  assert.equal(`${outcome.effect} ${decidedBy}`, expect);
  assert.equal(record.policy.decision, outcome.effect, "the record and the caller saw the same decision");
  assert.ok(
    !JSON.stringify([outcome, record]).includes(token),
    "the token reached neither the caller nor the record",
  );

  if (outcome.effect === "deny") {
    assert.deepEqual(arrived, [], "a denied call never reaches the server");
    return;
  }
  assert.deepEqual(
    arrived.map(({ authorized, status }) => ({ authorized, status })),
    [{ authorized: true, status: outcome.status }],
    "an allowed call arrives once, with the token",
  );
  const sent = leaves(arrived[0].sent);
  const diff = diffLeaves(arrived[0].sent, outcome.data);
  for (const { path, kept } of diff)
    assert.equal(kept, !PERSONAL.test(path), `${path} is ${kept ? "kept" : "gone"}`);
  for (const [path, value] of leaves(outcome.data)) assert.deepEqual(value, sent.get(path), path);
  assert.deepEqual(
    record.filters.flatMap(({ paths }) => paths).sort(),
    diff.flatMap(({ path, kept }) => (kept ? [] : [path])).sort(),
    "the receipt in the record names what was destroyed",
  );
}

function proxyRule(record) {
  return record.policy.scopes.find(({ scope }) => scope === "proxy").ruleId;
}

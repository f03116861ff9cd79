/** Who a call is made for: what `guarded.with()` takes, and what rules see of it. */
import type { PolicyDocument } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import type { Identity } from "../src/index.js";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

type Rule = NonNullable<NonNullable<PolicyDocument["proxies"]>[string]["rules"]>[number];

const adminsOnly: Rule = { id: "admins", effect: "allow", token: [{ claim: "role", matchValue: "^admin$" }] };
const northOnly: Rule = {
  id: "north",
  effect: "allow",
  actor: [
    { name: "^tenant$", matchValue: "^north$" },
    { name: "^claims\\.team$", matchValue: "^a$" },
  ],
};

const only = (origin: string, rule: Rule) =>
  documentFor(origin, { defaultRuleEffect: "deny", rules: [rule] });

describe("the claims of a token", () => {
  it("are what rules see of it, for the fetch that is bound to them", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(only(server.origin, adminsOnly));
    const asAdmin = guarded.with({ token: { role: "admin" } });
    expect((await asAdmin(server.origin)).status).toBe(200);
    for (const one of [guarded, guarded.with({ token: { role: "guest" } }), asAdmin.with({ token: {} })])
      expect(await rejection(one(server.origin))).toMatchObject({ decision: { code: "default" } });
  });

  it("are those at the time of binding", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(only(server.origin, adminsOnly));
    const token = { role: "guest" };
    const bound = guarded.with({ token });
    token.role = "admin";
    expect(await rejection(bound(server.origin))).toMatchObject({ decision: { code: "default" } });
  });

  it("select the filters that apply, and filters apply where there is no token", async () => {
    const server = await startServer(json('{"ssn":1}'));
    const token = [{ claim: "role", matchValue: "^guest$" }];
    const { guarded } = openGate(
      documentFor(server.origin, {
        filters: [{ token, operations: [{ effect: "destroy", jsonPath: "ssn" }] }],
      }),
    );
    const bodies = [{ token: { role: "guest" } }, { token: { role: "admin" } }, {}].map(async (identity) =>
      (await guarded.with(identity)(server.origin)).text(),
    );
    expect(await Promise.all(bodies)).toEqual(["{}", '{"ssn":1}', "{}"]);
  });

  it("are asked about on every hop", async () => {
    const server = await startServer((request, response) => {
      const location = request.target === "/first" ? "/second" : undefined;
      response.writeHead(location === undefined ? 200 : 302, location && { location }).end();
    });
    const rules: Rule[] = [
      { effect: "allow", path: "^/first" },
      { ...adminsOnly, path: "^/second" },
    ];
    const { guarded } = openGate(documentFor(server.origin, { defaultRuleEffect: "deny", rules }));
    const url = `${server.origin}/first`;
    expect((await guarded.with({ token: { role: "admin" } })(url)).status).toBe(200);
    expect(await rejection(guarded.with({ token: { role: "guest" } })(url))).toMatchObject({
      decision: { hop: 1 },
    });
  });
});

describe("an actor", () => {
  it("is what rules see of it", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(only(server.origin, northOnly));
    const actor = { type: "user", id: "ann", tenant: "north", claims: { team: ["a", "b"] } } as const;
    expect((await guarded.with({ actor })(server.origin)).status).toBe(200);
    expect(
      await rejection(guarded.with({ actor: { ...actor, tenant: "south" } })(server.origin)),
    ).toMatchObject({
      decision: { code: "default" },
    });
  });
});

describe("an identity", () => {
  it("leaves no claim, tenant or id on the record or in a denial", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(
      documentFor(server.origin, {
        rules: [
          { effect: "deny", path: "^/denied", token: [{ claim: CANARY.slice(0, 3), presence: "absent" }] },
          { effect: "deny", actor: [{ name: "tenant", matchValue: "nobody" }] },
        ],
      }),
    );
    const bound = guarded.with({
      token: { sub: CANARY, [CANARY]: CANARY },
      actor: { type: "user", id: CANARY, tenant: CANARY, claims: { a: CANARY } },
    });
    await bound(server.origin);
    const error = await rejection(bound(`${server.origin}/denied`));
    expect(JSON.stringify([await records(), error, String(error)])).not.toContain(CANARY);
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;

  it.each<[unknown, string]>([
    [{ token: "eyJhbGciOi" }, "option `with.token`: expected an object of claims"],
    [{ token: ["role"] }, "option `with.token`: expected an object of claims"],
    [{ token: null }, "option `with.token`: expected an object of claims"],
    [{ token: circular }, "option `with.token`: the claims are not JSON data"],
    [{ token: { n: 1n } }, "option `with.token`: the claims are not JSON data"],
    [{ actor: { type: "user" } }, "option `with.actor`: expected `{ type"],
    [{ actor: null }, "option `with.actor`: expected `{ type"],
    [{ actor: { type: "robot", id: "1" } }, "option `with.actor`: expected `{ type"],
    [{ actor: { type: "user", id: "1", tenant: 7 } }, "option `with.actor.tenant`: expected a string"],
    [{ actor: { type: "user", id: "1", tennant: "x" } }, "did you mean `tenant`?"],
    [{ actor: { type: "user", id: "1", claims: "x" } }, "option `with.actor.claims`: expected an object"],
  ])("%# is refused where it is not what it should be", (identity, message) => {
    const { guarded } = openGate(documentFor("https://api.example"));
    expect(() => guarded.with(identity as Identity)).toThrow(message);
  });

  it("hands over JSON data only: no code of the caller's runs when a call is decided", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(only(server.origin, adminsOnly));
    let asked = 0;
    const token = {
      get role() {
        asked++;
        return "admin";
      },
    };
    const bound = guarded.with({ token });
    await bound(server.origin);
    await bound(server.origin);
    expect(asked).toBe(1);
  });
});

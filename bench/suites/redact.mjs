// Redaction: one record with a body in it through all detectors, beside merely writing it as JSON.
import { strict as assert } from "node:assert";
import { redact, redactionRules } from "@sallyport/core";
import { randomFrom } from "../documents.mjs";
import { consume, cycled } from "../harness.mjs";

const RECORDS = 8;

export async function open() {
  return { contests: [redaction("dirty"), redaction("clean")], probes: [], close: async () => {} };
}

function redaction(kind) {
  const rules = redactionRules();
  const records = seeds().map((seed) => recordOf(seed, kind === "dirty" ? found(seed) : REPLACED));
  const overRecords = (operation) =>
    cycled(records, (record) => {
      consume(operation(record));
      return 1;
    });
  const what = kind === "dirty" ? "a card, an account, an address and a key in it" : "nothing to find in it";
  return {
    title: `Redaction: a record of ${JSON.stringify(records[0]).length} characters, ${what}`,
    unit: "/s",
    verify() {
      for (const [seed, record] of records.entries()) {
        const { length } = JSON.stringify(record);
        assert.ok(length > 1400 && length < 1600, `a record of ${length} characters`);
        const { value, marks } = redact(record, rules);
        assert.deepEqual(value, recordOf(seed, REPLACED));
        assert.equal(marks.length, kind === "dirty" ? Object.keys(REPLACED).length : 0);
      }
    },
    baseline: {
      words: "JSON.stringify(record)",
      run: overRecords((record) => JSON.stringify(record).length),
    },
    candidates: [
      {
        figure: kind === "dirty" ? "redact.record" : "redact.record.clean",
        words: "redact: all detectors, names and values",
        run: overRecords((record) => redact(record, rules).marks.length),
      },
    ],
  };
}

const CARDS = ["4111 1111 1111 1111", "5555555555554444", "3782 822463 10005", "6011-1111-1111-1117"];
const ACCOUNTS = ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "NO93 8601 1117 947"];

const REPLACED = {
  card: "[REDACTED:payment-card]",
  account: "[REDACTED:iban]",
  mail: "[REDACTED:email]",
  key: "[REDACTED:api-key]",
};

function found(seed) {
  return {
    card: CARDS[seed % CARDS.length],
    account: ACCOUNTS[seed % ACCOUNTS.length],
    mail: `lindqvist.${seed}@mail.example.com`,
    key: `sk_live_${"aB3x".repeat(6)}`,
  };
}

/** A record as of a call, with the body of the response: numbers, dates, hashes and sentences around four secrets. */
function recordOf(seed, { card, account, mail, key }) {
  const random = randomFrom(seed);
  const hex = (digits) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  const whole = (below) => Math.floor(random() * below);
  return {
    v: "1.0",
    id: `0190a0a0-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(11)}a`,
    type: "http.request",
    region: "eu-west-1",
    tenant: { clientId: "acme", proxyId: "shop-api", proxyName: "The shop" },
    time: { start: "2025-12-12T05:26:57.621Z", end: "2025-12-12T05:26:59.616Z" },
    http: {
      method: "GET",
      url: { scheme: "https", host: "api.example.com", path: `/v1/customers/cus_${hex(16)}` },
      status: 200,
      request: {
        headers: { accept: "application/json", "user-agent": "shop/4.2 (+https://shop.example.com)" },
      },
    },
    body: {
      object: "customer",
      created: 1_700_000_000 + whole(40_000_000),
      active: true,
      name: "Grace Lindqvist",
      email: mail,
      phone: `+49 30 ${100_000 + whole(899_999)}`,
      description: "Prefers invoices as PDF; asked for the quarterly plan in March.",
      card: { brand: "visa", number: card, expMonth: 12, expYear: 2027 },
      bank: { account, currency: "EUR" },
      address: { line1: "Karl-Marx-Allee 33", city: "Berlin", postal: "10178", country: "DE" },
      orders: [
        { id: `ord_${whole(90_000)}`, total: whole(100_000), currency: "EUR" },
        { id: `ord_${whole(90_000)}`, total: whole(100_000), currency: "EUR" },
      ],
      webhook: { url: `https://hooks.example.com/${hex(24)}`, key },
    },
    policy: {
      decision: "allow",
      bundle: { sha256: hex(64) },
      rules: [{ scope: "proxy", id: "read-customers", effect: "allow", priority: 0 }],
    },
    outcome: { result: "success" },
    timings: { policyUs: whole(100), waitUs: whole(90_000), totalUs: 90_000 + whole(90_000) },
  };
}

function seeds() {
  return Array.from({ length: RECORDS }, (_, seed) => seed);
}

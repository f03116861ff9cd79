// Documents as list endpoints of real APIs answer them, the same on every machine: the numbers come from a seed.

/** What the benches destroy: five of these stand in every record of a dirty document, none in a clean one. */
export const SENSITIVE = {
  pattern: "\\.(password|token|apiKey|secret|ssn|creditCard|card_number|cvv|taxId|private_key)$",
  flags: "i",
};

/** The same five by where they stand, for those who must be told. */
export const SENSITIVE_PATHS = [
  ["password"],
  ["apiKey"],
  ["payment", "card_number"],
  ["payment", "cvv"],
  ["billing", "taxId"],
];

const RECORD_BYTES = 750;

/**
 * One page of customers as compact JSON.
 *
 * @param {{ bytes: number, isDirty: boolean, seed: number }} options `bytes` is met to within half a record
 * @returns {Buffer}
 */
export function listDocument({ bytes, isDirty, seed }) {
  const random = randomFrom(seed);
  const size = recordsIn(bytes, RECORD_BYTES);
  const head = pageHead(random, { size, seed });
  const data = Array.from({ length: size }, () => customer(random, isDirty));
  return Buffer.from(JSON.stringify({ ...head, data }));
}

/**
 * The same page with its records in an object, under their ids: no two documents have these keys in common.
 *
 * @param {{ bytes: number, isDirty: boolean, seed: number }} options as of {@link listDocument}
 * @returns {Buffer}
 */
export function keyedDocument({ bytes, isDirty, seed }) {
  const random = randomFrom(seed);
  const size = recordsIn(bytes, RECORD_BYTES + 24);
  const head = pageHead(random, { size, seed });
  const records = Array.from({ length: size }, () => customer(random, isDirty));
  const data = Object.fromEntries(records.map((record) => [record.id, record]));
  return Buffer.from(JSON.stringify({ ...head, data }));
}

function recordsIn(bytes, recordBytes) {
  return Math.max(1, Math.round((bytes - 270) / recordBytes));
}

function pageHead(random, { size, seed }) {
  return {
    object: "list",
    url: "/v1/customers",
    page: { size, total: 4310 + seed, hasMore: true, cursor: hex(random, 32) },
    links: {
      self: `https://api.example.com/v1/customers?limit=${size}`,
      next: `https://api.example.com/v1/customers?limit=${size}&after=${hex(random, 24)}`,
    },
  };
}

/**
 * Numbers from 0 up to 1, always the same for a seed (the generator known as mulberry32).
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 32 leaves in about 750 bytes, whether dirty or clean. */
function customer(random, isDirty) {
  const first = pick(random, ["Ada", "Grace", "Zoë", "Linus", "Barbara", "José", "Edsger", "Radia"]);
  const last = pick(random, [
    "Novak",
    "Okafor",
    "Lindqvist",
    "Moreau",
    "Tanaka",
    "Silva",
    "Keller",
    "Dhawan",
  ]);
  const created = 1_700_000_000 + whole(random, 40_000_000);
  return {
    id: `cus_${hex(random, 16)}`,
    object: "customer",
    created,
    updated: created + whole(random, 900_000),
    active: random() < 0.8,
    name: `${first} ${last}`,
    email: `${last.toLowerCase()}.${whole(random, 999)}@mail.example.com`,
    phone: `+49 30 ${100_000 + whole(random, 899_999)}`,
    [isDirty ? "password" : "nickname"]: `$2b$12$${hex(random, 24)}`,
    [isDirty ? "apiKey" : "handle"]: `key_live_${hex(random, 20)}`,
    description: pick(random, [
      "Prefers invoices as PDF",
      'Asked for the "quarterly" plan\nin March',
      "Migrated from the old shop",
      "No remarks",
    ]),
    tags: [pick(random, ["vip", "trial", "partner"]), pick(random, ["eu", "us", "apac"])],
    address: {
      line1: `Hauptstraße ${whole(random, 200)}`,
      line2: null,
      city: pick(random, ["Berlin", "Lyon", "Porto", "Gdynia"]),
      postalCode: String(10_000 + whole(random, 89_999)),
      country: pick(random, ["DE", "FR", "PT", "PL"]),
    },
    payment: {
      brand: pick(random, ["visa", "mastercard", "amex"]),
      [isDirty ? "card_number" : "masked_card"]: String(4e15 + whole(random, 9e14)),
      [isDirty ? "cvv" : "seq"]: String(100 + whole(random, 899)),
      expires: `${10 + whole(random, 3)}/2${whole(random, 9)}`,
    },
    billing: {
      [isDirty ? "taxId" : "vatNo"]: `DE${100_000_000 + whole(random, 899_999_999)}`,
      currency: "eur",
      balance: whole(random, 200_000) - 100_000,
      discount: Math.round(random() * 1000) / 1000,
      delinquent: false,
    },
    usage: {
      requests: whole(random, 2_000_000),
      limit: 2_000_000,
      lastSeen: new Date(created * 1000).toISOString(),
    },
  };
}

function whole(random, below) {
  return Math.floor(random() * below);
}

function pick(random, choices) {
  return choices[whole(random, choices.length)];
}

function hex(random, length) {
  return Array.from({ length }, () => whole(random, 16).toString(16)).join("");
}

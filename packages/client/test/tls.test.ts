/** TLS floors, trust and what records say of it (docs/spec/transport.md, "TLS"). */
import { describe, expect, it } from "vitest";
import { fetchTransport, type Lookup, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";
import { certificateFor, startTlsServer } from "./tls-server.js";

const toLoopback: Lookup = (_hostname, _options, callback) =>
  callback(null, [{ address: "127.0.0.1", family: 4 }]);

const TRANSPORTS = {
  undici: () => undiciTransport({ lookup: toLoopback }),
  fetch: () => fetchTransport(undefined, { lookup: toLoopback }),
};

const certificate = await certificateFor("api.test");

describe.each(Object.entries(TRANSPORTS))("over the transport of %s", (_name, transportOf) => {
  function open(port: number, tls: object = {}, host = "api.test") {
    const target = { baseUrl: `https://${host}:${port}`, network: { allowPrivate: ["127.0.0.1"] }, tls };
    return openGate(documentFor("", {}, { targets: { api: target } }), { transport: transportOf() });
  }

  it("trusts `tls.ca` beside what it trusts anyway, and records what was agreed on", async () => {
    const port = await startTlsServer(certificate);
    const { guarded, records } = open(port, { ca: certificate.cert });
    expect(await (await guarded(`https://api.test:${port}/a`)).text()).toBe("/a");
    const [record] = await records();
    expect(record.net).toEqual({ address: "pinned", peer: { address: "127.0.0.1", port } });
    expect(record.tls).toMatchObject({
      version: "TLSv1.3",
      alpn: "http/1.1",
      sni: "api.test",
      authorized: true,
      cert: { sha256: certificate.sha256, subject: "CN=api.test", issuer: "CN=api.test" },
    });
    expect(record.tls.cipher).toMatch(/^TLS_/);
    expect(Date.parse(record.tls.cert.notAfter)).toBeGreaterThan(Date.now());
  });

  it("fails as `fetch` does for a certificate that nobody vouches for", async () => {
    const port = await startTlsServer(certificate);
    const error = await rejection(open(port).guarded(`https://api.test:${port}/a`));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: "fetch failed", cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
  });

  it("fails for a certificate of another name", async () => {
    const port = await startTlsServer(certificate);
    const { guarded, records } = open(port, { ca: [certificate.cert] }, "other.test");
    const error = await rejection(guarded(`https://other.test:${port}/a`));
    expect(error).toMatchObject({ message: "fetch failed", cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
    const [record] = await records();
    expect(record.outcome).toMatchObject({ category: "network", errorType: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it.each([
    [
      "the floor of all targets",
      {},
      { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" },
    ],
    ["the floor of its own", { minVersion: "TLSv1.3" }, { maxVersion: "TLSv1.2" }],
  ] as const)("denies `tls` a server below %s", async (_floor, tls, server) => {
    const port = await startTlsServer(certificate, server);
    const { guarded, records } = open(port, { ca: certificate.cert, ...tls });
    const error = await rejection(guarded(`https://api.test:${port}/a`));
    expect(error).toMatchObject({ code: "ERR_REQUEST_DENIED", decision: { code: "tls" } });
    const [record] = await records();
    expect(record.policy).toMatchObject({ decision: "deny", code: "tls" });
  });

  it("speaks to a server at the floor", async () => {
    const port = await startTlsServer(certificate, { maxVersion: "TLSv1.2" });
    const { guarded, records } = open(port, { ca: certificate.cert });
    expect((await guarded(`https://api.test:${port}/a`)).status).toBe(200);
    expect((await records())[0].tls).toMatchObject({ version: "TLSv1.2" });
  });
});

/** Real HTTPS servers on loopback for tests, with certificates of an authority that nobody knows. */

import { X509Certificate } from "node:crypto";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { onTestFinished } from "vitest";

export interface TestCertificate {
  /** PEM; its own authority. */
  readonly cert: string;
  readonly key: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A certificate for these names, signed by itself. */
export async function certificateFor(...names: readonly string[]): Promise<TestCertificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: names[0] ?? "" }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
  });
  const sha256 = new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
  return { cert, key, sha256 };
}

/** Starts a server that answers with the path it was asked for, and stops after the test. @returns its port */
export async function startTlsServer(
  { cert, key }: TestCertificate,
  options: ServerOptions = {},
): Promise<number> {
  const server = createServer({ cert, key, ...options }, (request, response) => response.end(request.url));
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** What is known of the connection that a request went over: evidence for its record. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ConnectionFacts, TlsFacts } from "@sallyport/core";

/** Reads a socket that has connected. */
export function factsOf(socket: Socket, address: ConnectionFacts["address"]): ConnectionFacts {
  const { remoteAddress, remotePort } = socket;
  const peer =
    remoteAddress === undefined || remotePort === undefined
      ? undefined
      : { address: remoteAddress, port: remotePort };
  return { address, peer, tls: socket instanceof TLSSocket ? tlsFactsOf(socket) : undefined };
}

function tlsFactsOf(socket: TLSSocket): TlsFacts {
  const { servername } = socket as { servername?: unknown };
  return {
    version: socket.getProtocol() ?? undefined,
    cipher: socket.getCipher().standardName,
    alpn: socket.alpnProtocol || undefined,
    sni: typeof servername === "string" && servername !== "" ? servername : undefined,
    authorized: socket.authorized,
    resumed: socket.isSessionReused(),
    cert: certificateOf(socket),
  };
}

function certificateOf(socket: TLSSocket): TlsFacts["cert"] {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const end = Date.parse(certificate.validTo);
  return {
    sha256: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    notAfter: Number.isNaN(end) ? undefined : new Date(end).toISOString(),
  };
}

/** Node puts each attribute of a name on a line of its own. */
function oneLine(name: string | undefined): string | undefined {
  return name?.split("\n").join(", ");
}

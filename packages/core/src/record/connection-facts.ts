/** What a record says of the connection that a hop went over (docs/spec/record.md). */

import { ownText } from "../bytes.js";
import { cut } from "../redaction/cut.js";
import { canonicalJson, type JsonValue } from "./canonical-json.js";
import { after, KnownTexts, numberText, quoted } from "./json-text.js";
import { cleanText } from "./recorded-text.js";

/** What was agreed on when the connection was made. */
export interface TlsFacts {
  /** As Node names it, for example `TLSv1.3`. */
  readonly version: string | undefined;
  /** IANA name of the cipher suite. */
  readonly cipher: string | undefined;
  /** The protocol agreed on, for example `http/1.1`. */
  readonly alpn: string | undefined;
  /** The server name that was asked for. */
  readonly sni: string | undefined;
  /** Whether the certificate was verified. */
  readonly authorized: boolean;
  /** Whether an earlier session was taken up. */
  readonly resumed: boolean;
  /** Of the server's own certificate. */
  readonly cert:
    | {
        /** Lower-case hexadecimal, of its DER. */
        readonly sha256: string;
        readonly subject: string | undefined;
        readonly issuer: string | undefined;
        /** RFC 3339. */
        readonly notAfter: string | undefined;
      }
    | undefined;
}

export interface ConnectionFacts {
  /**
   * `pinned`: the address that was checked was dialled. `proxy`: the proxy that the policy names was, and it resolves
   * the name. `unpinned`: the transport chose the address, and nobody checked it.
   */
  readonly address: "pinned" | "proxy" | "unpinned";
  /** The other end: the target's, or the proxy's. */
  readonly peer?: { readonly address: string; readonly port: number } | undefined;
  readonly tls?: TlsFacts | undefined;
}

/** The member `net` of a record. */
export function netText({ address, peer }: ConnectionFacts): string {
  const isKnown =
    lastNet !== undefined &&
    lastNet.address === address &&
    lastNet.host === peer?.address &&
    lastNet.port === peer?.port;
  if (!isKnown) {
    const end = peer && `{"address":${quoted(peer.address)},"port":${numberText(peer.port)}}`;
    const text = ownText(`{"address":"${address}"${after("peer", end)}}`);
    lastNet = { address, host: peer?.address, port: peer?.port, text };
  }
  return (lastNet as LastNet).text;
}

interface LastNet {
  readonly address: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly text: string;
}

/** Of the connection before: connections to one server are alike. */
let lastNet: LastNet | undefined;

/** The member `tls` of a record. Nothing of it changes as long as the connection lives. */
export function tlsText(tls: TlsFacts): string {
  return tlsTexts.of(tls, () => canonicalJson(tlsPart(tls)));
}

const tlsTexts = new KnownTexts<TlsFacts>();

/** A server writes into its certificate what it likes. */
export function tlsPart({ version, cipher, alpn, sni, authorized, resumed, cert }: TlsFacts): JsonValue {
  return {
    alpn: textOf(alpn),
    authorized,
    cert: cert && {
      issuer: textOf(cert.issuer),
      notAfter: cert.notAfter,
      sha256: cert.sha256,
      subject: textOf(cert.subject),
    },
    cipher,
    resumed,
    sni: textOf(sni),
    version,
  };
}

const MAX_TEXT_CHARACTERS = 256;

function textOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(cleanText(text), MAX_TEXT_CHARACTERS);
}

/** Certificates of authorities that a policy trusts, looked at when it loads: one that cannot be read must not fail later. */
import { X509Certificate } from "node:crypto";

const BEGIN = "-----BEGIN ";
const DASHES = "-----";

/**
 * What is wrong with a text of certificates in PEM form (RFC 7468), one or several, with any text between them.
 *
 * @returns `undefined` if all of it can be read
 */
export function certificateFault(text: string): string | undefined {
  let count = 0;
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
    const labelEnd = text.indexOf(DASHES, at + BEGIN.length);
    const label = labelEnd < 0 ? "" : text.slice(at + BEGIN.length, labelEnd);
    if (label.endsWith("PRIVATE KEY")) return "there is a private key in it";
    if (label !== "CERTIFICATE") return "there is something in it that is no certificate";
    count++;
    const end = `${DASHES}END CERTIFICATE${DASHES}`;
    const endAt = text.indexOf(end, labelEnd);
    if (endAt < 0 || !isReadable(text.slice(at, endAt + end.length))) {
      return `certificate ${count} cannot be read`;
    }
    at = endAt + end.length;
  }
  return count === 0 ? "there is no certificate in it" : undefined;
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

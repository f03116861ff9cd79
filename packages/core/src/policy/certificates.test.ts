import { describe, expect, it } from "vitest";
import { CERTIFICATE } from "./certificate.reference.js";
import { certificateFault } from "./certificates.js";

const [, body = ""] = /-----BEGIN CERTIFICATE-----([^-]+)/.exec(CERTIFICATE) ?? [];
const block = (label: string, inside = body) => `-----BEGIN ${label}-----${inside}-----END ${label}-----\n`;

describe("certificates", () => {
  it("are taken one or several, with text around them and lines of either kind", () => {
    expect(certificateFault(CERTIFICATE)).toBeUndefined();
    expect(certificateFault(`# ours\n${CERTIFICATE}\n# theirs\n${CERTIFICATE}# the end`)).toBeUndefined();
    expect(certificateFault(CERTIFICATE.replaceAll("\n", "\r\n"))).toBeUndefined();
  });

  it.each([
    ["nothing", "", "there is no certificate in it"],
    ["the name of a file", "/etc/ssl/ca.pem", "there is no certificate in it"],
    ["a certificate without its frame", body, "there is no certificate in it"],
    ["a key", block("PRIVATE KEY"), "there is a private key in it"],
    ["a key of another kind", block("EC PRIVATE KEY"), "there is a private key in it"],
    ["a key behind a certificate", CERTIFICATE + block("RSA PRIVATE KEY"), "there is a private key in it"],
    ["a request for one", block("CERTIFICATE REQUEST"), "there is something in it that is no certificate"],
    ["a frame that is cut short", "-----BEGIN CERT", "there is something in it that is no certificate"],
    ["a certificate that is cut short", CERTIFICATE.slice(0, -5), "certificate 1 cannot be read"],
    ["other bytes", block("CERTIFICATE", "\nAAAA\n"), "certificate 1 cannot be read"],
    ["a second one that is none", CERTIFICATE + block("CERTIFICATE", "\n"), "certificate 2 cannot be read"],
  ])("are not found in %s", (_what, text, fault) => {
    expect(certificateFault(text)).toBe(fault);
  });

  it("are looked for in time that grows with the text, not with its square", () => {
    const text = "-----BEGIN CERTIFICATE-----".repeat(20_000);
    const startedAt = performance.now();
    expect(certificateFault(text)).toBe("certificate 1 cannot be read");
    expect(certificateFault("-----BEGIN ".repeat(50_000))).toBe(
      "there is something in it that is no certificate",
    );
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

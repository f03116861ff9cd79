/** Request methods: the standard ones in upper case, any other as it came (docs/spec/policy.md, "Canonical request"). */

export const STANDARD_METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

const STANDARD = new Set(STANDARD_METHODS);

/** Methods that open tunnels or echo the request, credential included. Never sent. */
const REFUSED = new Set(["CONNECT", "TRACE", "TRACK"]);

/** The method as it is matched and sent. `patch` becomes `PATCH`, which `fetch` itself would not do. */
export function canonicalMethod(method: string): string {
  const upper = method.toUpperCase();
  return STANDARD.has(upper) ? upper : method;
}

/** Whether a method in canonical form is a standard one. */
export function isStandardMethod(method: string): boolean {
  return STANDARD.has(method);
}

/** Whether the method may never be sent. */
export function isRefusedMethod(method: string): boolean {
  return REFUSED.has(method.toUpperCase());
}

/** Whether the text can be a method at all: a token of RFC 9110 section 5.6.2. */
export function isMethodToken(method: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method);
}

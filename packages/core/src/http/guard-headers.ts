/** Names of headers by which the guard speaks of itself. A caller's header of such a name is neither seen nor sent. */

/** The proxy credential in force. */
export const CREDENTIAL_ID_HEADER = "x-rr-credential-id";
/** The proxy of the call. */
export const PROXY_ID_HEADER = "x-rr-proxy-id";
/** The call. */
export const REQUEST_ID_HEADER = "x-rr-request-id";

/**
 * Whether the name belongs to the guard. With `_` too, since many servers hand both spellings to the application as one.
 *
 * @param name - in lower case
 */
export function isGuardHeader(name: string): boolean {
  return /^(?:x[-_]rr|sallyport)[-_]/.test(name);
}

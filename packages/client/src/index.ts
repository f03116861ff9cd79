/** The guarded fetch. */

export type { FetchInput, GuardedCallOptions, GuardedRequestInit } from "./caller-request.js";
export { type EnvKeyringOptions, envKeyring } from "./env-keyring.js";
export { createGuardedFetch, type GuardedFetch } from "./guarded-fetch.js";
export type { Identity } from "./identity.js";
export type { Environment } from "./injection.js";
export type { GuardedFetchOptions } from "./options.js";
export type { AuditFailureListener } from "./recorder.js";
export { type SealSecretOptions, sealSecret } from "./seal-secret.js";
export { fetchTransport, type Transport, type TransportRequest } from "./transport.js";
export { undiciTransport } from "./undici/undici-transport.js";
export type { World } from "./world.js";

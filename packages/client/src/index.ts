/** The guarded fetch. */

export type { FetchInput, GuardedCallOptions, GuardedRequestInit } from "./caller-request.js";
export { type EnvKeyringOptions, envKeyring } from "./env-keyring.js";
export { type FetchTransportOptions, fetchTransport } from "./fetch/fetch-transport.js";
export { createGuardedFetch, type GuardedFetch } from "./guarded-fetch.js";
export type { Identity } from "./identity.js";
export type { Environment } from "./injection.js";
export type { Lookup } from "./network/guarded-connector.js";
export { NetworkDenial } from "./network/network-denial.js";
export type { NetworkGuard } from "./network/network-guard.js";
export type { GuardedFetchOptions } from "./options.js";
export { fromFile, type PolicyFile, type PolicyFileOptions } from "./policy-file.js";
export type { AuditFailureListener } from "./recorder.js";
export { type SealSecretOptions, sealSecret } from "./seal-secret.js";
export type { Pinning, Transport, TransportRequest } from "./transport.js";
export { type UndiciTransportOptions, undiciTransport } from "./undici/undici-transport.js";
export type { World } from "./world.js";

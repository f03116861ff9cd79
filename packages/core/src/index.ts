/** The pure middle of Sallyport: it decides, filters, seals and describes, and does no I/O. */

export { ByteBlocks } from "./bytes.js";
export type { CredentialBinding } from "./credential/binding.js";
export {
  type Envelope,
  IV_BYTES,
  KEY_BYTES,
  MAX_SECRET_BYTES,
  type OpenOptions,
  openCredential,
  parseEnvelope,
  type SealOptions,
  sealCredential,
  unreadable,
} from "./credential/envelope.js";
export { type Keyring, memoryKeyring } from "./credential/keyring.js";
export { credentialBinding } from "./credential/policy-binding.js";
export { headerOfSecret, type InjectedHeader } from "./credential/secret.js";
export { type SecretLocation, SecretSource } from "./credential/secret-source.js";
export {
  type AnySallyportError,
  ConfigError,
  CredentialError,
  type ErrorCode,
  InternalError,
  isSallyportError,
  PolicyError,
  type PolicyIssue,
  RequestDeniedError,
  ResponseWithheldError,
  SallyportError,
  StorageCorruptError,
  StorageUnavailableError,
} from "./errors.js";
export {
  type ApplicableFilters,
  applicableFilters,
  type FilterSelection,
  type ObservedFilters,
} from "./filter/applicable-filters.js";
export type { CapturedVariable, ExchangeSources } from "./filter/captured-variables.js";
export type { StreamLimits } from "./filter/document-series.js";
export { createEventStreamFilter } from "./filter/event-stream.js";
export {
  createJsonFilter,
  type FilterOptions,
  type FilterPiece,
  type FilterResult,
  filterJson,
  type HashBytes,
  type JsonFilter,
  type JsonLimits,
  type Receipt,
  type Stage,
  type StageOperation,
  type Withheld,
} from "./filter/filter-json.js";
export { hashKeyId, hashUnder } from "./filter/hash-value.js";
export { createJsonLinesFilter } from "./filter/json-lines.js";
export { type ObservingFilter, type ObservingOptions, observingFilter } from "./filter/observing-filter.js";
export type { Mask, OperationEffect } from "./filter/operation.js";
export type { RecordedReceipt } from "./filter/recorded-receipt.js";
export {
  type FilteredRequest,
  filterRequest,
  type RequestFiltering,
  type RequestToFilter,
  wantedRequestBody,
} from "./filter/request-filter.js";
export {
  type FilterOutcome,
  filterResponse,
  type ResponseToFilter,
  type WantedBody,
  wantedBody,
} from "./filter/response-filter.js";
export {
  type CanonicalRequest,
  canonicalRequest,
  type RequestDescription,
} from "./http/canonical-request.js";
export { type QueryPair, splitQuery } from "./http/form-query.js";
export { isGuardHeader } from "./http/guard-headers.js";
export { type AddressClass, classifyAddress } from "./network/address-class.js";
export { type AddressRange, type AddressRangeResult, readAddressRange } from "./network/address-range.js";
export { type AddressVerdict, type AllowedAddresses, addressVerdict } from "./network/address-verdict.js";
export { compilePattern, type Pattern, type PatternInput } from "./pattern/pattern.js";
export { PatternSyntaxError } from "./pattern/syntax-error.js";
export {
  type CompiledCredential,
  type CompiledPolicy,
  type CompiledProxy,
  type CompiledScope,
  type CompiledTarget,
  compilePolicy,
} from "./policy/compile.js";
export type { ComponentName, MatchInput } from "./policy/component.js";
export { decide, inspectsBody, isOnlyObserved, matchInputOf, scopesOf } from "./policy/decide.js";
export {
  type Allowed,
  type Decision,
  type Denied,
  type Effect,
  type MatchedRule,
  type ObservedScope,
  type ReasonCode,
  SCOPE_NAMES,
  SCOPES,
  type Scope,
  type ScopeDecision,
} from "./policy/decision.js";
export type { Actor, DecisionContext, RequestBody } from "./policy/decision-context.js";
export {
  type Explanation,
  explain,
  type FailedComponent,
  type ScopeExplanation,
  type UnmatchedRule,
} from "./policy/explain.js";
export { policyJsonSchema } from "./policy/json-schema.js";
export { readJsonText } from "./policy/json-text.js";
export { lintPolicy } from "./policy/lint.js";
export type { LintCode, LintWarning } from "./policy/lint-warning.js";
export { nearestName } from "./policy/nearest-name.js";
export { definePolicy, isPolicy, parsePolicy } from "./policy/parse-policy.js";
export { parsePolicyText } from "./policy/parse-policy-text.js";
export { PointerSearch } from "./policy/pointer-search.js";
export { MAX_TEXT_DEPTH, type PolicyText, type PolicyTextReader } from "./policy/policy-text.js";
export { type Route, routeByName, routeByUrl } from "./policy/route.js";
export type {
  AuthType,
  CredentialDocument,
  FilterDocument,
  Policy,
  PolicyDocument,
  ProxyDocument,
  ProxyRetry,
  RuleDocument,
  Settings,
  TargetDocument,
  TargetLimits,
  TargetTls,
} from "./policy/schema.js";
export type { TargetNetwork } from "./policy/target-network.js";
export { RepeatedNames, textIssue } from "./policy/text-issues.js";
export { TextLines, type TextPlace } from "./policy/text-lines.js";
export type { Attempt, CallFacts, HopFacts, Outcome } from "./record/call-facts.js";
export { canonicalJson, type JsonValue } from "./record/canonical-json.js";
export type { ConnectionFacts, TlsFacts } from "./record/connection-facts.js";
export { encodeRecord } from "./record/http-record.js";
export { isoTime } from "./record/iso-time.js";
export {
  encodePolicyChanged,
  encodeReloadFailed,
  type PolicyChangedFacts,
  type ReloadFailedFacts,
} from "./record/policy-records.js";
export { pseudonymOf } from "./record/pseudonym.js";
export { encodeStreamEnd, type StreamEndFacts } from "./record/stream-end-record.js";
export { uuidV7 } from "./record/uuid.js";
export { DETECTOR_NAMES, type DetectorName } from "./redaction/detectors.js";
export type { MarkClass, SanitizationMark } from "./redaction/mark.js";
export { type RedactedValue, redact } from "./redaction/redact.js";
export { type RedactedQuery, redactQuery } from "./redaction/redact-query.js";
export {
  type RedactionClass,
  type RedactionOptions,
  type RedactionRules,
  redactionRules,
} from "./redaction/redaction-rules.js";
export type { ConfigStore, EntityKind, StoredEntity, WriteResult } from "./storage/config-store.js";
export type { LogStore, RecordPage, StoredRecord } from "./storage/log-store.js";
export type { StorageAdapter } from "./storage/storage-adapter.js";

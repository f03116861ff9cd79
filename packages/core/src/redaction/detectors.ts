/** All detectors (docs/spec/record.md, "Redaction"). */
import { apiKey } from "./api-key.js";
import { email } from "./email.js";
import { iban } from "./iban.js";
import { jwt } from "./jwt.js";
import { paymentCard } from "./payment-card.js";
import { privateKey } from "./private-key.js";
import { usSsn } from "./us-ssn.js";

/** In the order in which they name what two of them find at the same place. */
export const DETECTORS = [privateKey, jwt, apiKey, paymentCard, iban, usSsn, email] as const;

/** A detector by the name that stands in place of what it found. */
export type DetectorName = (typeof DETECTORS)[number]["name"];

/** The names of all detectors. */
export const DETECTOR_NAMES: readonly DetectorName[] = DETECTORS.map(({ name }) => name);

/** One component of a rule, as a question about a request. Three answers: yes, no, and that it cannot be told. */
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { BodyFindings, CompiledBodyCheck } from "./body-checks.js";
import type { DecisionContext } from "./decision-context.js";

/** A request as the rules of one target see it. */
export interface MatchInput {
  readonly request: CanonicalRequest;
  /** For filters, which nothing here decides, it may be empty. */
  readonly context: Partial<DecisionContext>;
  /** What follows the target's base path, starting with `/`. */
  readonly path: string;
  /** The same of `request.decodedPath` where the proxy allows ambiguous paths, else equal to `path`. */
  readonly decodedPath: string;
  /** Lower-case name of the header that the target's credential will set. That it is there is seen, its value never. */
  readonly injectedHeader?: string | undefined;
  /** Absent where no rule looks at the body. */
  readonly body?: BodyFindings;
}

/** `undefined`: it cannot be evaluated. What that is worth depends on who asks. */
export type Holds = boolean | undefined;

/** Whether the conditions hold. `path` is the spelling to look at. Cannot throw. */
export type Conditions = (input: MatchInput, path: string) => Holds;

export type ComponentName =
  | "methods"
  | "host"
  | "path"
  | "headers"
  | "query"
  | "when"
  | "token"
  | "actor"
  | "body";

export interface Component {
  readonly name: ComponentName;
  /** Position in the list, for a component that is one. */
  readonly index?: number;
  readonly holds: Conditions;
  /** Why it does not hold, without any value of the request. To be asked only when it does not. */
  readonly saw: (input: MatchInput, path: string) => string;
  /** Of a `body` component. */
  readonly bodyCheck?: CompiledBodyCheck;
}

/** All of them: no as soon as one says no, else undecided if one is. */
export function allHold(components: readonly Component[]): Conditions {
  const questions = components.map(({ holds }) => holds);
  const [only] = questions;
  if (only !== undefined && questions.length === 1) return only;
  return (input, path) => {
    let verdict: Holds = true;
    for (const holds of questions) {
      const held = holds(input, path);
      if (held === false) return false;
      if (held === undefined) verdict = undefined;
    }
    return verdict;
  };
}

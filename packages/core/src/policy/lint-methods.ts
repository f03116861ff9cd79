/** Methods that look like a misspelling. Any token is a method: servers have ones of their own. */
import { canonicalMethod, isStandardMethod, STANDARD_METHODS } from "../http/method.js";
import { type LintWarning, warning } from "./lint-warning.js";
import { nearestName } from "./nearest-name.js";

/** @param at - the rule or filter */
export function lintMethods(
  at: readonly PropertyKey[],
  { mode, methods = [] }: { readonly mode: string; readonly methods?: readonly string[] | undefined },
): LintWarning[] {
  if (mode === "off") return [];
  return methods.flatMap((method, index) => {
    const nearest = isStandardMethod(canonicalMethod(method))
      ? undefined
      : nearestName(method, STANDARD_METHODS);
    if (nearest === undefined) return [];
    const message = `unknown method \`${method}\`, did you mean \`${nearest}\`?`;
    const help = `write \`${nearest}\`; leave it if the server has a method of that name`;
    return [warning("unknown_method", [...at, "methods", index], message, help)];
  });
}

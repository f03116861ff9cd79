import { ConfigError, nearestName } from "@sallyport/core";

/**
 * Refuses a member that is not one of those known, naming the one that was probably meant.
 *
 * @param path - of the object, for example `with`; empty for the options of a factory
 */
export function refuseUnknown(path: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const meant = nearest === undefined ? "" : `, did you mean \`${nearest}\`?`;
  throw new ConfigError(path === "" ? unknown : `${path}.${unknown}`, `unknown option${meant}`, {
    help: `known are ${known.map((name) => `\`${name}\``).join(", ")}`,
  });
}

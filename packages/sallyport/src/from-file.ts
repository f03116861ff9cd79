/** Policy files in the formats that people write. */
import { extname } from "node:path";
import { type PolicyFile, type PolicyFileOptions, fromFile as readFrom } from "@sallyport/client";
import { readYamlText } from "./yaml-text.js";

/**
 * A policy document that is read when the guarded fetch is built, and again whenever the file changes. A file whose name
 * ends in `.yaml` or `.yml` is YAML, any other JSON, unless `read` says otherwise. A file that does not load leaves the
 * policy before in force, is recorded, and warned of.
 *
 * @param path - of the file, relative to the working directory of now; links are followed at each reading
 * @throws ConfigError for an option that is not one of these, or out of range
 * @see docs/spec/policy.md "Reloading"
 */
export function fromFile(path: string | URL, options: PolicyFileOptions = {}): PolicyFile {
  const readsYaml = options.read === undefined && isYaml(path);
  return readFrom(path, readsYaml ? { ...options, read: readYamlText } : options);
}

function isYaml(path: string | URL): boolean {
  return /^\.ya?ml$/i.test(extname(path instanceof URL ? path.pathname : String(path)));
}

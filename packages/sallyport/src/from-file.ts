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
  const file = readFrom(path, options);
  const isYaml = /^\.ya?ml$/i.test(extname(file.path));
  return file.read === undefined && isYaml ? Object.freeze({ ...file, read: readYamlText }) : file;
}

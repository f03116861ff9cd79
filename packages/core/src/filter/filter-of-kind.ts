/** The filter for each kind of body that one can read. */
import type { BodyKind } from "../http/media-type.js";
import type { StreamLimits } from "./document-series.js";
import { createEventStreamFilter } from "./event-stream.js";
import { createJsonFilter, type FilterOptions, type JsonFilter, type Stage } from "./filter-json.js";
import { createJsonLinesFilter } from "./json-lines.js";

export function filterOfKind(
  kind: Exclude<BodyKind, "other">,
  stages: readonly Stage[],
  options: FilterOptions & StreamLimits,
): JsonFilter {
  switch (kind) {
    case "json":
      return createJsonFilter(stages, options);
    case "json-lines":
      return createJsonLinesFilter(stages, options);
    case "event-stream":
      return createEventStreamFilter(stages, options);
  }
}

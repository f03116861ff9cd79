/** What the runner needs to know of one area of vectors: the shape of a case, and how to replay it. */
import { z } from "zod";

/** One folder of vectors. `vectors/areas/<folder>.ts` exports it as `area`. */
export interface Area<Case extends AnyCase = AnyCase> {
  /** Strict: a field that `replay` does not read is a mistake in the vector. Extend {@link caseFields}. */
  readonly caseSchema: z.ZodType<Case>;
  /** Replays the case and asserts all that it expects. */
  replay(one: Case): void | Promise<void>;
}

/** What every case has, whatever its area. */
export interface AnyCase {
  /** A sentence: what holds. Becomes the test's name. */
  readonly name: string;
  /** Why the case exists: what would go wrong without it. */
  readonly why: string;
}

/** The schema of {@link AnyCase}, to be spread into an area's `z.strictObject`. */
export const caseFields = {
  name: z.string().min(1),
  why: z.string().min(1),
};

/** Declares an area, keeping the type of its cases between schema and replay. */
export function defineArea<Case extends AnyCase>(area: Area<Case>): Area<Case> {
  return area;
}

/** A whole file of one area. */
export function fileSchema<Case extends AnyCase>(area: Area<Case>) {
  return z.strictObject({
    comment: z.string().min(1),
    /** A section of the specification: `policy.md, "Rules"`. */
    spec: z.string().regex(/^[a-z-]+\.md, "[^"]+"$/, 'a section such as `policy.md, "Rules"`'),
    cases: z.array(area.caseSchema).min(1),
  });
}

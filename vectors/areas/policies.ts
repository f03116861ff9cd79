/** Policy documents: those that must not load, and what those that load become. */
import { compilePolicy, isSallyportError, type PolicyIssue, parsePolicy } from "@sallyport/core";
import { expect } from "vitest";
import { z } from "zod";
import { caseFields, defineArea } from "../area.js";

const loads = z.strictObject({
  outcome: z.literal("loads"),
  /** A part of the policy in normal form; what is left out here is not compared. */
  policy: z.record(z.string(), z.unknown()),
  /** Another document that is the same policy. */
  sameAs: z.unknown().optional(),
});

const refused = z.strictObject({
  outcome: z.literal("refused"),
  code: z.enum(["ERR_POLICY_INVALID", "ERR_POLICY_UNSUPPORTED"]),
  /** All faults, in order: where, what is said of it, and what to do. */
  issues: z
    .array(z.strictObject({ pointer: z.string(), message: z.string(), help: z.string().optional() }))
    .min(1),
});

const caseSchema = z.strictObject({
  ...caseFields,
  /** The document as it is; `clientId` and `region` are filled in where it is an object without them. */
  document: z.unknown(),
  bare: z.boolean().default(false).describe("Nothing is filled in."),
  expect: z.discriminatedUnion("outcome", [loads, refused]),
});

type Case = z.output<typeof caseSchema>;

export const area = defineArea<Case>({
  caseSchema,
  replay({ document, bare, expect: wanted }) {
    const complete = (one: unknown) =>
      bare ? one : { clientId: "acme", region: "eu-1", ...(one as object) };
    const whole = complete(document);
    if (wanted.outcome === "loads") {
      const policy = parsePolicy(whole);
      expect(JSON.parse(JSON.stringify(policy))).toMatchObject(wanted.policy);
      if (wanted.sameAs === undefined) return;
      const same = parsePolicy(complete(wanted.sameAs));
      expect(policy).toEqual(same);
      expect(compilePolicy(policy).hash).toBe(compilePolicy(same).hash);
      return;
    }
    const { code, issues } = refusalOf(whole);
    expect({ code, pointers: issues.map(({ pointer }) => pointer) }).toEqual({
      code: wanted.code,
      pointers: wanted.issues.map(({ pointer }) => pointer),
    });
    for (const [index, { message, help }] of wanted.issues.entries()) {
      expect(issues[index]?.message).toContain(message);
      if (help !== undefined) expect(issues[index]?.help).toContain(help);
    }
  },
});

function refusalOf(document: unknown): { code: string; issues: readonly PolicyIssue[] } {
  try {
    parsePolicy(document);
  } catch (error) {
    if (isSallyportError(error) && "issues" in error) return error;
    throw error;
  }
  throw new Error("the document loads");
}

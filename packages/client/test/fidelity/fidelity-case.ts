/**
 * The fidelity suite: what holds for the platform's `fetch` holds for ours, where the policy allows everything and no
 * filter finds anything. Modelled on what the Web Platform Tests ask of `fetch`.
 */
import { describe, expect, it } from "vitest";
import { differencesIn, type Ending } from "./differences.js";
import { FidelityServer } from "./server.js";
import { SUBJECTS, type Subject } from "./subjects.js";

export type Fetch = typeof fetch;

export interface FidelityCase {
  /** A sentence, unique in its theme. */
  readonly name: string;
  /** Answered with a body that is no JSON: not asked of a subject whose contract is to withhold it. */
  readonly answersNoJson?: boolean;
  readonly run: (fetch: Fetch, server: FidelityServer) => Promise<void>;
}

/** Makes a test of each case for each subject. */
export function theme(name: string, cases: readonly FidelityCase[]): void {
  const differences = differencesIn(name);

  describe.for(SUBJECTS.map((one) => [one.name, one] as const))(`${name}: %s`, ([, subject]) => {
    for (const one of cases) {
      if (subject.needsJson && one.answersNoJson === true) continue;
      const difference = differences.find(({ names, isOf }) => names.includes(one.name) && isOf(subject));
      if (difference === undefined) {
        it(one.name, () => runOver(subject, one.run));
        continue;
      }
      it(`${one.name}: differs, as ${difference.reason}`, async () => {
        const { isAsBare, ending, server } = await endingOf(subject, one.run);
        expect(isAsBare, "it no longer differs: take it from the list of differences").toBe(false);
        difference.instead(ending, server);
      });
    }
  });

  it(`${name}: each case has a name of its own, and each difference is that of a case`, () => {
    const names = cases.map((one) => one.name);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(differences.flatMap((one) => one.names)));
  });
}

async function runOver(subject: Subject, run: FidelityCase["run"]): Promise<void> {
  expect.hasAssertions();
  const server = await FidelityServer.start();
  const opened = subject.open(server);
  try {
    await run(opened.fetch, server);
  } finally {
    await server.close();
    await opened.close();
  }
}

/** Whether what holds for bare `fetch` held, and how the last call ended. */
async function endingOf(
  subject: Subject,
  run: FidelityCase["run"],
): Promise<{ readonly isAsBare: boolean; readonly ending: Ending; readonly server: FidelityServer }> {
  let ending: Promise<Ending> | undefined;
  let used: FidelityServer | undefined;
  const isAsBare = await runOver(subject, (fetch, server) => {
    const watched: Fetch = (...call) => {
      const response = fetch(...call);
      ending = response.then(
        (response) => ({ response }),
        (error) => ({ error }),
      );
      return response;
    };
    used = server;
    return run(watched, server);
  }).then(
    () => true,
    () => false,
  );
  if (ending === undefined || used === undefined) throw new Error("the case calls nothing");
  return { isAsBare, ending: await ending, server: used };
}

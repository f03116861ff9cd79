// For what must not share a heap: a file of the benches as a process of its own, which measures and answers once.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * Runs a file with arguments, and resolves to what it answers.
 *
 * @param {URL | string} file
 * @param {readonly string[]} args
 * @param {{ execArgv?: string[] }} [options]
 */
export async function answerOf(file, args, { execArgv = [] } = {}) {
  const child = fork(fileURLToPath(file), args, { execArgv });
  const exited = once(child, "exit");
  const answer = await Promise.race([
    once(child, "message").then(([message]) => message),
    exited.then(([code]) => Promise.reject(new Error(`the bench's process ended with code ${code}`))),
  ]);
  await exited;
  return answer;
}

/**
 * The other end: what follows runs only where the file is the process, and gets the arguments.
 *
 * @param {string} url `import.meta.url`
 * @param {(...args: string[]) => unknown} measure
 */
export async function answerWhenAsked(url, measure) {
  if (process.argv[1] !== fileURLToPath(url) || process.send === undefined) return;
  const answer = await measure(...process.argv.slice(2));
  // Open connections would keep the process for a while.
  process.send(answer, () => process.exit(0));
}

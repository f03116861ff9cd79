import { describe, expect, it } from "vitest";
import { allHold, type Component, type Holds, type MatchInput } from "./component.js";

const answering = (answer: Holds): Component => ({
  name: "path",
  holds: () => answer,
  saw: () => "",
});
const input = {} as MatchInput;

describe("all of several components", () => {
  it.each<[answers: readonly Holds[], holds: Holds]>([
    [[], true],
    [[true], true],
    [[false], false],
    [[undefined], undefined],
    [[true, true], true],
    [[true, false], false],
    [[false, true], false],
    [[true, undefined], undefined],
    [[undefined, true], undefined],
    [[undefined, undefined], undefined],
    // What cannot be told of one does not matter where another says no.
    [[undefined, false], false],
    [[false, undefined], false],
    [[true, undefined, true], undefined],
    [[undefined, true, false], false],
  ])("that answer %j", (answers, holds) => {
    expect(allHold(answers.map(answering))(input, "/")).toBe(holds);
  });

  it("each look at the same request and spelling of its path", () => {
    const seen: unknown[] = [];
    const looking: Component = {
      ...answering(true),
      holds: (one, path) => {
        seen.push(one, path);
        return true;
      },
    };
    allHold([looking])(input, "/a");
    allHold([looking, looking])(input, "/b");
    expect(seen).toEqual([input, "/a", input, "/b", input, "/b"]);
  });
});

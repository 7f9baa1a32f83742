import { expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { eventText } from "../../src/worker/builds/event-text.ts";
import { failure, local, log, output, plan, start, step } from "../progress/events.ts";

const stages = plan(step("0", "[one 1/1] RUN one", []), step("1", "[two 1/1] RUN two", []));

/** Events that pause until they are released. */
function pausing(before: readonly BuildEvent[], after: readonly BuildEvent[]) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  async function* events() {
    yield* before;
    await released;
    yield* after;
  }
  return { events: events(), release };
}

test("delayed text is written without a further event", async () => {
  const all = log([0, stages], [10, start("0")], [20, output("0", "hello\n")], [900, failure("0")]);
  const { events, release } = pausing(all.slice(0, 3), all.slice(3));
  let text = "";
  for await (const piece of eventText(events)) {
    text += piece;
    // Both events came too soon after the first to be printed with them.
    if (text.includes("hello")) release();
  }
  expect(text).toBe(`\
#1 [one 1/1] RUN one
#1 0.010 hello
#1 ERROR: The step failed
ERROR: exit code: 1
`);
});

test("all text is written when the events end without a result", async () => {
  let text = "";
  async function* events() {
    yield* log([0, stages], [0, start("0")], [300, start("1")], [600, output("1", "two\n")]);
  }
  for await (const piece of eventText(events())) text += piece;
  expect(text).toBe("#1 [one 1/1] RUN one\n#1 ...\n\n#2 [two 1/1] RUN two\n#2 0.300 two\n");
});

test("an error of the events is thrown after the text before it, and returning early closes them", async () => {
  async function* failing() {
    yield* log([0, stages], [200, start("0")]);
    throw new Error("gone");
  }
  let text = "";
  const read = async () => {
    for await (const piece of eventText(failing())) text += piece;
  };
  await expect(read()).rejects.toThrow("gone");
  expect(text).toBe("#1 [one 1/1] RUN one\n");
  let isEnded = false;
  async function* endless() {
    try {
      for (let time = 0; ; time += 200) yield local(time, start(`${time}`));
    } finally {
      isEnded = true;
    }
  }
  for await (const _ of eventText(endless())) break;
  expect(isEnded).toBe(true);
});

import { expect, test } from "vitest";
import type { BuildEvent, EventBody } from "../../schemas/events.ts";
import { PlainText } from "../../src/progress/plain-text.ts";
import {
  cached,
  end,
  failure,
  layer,
  local,
  log,
  output,
  plan,
  result,
  start,
  step,
  transfer,
  waiting,
} from "./events.ts";

const textOf = (events: readonly BuildEvent[], text = new PlainText()) =>
  events.map((event) => text.add(event)).join("");

const stages = plan(
  step("0", "[one 1/1] RUN one", []),
  step("1", "[two 1/1] RUN two", []),
  step("2", "[last 1/1] COPY --from=one /a /", ["0", "1"]),
);

test("the output of one step is shown at a time, and that of others when they end", () => {
  const events = log(
    [0, stages],
    [100, start("0")],
    [110, start("1")],
    [300, output("0", "one a\n")],
    [500, output("1", "two a\n", "stderr")],
    [700, output("0", "one b\n")],
    [900, output("1", "two b\ntwo c\n")],
    [1110, end("1", 1000)],
    [1400, output("0", "one c\n")],
    [3100, end("0", 3000)],
    [3110, cached("2")],
    [3200, { type: "step.stored", step: "0", layer }],
    [3300, { type: "export", message: "exporting manifest sha256:1 done", digest: "sha256:1" }],
    [3400, result],
  );
  expect(textOf(events)).toBe(`\
#1 [one 1/1] RUN one
#1 0.200 one a
#1 0.600 one b
#1 ...

#2 [two 1/1] RUN two
#2 0.390 two a
#2 0.790 two b
#2 0.790 two c
#2 DONE 1.0s

#1 [one 1/1] RUN one
#1 1.300 one c
#1 DONE 3.0s

#3 [last 1/1] COPY --from=one /a /
#3 CACHED

#4 exporting to image
#4 exporting layer ${layer.digest} 1.23MB done
#4 exporting manifest sha256:1 done
#4 naming to app:latest done
#4 DONE 0.3s
`);
});

test("delayed output is printed without another event: after ten seconds, or when nothing else is shown", () => {
  const text = new PlainText();
  const events = log(
    [0, stages],
    [0, start("0")],
    [200, start("1")],
    [400, output("1", "two a\n")],
    [600, output("0", "one a\n")],
  );
  expect(textOf(events, text)).toBe("#1 [one 1/1] RUN one\n#1 0.600 one a\n");
  expect(text.isHolding).toBe(true);
  // It has written as much as the other step, whose output stays first.
  expect(text.tick(5000)).toBe("");
  expect(text.tick(11_000)).toBe("#1 ...\n\n#2 [two 1/1] RUN two\n#2 0.200 two a\n");
  expect(text.isHolding).toBe(false);
  const [, , , , , ended] = log(
    ...events.map(({ seq: _seq, time, ...body }) => [time, body] as [number, EventBody]),
    [12_000, end("1")],
  );
  expect(text.add(ended as BuildEvent)).toBe("#2 DONE 1.0s\n\n#1 [one 1/1] RUN one\n");
});

test("a step that writes more gets its turn sooner", () => {
  const lines = Array.from(
    { length: 40 },
    (_, index) => [300 + index * 150, output("1", `two ${index}\n`)] as [number, EventBody],
  );
  const text = textOf(
    log([0, stages], [0, start("0")], [100, output("0", "one\n")], [200, start("1")], ...lines),
  );
  expect(text).toMatch(
    /^#1 \[one 1\/1\] RUN one\n#1 0\.100 one\n#1 \.\.\.\n\n#2 \[two 1\/1\] RUN two\n#2 0\.100 two 0\n/,
  );
  expect(text).toContain("two 39");
});

test("a step that waits for a runner before its inputs have ended is shown after them, or after ten seconds", () => {
  const chain = plan(step("0", "[1/2] FROM base", []), step("1", "[2/2] RUN one", ["0"]));
  const events = log(
    [0, chain],
    [200, waiting("1")],
    [210, start("0")],
    [500, transfer("0", 1, 2)],
    [900, end("0", 690)],
    [1200, start("1")],
    [1300, output("1", "one\n")],
  );
  expect(textOf(events)).toBe(`\
#1 [1/2] FROM base
#1 reading 1B / 2B
#1 reading 1B / 2B 0.4s done
#1 DONE 0.7s

#2 [2/2] RUN one
#2 waiting for a runner
#2 0.100 one
`);
  const text = new PlainText();
  textOf(events.slice(0, 4), text);
  expect(text.tick(9000)).toBe("");
  expect(text.tick(11_000)).toBe("#1 ...\n\n#2 [2/2] RUN one\n#2 waiting for a runner\n");
});

test("output above the limit of delayed output is shown at once", () => {
  const text = new PlainText();
  const events = log(
    [0, stages],
    [0, start("0")],
    [200, start("1")],
    [400, output("1", `${"x".repeat(2 ** 20)}\n`)],
  );
  expect(textOf(events, text)).toContain("#1 ...\n\n#2 [two 1/1] RUN two\n");
});

test("transfers are reported when they have progressed, and once when they are done", () => {
  const events = log(
    [0, plan(step("0", "ADD http://x/y /", []))],
    [100, start("0")],
    [200, transfer("0", 0, 1000)],
    [300, transfer("0", 10, 1000)],
    [400, transfer("0", 100, 1000)],
    [5600, transfer("0", 101, 1000)],
    [5700, transfer("0", 1000, 1000)],
    [5800, transfer("0", 1000, 1000)],
    [5900, transfer("0", 30, undefined, "sent:")],
    [6000, transfer("0", 70, undefined, "sent:")],
    [6100, end("0", 6000)],
  );
  expect(textOf(events)).toBe(`\
#1 ADD http://x/y /
#1 reading 0B / 1.00kB
#1 reading 100B / 1.00kB 0.2s
#1 reading 101B / 1.00kB 5.4s
#1 reading 1.00kB / 1.00kB 5.5s done
#1 sent: 70B 0.2s done
#1 DONE 6.0s

#2 exporting to image
`);
});

test("a failure names the step, cancels the others and is followed by the warnings", () => {
  const warning: EventBody = { type: "warning", rule: "R", message: "m", file: "Dockerfile", line: 3 };
  const events = log(
    [0, stages],
    [1, warning],
    [100, start("0")],
    [200, start("1")],
    [300, waiting("1")],
    [400, failure("0")],
  );
  expect(textOf(events)).toBe(`\
#1 [one 1/1] RUN one
#1 ERROR: The step failed

#2 [two 1/1] RUN two
#2 waiting for a runner
#2 CANCELED

 1 warning found:
 - R: m (line 3)
`);
});

test("a step whose result was lost is shown again with its number", () => {
  const events = log(
    [0, stages],
    [100, start("0")],
    [200, end("0", 100)],
    [300, start("0")],
    [500, end("0", 200)],
  );
  expect(textOf(events)).toBe("#1 [one 1/1] RUN one\n#1 DONE 0.1s\n\n#1 [one 1/1] RUN one\n#1 DONE 0.2s\n");
});

test("steps of the client come before and after those of the server", () => {
  const events = [
    local(0, plan(step("context", "[internal] load build context"))),
    local(0, start("context")),
    local(500, end("context", 500)),
    ...log([0, stages], [5, cached("2")], [10, result]),
    local(900, plan(step("push", "pushing app"))),
    local(900, start("push")),
    local(1900, end("push", 1000)),
  ];
  expect(textOf(events)).toBe(`\
#1 [internal] load build context
#1 DONE 0.5s

#2 [last 1/1] COPY --from=one /a /
#2 CACHED

#3 exporting to image
#3 naming to app:latest done
#3 DONE 0.0s

#4 pushing app
#4 DONE 1.0s
`);
});

test("delayed output is printed when the events end early", () => {
  const text = new PlainText();
  const events = log([0, stages], [0, start("0")], [200, start("1")], [400, output("1", "two a\n")]);
  expect(textOf(events, text)).toBe("#1 [one 1/1] RUN one\n");
  expect(text.flush()).toBe("#1 ...\n\n#2 [two 1/1] RUN two\n#2 0.200 two a\n");
});

test("warnings of a build that does not start are printed once", () => {
  const text = new PlainText();
  const warning = { type: "warning", rule: "R", message: "m", file: "Dockerfile", line: 3 } as const;
  expect(textOf(log([0, warning]), text)).toBe("");
  expect(text.flush()).toBe("\n 1 warning found:\n - R: m (line 3)\n");
  expect(text.flush()).toBe("");
});

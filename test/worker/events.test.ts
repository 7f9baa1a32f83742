import { describe, expect, test } from "vitest";
import { buildEvent } from "../../schemas/events.ts";
import { ask, build, eventsOf, parseEvents, postBuild, textOf } from "./server.ts";

/** Files that no other test builds, so that every step executes. */
const filesOf = (name: string) => ({
  Dockerfile:
    "FROM scratch AS app\nCOPY a /a\nCOPY b /b\nFROM app\nMAINTAINER somebody\nCOPY --from=app /a /c\n",
  a: `a of ${name}`,
  b: `b of ${name}`,
});

/** The fields of each event of a text/event-stream. */
function parseStream(text: string): Record<string, string>[] {
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((block) =>
      Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string])),
    );
}

/** Lines of plain progress by step, whose numbers are left out: steps execute concurrently. */
function byStep(text: string): string[] {
  const steps = new Map<string, Set<string>>();
  const others: string[] = [];
  for (const line of text.split("\n").filter(Boolean)) {
    const [, number, rest = ""] = /^#(\d+) (.*)/.exec(line) ?? [];
    if (number === undefined) others.push(line);
    else if (rest !== "...") steps.set(number, (steps.get(number) ?? new Set()).add(rest));
  }
  const blocks = [...steps.values()].map((lines) => [...lines].join("\n"));
  return [...blocks.sort(), ...others];
}

describe("events while a build runs", () => {
  test("NDJSON: one event per line, numbered from 1; the last one is the result", async () => {
    const answer = await postBuild(
      filesOf("events/ndjson"),
      { t: "events/ndjson" },
      { accept: "application/x-ndjson" },
    );
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(answer.headers.get("varve-build")).toMatch(/^[0-9a-f]{64}$/);
    const events = parseEvents(await textOf(answer));
    for (const event of events) buildEvent.parse(event);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const types = events.map(({ type }) => type);
    expect([...types.slice(0, 2), ...types.slice(-2)]).toEqual(["plan", "warning", "export", "result"]);
    const steps = events.slice(2, -2).map((event) => ["step" in event ? event.step : "", event.type]);
    // Steps execute concurrently.
    expect(steps.sort(([a = ""], [b = ""]) => a.localeCompare(b))).toEqual(
      ["0", "1", "2"].flatMap((step) => [
        [step, "step.start"],
        [step, "step.done"],
      ]),
    );
    expect(events[0]).toMatchObject({
      steps: [
        { name: "[app 1/2] COPY a /a", stage: "app", platform: "linux/amd64", lines: { start: 2, end: 2 } },
        { name: "[app 2/2] COPY b /b" },
        { name: "[stage-1 1/1] COPY --from=app /a /c", lines: { start: 6, end: 6 } },
      ],
    });
    expect(events[1]).toMatchObject({ rule: "MaintainerDeprecated", file: "Dockerfile", line: 5 });
    expect(events.at(-1)).toMatchObject({
      repository: "events/ndjson",
      tags: ["events/ndjson:latest"],
      descriptor: { digest: expect.stringMatching(/^sha256:/) },
    });
  });

  test("server-sent events: with ids and names", async () => {
    const answer = await postBuild(
      filesOf("events/sse"),
      { t: "events/sse" },
      { accept: "text/event-stream" },
    );
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const events = parseStream(await textOf(answer));
    for (const [index, { id, event, data }] of events.entries()) {
      expect(id).toBe(String(index + 1));
      expect(buildEvent.parse(JSON.parse(data ?? ""))).toMatchObject({ seq: index + 1, type: event });
    }
    expect(events.at(-1)?.event).toBe("result");
  });

  test("text: like BuildKit's plain progress", async () => {
    const first = await postBuild(filesOf("events/text"), { t: "events/text" }, { accept: "text/plain" });
    expect(first.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const digest = /sha256:[0-9a-f]{64}/g;
    const seconds = /\d+\.\ds/g;
    const text = (await textOf(first)).replace(digest, "<digest>").replace(seconds, "<time>");
    expect(byStep(text)).toEqual([
      "[app 1/2] COPY a /a\nDONE <time>",
      "[app 2/2] COPY b /b\nDONE <time>",
      "[stage-1 1/1] COPY --from=app /a /c\nDONE <time>",
      "exporting to image\nexporting manifest <digest> done\nnaming to events/text:latest done\nDONE <time>",
      " 1 warning found:",
      " - MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 5)",
    ]);
    const second = await postBuild(filesOf("events/text"), { t: "events/text" }, { accept: "text/plain" });
    expect(await textOf(second)).toContain("#2 [app 2/2] COPY b /b\n#2 CACHED\n\n#3");
  });

  test("the first known format in Accept is used", async () => {
    const accept = "text/html, TEXT/Event-Stream;q=0.9, application/x-ndjson";
    const answer = await postBuild(filesOf("accept"), {}, { accept });
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    await answer.body?.cancel();
    const other = await postBuild(filesOf("accept"), {}, { accept: "application/json, */*" });
    expect(other.headers.get("content-type")).toBe("application/vnd.oci.image.manifest.v1+json");
  });
});

describe("events of a finished build", () => {
  test("are the same as during the build, in every format", async () => {
    const live = await postBuild(filesOf("replay"), { t: "replay" }, { accept: "application/x-ndjson" });
    const id = live.headers.get("varve-build") ?? "";
    const events = parseEvents(await textOf(live));
    expect(await eventsOf(id)).toEqual(events);
    const stream = await ask(`/v1/builds/${id}/events`, { headers: { accept: "text/event-stream" } });
    expect(parseStream(await textOf(stream)).map(({ data }) => JSON.parse(data ?? ""))).toEqual(events);
    const text = await ask(`/v1/builds/${id}/events`, { headers: { accept: "text/plain" } });
    expect(byStep(await textOf(text))[0]).toMatch(/^\[app 1\/2\] COPY a \/a\nDONE \d+\.\ds$/);
  });

  test("continue after the last event that the client received", async () => {
    const { id } = await build(filesOf("resume"), { t: "resume" });
    const all = await eventsOf(id);
    const eventsAfter = async (init: RequestInit, query = "") =>
      parseEvents(await textOf(await ask(`/v1/builds/${id}/events${query}`, init)));
    expect(await eventsAfter({ headers: { "last-event-id": "4" } })).toEqual(all.slice(4));
    expect(await eventsAfter({}, "?after=4")).toEqual(all.slice(4));
    expect(await eventsAfter({ headers: { "last-event-id": String(all.length) } })).toEqual([]);
    expect(await eventsAfter({ headers: { "last-event-id": "1000000" } })).toEqual([]);
    for (const wrong of ["x", "-1", "1.5", ""])
      expect(await eventsAfter({ headers: { "last-event-id": wrong } })).toEqual(all);
  });
});

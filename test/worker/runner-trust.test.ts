import { describe, expect, test } from "vitest";
import type { ClientRunner, Job } from "../../schemas/runner.ts";
import type { JobRow } from "../../src/worker/job-table.ts";
import { mayHave } from "../../src/worker/runner-trust.ts";
import { member } from "../tar/archive.ts";
import { dial, FakeRunner, getBlob, putDiff } from "./fake-runner.ts";
import {
  ask,
  build,
  builtBy,
  endedRecordOf,
  eventsOf,
  type Files,
  postBuild,
  problemIn,
  storedKeys,
} from "./server.ts";

const written = [member({ path: "f" }, "hi\n")];
const dockerfile = (...lines: string[]): Files => ({ Dockerfile: ["FROM scratch", ...lines, ""].join("\n") });
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

/** A build that was begun, with what the client's runner shows. */
interface Begun {
  id: string;
  token: string;
}

async function begin(
  files: Files,
  runner: ClientRunner["runner"] | undefined,
  query: Record<string, string> = {},
): Promise<Begun> {
  const asked = { ...query, ...(runner !== undefined && { runner }) };
  const answer = await postBuild(files, asked, { prefer: "respond-async" });
  if (answer.status !== 202) throw new Error(await answer.text());
  return {
    id: answer.headers.get("varve-build") ?? "",
    token: answer.headers.get("varve-runner") ?? "",
  };
}

const beside = ({ token }: Begun, hello: Parameters<typeof FakeRunner.dial>[0] = {}) =>
  FakeRunner.dial(hello, `varve.runner, token.${token}`);

/** What the runner is told, or `nothing` when that is not much. */
async function soon(runner: FakeRunner): Promise<Job | "nothing"> {
  return Promise.race([runner.job(), pause().then(() => "nothing" as const)]);
}

async function endOf({ id }: Begun) {
  return (await endedRecordOf(id)).state;
}

const cancel = ({ id }: Begun) => ask(`/v1/builds/${id}`, { method: "DELETE" });

describe("a runner beside the client", () => {
  test("carries out the steps of its build, before the others", async () => {
    await using pool = await FakeRunner.dial();
    const begun = await begin(dockerfile("RUN first"), "first");
    expect(await soon(pool)).toBe("nothing");
    await using own = await beside(begun);
    await own.work({ upper: written });
    expect(await endOf(begun)).toBe("done");
  });

  test("that says it cannot leaves them to the others", async () => {
    await using pool = await FakeRunner.dial();
    const begun = await begin(dockerfile("RUN cannot"), "first");
    await using _own = await beside(begun, { platforms: [] });
    await pool.work({ upper: written });
    expect(await endOf(begun)).toBe("done");
  });

  test("shares them with nobody when it is the only one that may", async () => {
    await using pool = await FakeRunner.dial();
    const begun = await begin(dockerfile("RUN only"), "only");
    await using incapable = await beside(begun, { platforms: [] });
    expect(await soon(pool)).toBe("nothing");
    incapable.close();
    await using own = await beside(begun);
    await own.work({ upper: written });
    expect(await endOf(begun)).toBe("done");
  });

  test("does what others cannot when it is to spare", async () => {
    const pool = await FakeRunner.dial();
    const served = await begin(dockerfile("RUN spare 1"), "spare");
    await pool.work({ upper: written });
    expect(await endOf(served)).toBe("done");
    await pool[Symbol.asyncDispose]();
    const alone = await begin(dockerfile("RUN spare 2"), "spare");
    await using own = await beside(alone);
    await own.work({ upper: written });
    expect(await endOf(alone)).toBe("done");
  });

  test("has the secrets that it named, and the server only their names", async () => {
    await using pool = await FakeRunner.dial();
    const files = dockerfile("RUN --mount=type=secret,id=s,required=true --mount=type=ssh x");
    const begun = await begin(files, "first", { secret: "s", ssh: "default" });
    await using own = await beside(begun);
    const job = await own.work({ upper: written });
    expect(job.mounts).toMatchObject([
      { type: "ssh", id: "default", forwarded: true },
      { type: "secret", id: "s", target: "/run/secrets/s" },
    ]);
    expect(job.mounts[1]).not.toHaveProperty("value");
    expect(await endOf(begun)).toBe("done");
    expect(await soon(pool)).toBe("nothing");
  });

  test("is not told secrets that somebody else sent with an equal build", async () => {
    const text = dockerfile("RUN --mount=type=secret,id=s sent").Dockerfile as string;
    const form = new FormData();
    form.set("dockerfile", text);
    form.set("secret.s", "for the operator's runners");
    const sent = await ask("/v1/builds", {
      method: "POST",
      body: form,
      headers: { prefer: "respond-async" },
    });
    const id = sent.headers.get("varve-build") ?? "";
    const empty = new FormData();
    empty.set("dockerfile", text);
    const joined = await ask("/v1/builds?runner=first&secret=s", {
      method: "POST",
      body: empty,
      headers: { prefer: "respond-async" },
    });
    expect(joined.headers.get("varve-build")).toBe(id);
    await using own = await beside({ id, token: joined.headers.get("varve-runner") ?? "" });
    expect(await soon(own)).toBe("nothing");
    await using pool = await FakeRunner.dial();
    await pool.work({ upper: written });
    expect((await endedRecordOf(id)).state).toBe("done");
  });
});

describe("what a runner beside a client gives", () => {
  const evil = [member({ path: "f" }, "evil\n"), member({ path: "app", type: "symlink", linkname: "/etc" })];

  test("is known to the repository that was built, and to no other", async () => {
    const files = { ...dockerfile("RUN trust", "COPY a /app/"), a: "a" };
    const first = await begin(files, "first", { t: "mine:1" });
    await using own = await beside(first);
    await own.work({ upper: evil });
    expect(await endOf(first)).toBe("done");
    const again = await build(files, { t: "mine:2" });

    await using pool = await FakeRunner.dial();
    const other = postBuild(files, { t: "theirs" });
    await pool.work({ upper: [member({ path: "f" }, "good\n")] });
    const theirs = await builtBy(await other);
    expect(theirs.manifest.layers).not.toContainEqual(again.manifest.layers[0]);
    expect(theirs.manifest.layers[1]).not.toEqual(again.manifest.layers[1]);
    // What the operator's runners give is everybody's.
    expect((await build(files, { t: "third" })).digest).toBe(theirs.digest);
  });

  test("stays so when another one has carried out the step in the end", async () => {
    const files = dockerfile("RUN overwritten");
    const begun = await begin(files, "first", { t: "mine" });
    const own = await beside(begun);
    const job = await own.job();
    own.close();
    await using pool = await FakeRunner.dial();
    const same = await pool.job();
    expect((await putDiff(same, written)).status).toBe(204);
    // It has the same token.
    expect((await putDiff(job, evil)).status).toBe(204);
    pool.say({ type: "done", job: same.id });
    expect(await endOf(begun)).toBe("done");
    const other = postBuild(files, { t: "theirs" });
    await pool.work({ upper: written });
    await builtBy(await other);
  }, 15_000);

  test("was made with the secrets of its repository: no other finds it", async () => {
    const files = dockerfile("RUN --mount=type=secret,id=s private");
    await using pool = await FakeRunner.dial();
    for (const t of ["one", "two"]) {
      const building = postBuild(files, { t });
      await pool.work({ upper: written });
      await builtBy(await building);
    }
    await build(files, { t: "one:again" });
  });
});

describe("a malicious runner of a build", () => {
  test("gets no job of another, and no say in it", async () => {
    const mine = await begin(dockerfile("RUN mine"), "only");
    const theirs = await begin({ ...dockerfile("COPY a /", "RUN theirs"), a: "secret" }, undefined);
    await using victim = await FakeRunner.dial();
    const job = await victim.job();
    await using evil = await beside(mine, { capacity: 99, jobs: [job.id] });
    // It is told to stop what it said it had, and then given what is its own.
    expect(await evil.next()).toEqual({ type: "cancel", job: job.id });
    const own = await evil.job();
    expect(own.args.at(-1)).toBe("mine");
    const nothing = { reason: "internal", message: "evil" } as const;
    evil.log(job, "evil\n");
    evil.say({ type: "failed", job: job.id, failure: nothing });
    evil.say({ type: "done", job: job.id });
    await evil.known();
    victim.close();
    await pause();
    // Lost jobs wait for their runner, not for whoever speaks first.
    evil.say({ type: "hello", platforms: ["linux/amd64"], capacity: 9, labels: {}, jobs: [job.id] });
    evil.say({ type: "failed", job: job.id, failure: nothing });
    await evil.known();
    await using back = await FakeRunner.dial({ jobs: [job.id] });
    await back.finish(job, written);
    expect(await endOf(theirs)).toBe("done");
    const log = JSON.stringify(await eventsOf(theirs.id));
    expect(log).not.toContain("evil");
    await cancel(mine);
  });

  test("reads no layer of another repository and writes no diff of another job", async () => {
    const other = await build({ ...dockerfile("COPY o /"), o: "of another" }, { t: "private" });
    const theirs = await begin(dockerfile("RUN theirs 2"), undefined);
    await using victim = await FakeRunner.dial();
    const job = await victim.job();
    const mine = await begin(dockerfile("RUN mine 2"), "only", { t: "mine" });
    await using evil = await beside(mine);
    const own = await evil.job();
    const layer = other.manifest.layers[0]?.digest ?? "";
    expect((await problemIn(await getBlob(own, layer))).code).toBe("blob-unknown");
    const forged = { id: job.id, token: own.token };
    expect((await problemIn(await getBlob(forged, layer))).code).toBe("job-denied");
    expect((await problemIn(await putDiff(forged, written))).code).toBe("job-denied");
    const shown = { id: job.id, token: mine.token };
    expect((await problemIn(await putDiff(shown, written))).code).toBe("job-denied");
    expect(await storedKeys(`diffs/${job.id}`)).toEqual([]);
    await Promise.all([cancel(mine), cancel(theirs)]);
  });

  test("is sent away when its build ends, and does not come back", async () => {
    const begun = await begin(dockerfile("RUN ends"), "only");
    const protocols = `varve.runner, token.${begun.token}`;
    await using own = await beside(begun);
    const job = await own.work({ upper: written });
    expect(await endOf(begun)).toBe("done");
    await own.closed;
    expect((await problemIn(await dial(protocols))).code).toBe("runner-denied");
    expect((await problemIn(await putDiff(job, written))).code).toBe("job-denied");
    // An equal build that runs later has another token.
    const again = await begin(dockerfile("RUN ends"), "only", { nocache: "1" });
    expect(again.token).not.toBe(begun.token);
    expect((await problemIn(await dial(protocols))).code).toBe("runner-denied");
    await cancel(again);
  });

  test.each(["build-", `build-${"0".repeat(64)}`])("is not one with the token %s", async (token) => {
    expect((await problemIn(await dial(`varve.runner, token.${token}`))).code).toBe("runner-denied");
  });
});

test.each([
  [{ secret: "s" }, "a secret without a runner"],
  [{ runner: "mine" }, "a runner of no known sort"],
])("an offer of %j is refused: %s", async (query: Record<string, string>, _) => {
  expect(await problemIn(await postBuild(dockerfile("RUN x"), query))).toMatchObject({
    status: 400,
    code: "invalid-request",
  });
});

test("a token that grants run for one repository of a build is not enough for the other", () => {
  const needs = JSON.stringify({ values: false, secrets: [], ssh: [], rights: [] });
  const job = { needs, only: 0, repositories: JSON.stringify(["team/a", "other/b"]) } as JobRow;
  const may = (...scopes: string[]) => mayHave({ kind: "pool", scopes }, job);
  expect([may("team/*"), may("team/*", "other/b"), may("**"), may()]).toEqual([false, true, true, false]);
});

import { describe, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { ask, build, recordOf, textOf } from "./server.ts";

const name = "engine/app";

async function json<T>(path: string, init: RequestInit = {}, status = 200): Promise<T> {
  const answer = await ask(path, init);
  const text = await textOf(answer);
  if (answer.status !== status) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text);
}

async function messages(path: string, init: RequestInit = {}): Promise<Record<string, unknown>[]> {
  const answer = await ask(path, { method: "POST", ...init });
  const text = await textOf(answer);
  if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  return text
    .split("\r\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const files = { a: "1", Dockerfile: "FROM scratch\nARG B\nCOPY a /$B\n" };

test("a ping returns the API version", async () => {
  for (const method of ["GET", "HEAD"]) {
    const answer = await ask("/_ping", { method });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("api-version")).toBe("1.47");
    expect(await textOf(answer)).toBe(method === "GET" ? "OK" : "");
  }
  expect(await json("/v1.40/version")).toMatchObject({ ApiVersion: "1.47", Os: "linux" });
});

/** The last message of a stream that failed. */
const absent = (message: string) => ({ errorDetail: { message }, error: message });

describe("a build", () => {
  const query = new URLSearchParams({
    t: `${name}:1`,
    buildargs: '{"B":"b","C":null}',
    memory: "0",
    rm: "1",
  });

  test("streams docker's messages, and gives the same image as the HTTP API", async () => {
    const output = await messages(`/v1.45/build?${query}`, { body: contextOf(files) });
    const native = await build(files, { t: "engine/native", buildargs: '{"B":"b"}' });
    const id = native.manifest.config.digest;
    expect(output).toEqual([
      { stream: "Step 1/3 : FROM scratch\n" },
      { stream: "Step 2/3 : ARG B\n" },
      { stream: "Step 3/3 : COPY a /$B\n" },
      { stream: ` ---> ${native.manifest.layers[0]?.digest.slice(7, 19)}\n` },
      { aux: { ID: id } },
      { stream: `Successfully built ${id.slice(7, 19)}\n` },
      { stream: `Successfully tagged ${name}:1\n` },
    ]);
    const quiet = await messages(`/build?${query}&q=1`, { body: contextOf(files) });
    expect(quiet).toEqual([{ stream: `${id}\n` }]);
  });

  test("that is invalid is rejected with a message", async () => {
    const body = contextOf({ Dockerfile: "FROM scratch\nCOPY none /\n" });
    // A step that fails is a message of the stream, as docker's libraries expect; what cannot be read is a status.
    expect(await messages("/v1.45/build", { body })).toEqual([
      { errorDetail: { message: expect.stringMatching(/"\/none": not found/) }, error: expect.any(String) },
    ]);
    const unreadable = contextOf({ Dockerfile: "FORM scratch\n" });
    const refused = await ask("/v1.45/build", { method: "POST", body: unreadable });
    expect([refused.status, refused.headers.get("content-length")]).toEqual([
      400,
      expect.stringMatching(/^\d+$/),
    ]);
    expect(await json("/v1.45/build?version=2", { method: "POST", body }, 400)).toEqual({
      message: expect.stringMatching(/set DOCKER_BUILDKIT=0.*or use varve build/),
    });
  });
});

describe("images", () => {
  test("are listed and inspected, with their history, by name and by id", async () => {
    const [entry] = await json<{ Id: string; RepoTags: string[] }[]>(
      `/v1.45/images/json?filters=${encodeURIComponent('{"reference":["engine/app"]}')}`,
    );
    expect(entry?.RepoTags).toEqual([`${name}:1`]);
    const id = entry?.Id ?? "";
    for (const text of [`${name}:1`, `localhost/${name}:1`, id, id.slice(7, 19)]) {
      const image = await json<{ Id: string }>(`/v1.45/images/${encodeURIComponent(text)}/json`);
      expect(image).toMatchObject({
        Id: id,
        Os: "linux",
        RepoTags: expect.arrayContaining([expect.any(String)]),
      });
    }
    const history = await json<{ Id: string; CreatedBy: string }[]>(`/v1.45/images/${name}:1/history`);
    expect(history.map((row) => [row.Id, row.CreatedBy])).toEqual([
      [id, "COPY a /b # buildkit"],
      ["<missing>", "ARG B=b"],
    ]);
    expect(await json(`/v1.45/images/${name}:none/json`, {}, 404)).toEqual({
      message: `No such image: ${name}:none`,
    });
  });

  test("are tagged, saved, loaded, pushed and removed", async () => {
    const tagged = await ask(`/v1.45/images/${name}:1/tag?repo=engine/copy&tag=2`, { method: "POST" });
    expect(tagged.status).toBe(201);
    const saved = await ask("/v1.45/images/get?names=engine/copy:2");
    const archive = await saved.arrayBuffer();
    expect(archive.byteLength).toBe(Number(saved.headers.get("content-length")));
    const removed = await json("/v1.45/images/engine/copy:2", { method: "DELETE" });
    // The image has names in other repositories.
    expect(removed).toEqual([
      { Untagged: "engine/copy:2" },
      { Untagged: expect.stringMatching(/^engine\/copy@sha256:/) },
    ]);
    const loaded = await messages("/v1.45/images/load?quiet=1", { body: archive });
    expect(loaded).toEqual([{ stream: "Loaded image: engine/copy:2\n" }]);
    const pushed = await messages("/v1.45/images/engine/copy/push?tag=2");
    expect(pushed.at(-1)).toMatchObject({ aux: { Tag: "2", Digest: expect.stringMatching(/^sha256:/) } });
    // A name of another registry is another image, and is pushed to its host.
    expect(await messages("/v1.45/images/registry.invalid/engine/copy/push?tag=2")).toEqual([
      { status: "The push refers to repository [registry.invalid/engine/copy]" },
      absent("An image does not exist locally with the tag: registry.invalid/engine/copy"),
    ]);
    expect((await messages("/v1.45/images/engine/copy/push?tag=3")).at(-1)).toEqual(
      absent("tag does not exist: engine/copy:3"),
    );
    await ask("/v1.45/images/engine/copy:2/tag?repo=registry.invalid/engine/copy&tag=2", { method: "POST" });
    const foreign = await messages("/v1.45/images/registry.invalid/engine/copy/push?tag=2");
    expect(foreign.at(-1)).toMatchObject({
      errorDetail: { message: expect.stringMatching(/registry\.invalid/) },
    });
  });

  test("have all their names, whatever their repository", async () => {
    await build({ Dockerfile: "FROM scratch\nLABEL names=all\n" }, { t: "engine/first:1" });
    await ask("/v1.45/images/engine/first:1/tag?repo=engine/second&tag=2", { method: "POST" });
    const names = ["engine/first:1", "engine/second:2"];
    for (const text of names) {
      const { RepoTags } = await json<{ RepoTags: string[] }>(`/v1.45/images/${text}/json`);
      expect(RepoTags.sort()).toEqual(names);
    }
    const bad = await ask("/v1.45/images/engine/first:1/tag?repo=ENGINE/second&tag=2", { method: "POST" });
    expect(bad.status).toBe(400);
    const pulled = await messages("/v1.45/images/create?fromImage=localhost/engine/first");
    expect(pulled.at(-1)).toEqual({ status: "Status: Image is up to date for localhost/engine/first" });
  });

  test("that do not exist cannot be pulled", async () => {
    const path = "/v1.45/images/create?fromImage=localhost/engine/none&tag=1";
    await json(path, { method: "POST" }, 404);
    expect(await json("/v1.45/images/create?fromImage=10.0.0.1/app", { method: "POST" }, 403)).toEqual({
      message: expect.stringContaining("not on the public network"),
    });
  });

  test("a prune reports the freed space", async () => {
    expect(await json("/v1.45/images/prune", { method: "POST" })).toMatchObject({
      SpaceReclaimed: expect.any(Number),
    });
    // Images within the grace period are kept, tagged or not.
    const all = encodeURIComponent('{"dangling":["false"]}');
    expect(await json(`/v1.45/images/prune?filters=${all}`, { method: "POST" })).toMatchObject({
      ImagesDeleted: null,
    });
    expect(await json("/v1.45/build/prune", { method: "POST" })).toMatchObject({ CachesDeleted: null });
  });

  test("a prune of all images keeps the history of builds", async () => {
    const { id } = await build({ Dockerfile: "FROM scratch\nLABEL kept=history\n" }, { t: "engine/kept" });
    const all = encodeURIComponent('{"dangling":["false"]}');
    await json(`/v1.45/images/prune?filters=${all}`, { method: "POST" });
    expect(await recordOf(id)).toMatchObject({ state: "done" });
  });
});

test("unsupported routes return an explanation", async () => {
  expect(await json("/v1.45/containers/json", {}, 501)).toEqual({
    message:
      "GET /containers/json is not supported: this server has images and builds only. To run an image, use varve run",
  });
});

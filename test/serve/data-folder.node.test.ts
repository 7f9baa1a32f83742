import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { buildAt } from "./build-at.ts";
import { ServeProcess } from "./serve-process.ts";

const folder = suiteFolder();
const serve = (data: string) => new ServeProcess({ VARVE_DATA: data });

describe("npm start", { timeout: 60_000 }, () => {
  test("does not share the data folder of another server, and names that server", async () => {
    const data = join(folder, "shared");
    await using first = serve(data);
    const url = await first.ready();
    await using second = serve(data);
    expect(await second.ended()).toBe(1);
    expect([second.stdout, second.stderr]).toEqual([
      "",
      `Cannot serve: the server at ${url} (process ${first.child.pid}) uses ${data}. Stop it, or set VARVE_DATA to another folder.\n`,
    ]);
    expect((await buildAt(url)).status).toBe(200);
    // A server that has ended or was killed does not block others.
    await first.crash();
    await using third = serve(data);
    expect((await fetch(`${await third.ready()}/v2/kept/manifests/latest`)).status).toBe(200);
    expect(await third.stop()).toBe(0);
    await using fourth = serve(data);
    await fourth.ready();
    expect(await fourth.stop()).toBe(0);
  });

  test("keeps its state", async () => {
    const data = join(folder, "kept");
    await using first = serve(data);
    const before = await buildAt(await first.ready());
    const digest = before.headers.get("docker-content-digest");
    await first.stop();

    await using second = serve(data);
    const url = await second.ready();
    const manifest = await fetch(`${url}/v2/kept/manifests/latest`);
    expect(manifest.headers.get("docker-content-digest")).toBe(digest);
    const { layers } = (await manifest.json()) as { layers: { digest: string; size: number }[] };
    const blob = await fetch(`${url}/v2/kept/blobs/${layers[0]?.digest}`);
    expect([blob.status, blob.headers.get("content-length")]).toEqual([200, String(layers[0]?.size)]);
    await blob.body?.cancel();
    const again = await buildAt(url);
    expect(again.headers.get("docker-content-digest")).toBe(digest);
    const id = again.headers.get("varve-build");
    expect(id).toBe(before.headers.get("varve-build"));
    const { steps } = (await (await fetch(`${url}/v1/builds/${id}/explain`)).json()) as {
      steps: { status: string }[];
    };
    expect(steps.map(({ status }) => status)).toEqual(["hit"]);
  });
});

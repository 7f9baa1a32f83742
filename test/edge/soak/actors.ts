import type { PruneReport } from "../../../schemas/usage.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { contextOf } from "../../helpers/context-archive.ts";
import type { Lab } from "../lab.ts";
import type { AcknowledgedImages } from "./acknowledged.ts";
import { MANIFEST, type SoakClient, Violation } from "./client.ts";

/** What the actors of a soak share. */
export interface World {
  lab: Lab;
  client: SoakClient;
  images: AcknowledgedImages;
  random: () => number;
}

/** One kind of use; each call is one round. */
export type Actor = (world: World, round: number) => Promise<void>;

/** Tags that an actor overwrites in turn. */
const TAGS = 6;

function textOf(random: () => number, bytes: number): string {
  let text = "";
  while (text.length < bytes) text += random().toString(36).slice(2);
  return text.slice(0, bytes);
}

/** Builds, and confirms the image of the answer. An interrupted build is requested again, as `varve build` does. */
async function build(
  { client, images }: World,
  reference: string,
  marker: string,
  files: Record<string, string>,
): Promise<void> {
  images.begin(reference);
  const isInterrupted = (text: string) => !/"type":"(?:result|error)"[^\n]*\n?$/.test(text);
  const { text } = await client.ask(
    `/v1/builds?t=${reference}`,
    { method: "POST", body: contextOf(files), headers: { accept: "application/x-ndjson" } },
    [200],
    (body) => isInterrupted(body) || /"code":"storage-busy"[^\n]*\n?$/.test(body),
  );
  const last = JSON.parse(text.trim().split("\n").at(-1) ?? "") as {
    type: string;
    descriptor?: { digest: string };
    result?: { descriptor: { digest: string } };
  };
  const digest = last.descriptor?.digest ?? last.result?.descriptor.digest;
  if (last.type !== "result" || digest === undefined)
    throw new Violation(`The build of ${reference} failed: ${JSON.stringify(last)}`);
  images.confirm(reference, { digest, marker });
}

/** COPY and WORKDIR: three of four rounds change one file, others build the last context again. */
export function builder(name: string): Actor {
  let version = 0;
  const shared = "shared ".repeat(20_000);
  const large = new Map<number, string>();
  return async (world, round) => {
    if (round % 4 !== 3) version += 1;
    const marker = `marker ${name} ${version}`;
    // The large file changes every tenth version.
    const size = Math.floor(version / 10);
    if (!large.has(size)) {
      large.clear();
      large.set(size, textOf(world.random, 800_000));
    }
    await build(world, `soak/${name}:${version % TAGS}`, marker, {
      Dockerfile: "FROM scratch\nCOPY shared.txt /shared/\nCOPY large.txt /\nWORKDIR /work\nCOPY . .\n",
      "shared.txt": shared,
      "large.txt": large.get(size) as string,
      "marker.txt": marker,
    });
  };
}

/** RUN on the runner of the lab. */
export function runBuilder(name: string): Actor {
  return (world, round) => {
    const version = Math.floor(round / 2);
    const marker = `marker ${name} ${version}`;
    return build(world, `soak/${name}:${version % TAGS}`, marker, {
      Dockerfile: `FROM ${world.lab.host}/busybox\nCOPY marker.txt /\nRUN cat /marker.txt > /copied && sleep 1\n`,
      "marker.txt": marker,
    });
  };
}

/** Pushes as skopeo does: blobs, then the manifest, half of them in chunks. Sometimes deletes a tag. */
export function pusher(name: string): Actor {
  return async ({ client, images, random }, round) => {
    const reference = `soak/${name}:${round % TAGS}`;
    images.begin(reference);
    if (round % 9 === 8) {
      await client.ask(`/v2/soak/${name}/manifests/${round % TAGS}`, { method: "DELETE" }, [202, 404]);
      return;
    }
    const marker = `marker ${name} ${round}`;
    const layer = Buffer.from(marker + textOf(random, 100_000 + random() * 400_000));
    const config = Buffer.from(
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        config: {},
        rootfs: { type: "layers", diff_ids: [sha256(layer)] },
      }),
    );
    for (const [index, blob] of [layer, config].entries()) {
      await pushBlob(client, `soak/${name}`, blob, (round + index) % 2 === 0);
    }
    const descriptor = (mediaType: string, bytes: Uint8Array) => ({
      mediaType,
      digest: sha256(bytes),
      size: bytes.length,
    });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: descriptor("application/vnd.oci.image.config.v1+json", config),
      layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    });
    const init = { method: "PUT", body: manifest, headers: { "content-type": MANIFEST } };
    await client.ask(`/v2/soak/${name}/manifests/${round % TAGS}`, init, [201]);
    images.confirm(reference, { digest: sha256(manifest), marker });
  };
}

/** An upload that an interruption has spoiled starts again. */
async function pushBlob(
  client: SoakClient,
  name: string,
  blob: Uint8Array<ArrayBuffer>,
  isChunked: boolean,
): Promise<void> {
  const digest = sha256(blob);
  for (let attempt = 1; ; attempt++) {
    const begun = await client.ask(`/v2/${name}/blobs/uploads/`, { method: "POST" }, [202]);
    let location = begun.headers.get("location") as string;
    if (isChunked) {
      const half = Math.floor(blob.length / 2);
      for (const [from, to] of [
        [0, half],
        [half, blob.length],
      ] as const) {
        const headers = { "content-range": `${from}-${to - 1}` };
        const init = { method: "PATCH", headers, body: blob.subarray(from, to) };
        const sent = await client.ask(location, init, [202, 404, 416]);
        // 416: an earlier attempt of the chunk was received, though its answer was lost. The digest decides.
        location = sent.headers.get("location") ?? location;
      }
    }
    const query = `${location.includes("?") ? "&" : "?"}digest=${digest}`;
    const body = isChunked ? {} : { body: blob };
    const ended = await client.ask(location + query, { method: "PUT", ...body }, [201, 400, 404, 416]);
    if (ended.status === 201) return;
    const head = await client.ask(`/v2/${name}/blobs/${digest}`, { method: "HEAD" }, [200, 404]);
    if (head.status === 200) return;
    if (attempt === 8) throw new Violation(`Cannot push ${digest}: ${ended.status} ${ended.text}`);
  }
}

/** Pulls a random image, and compares it with what was acknowledged, unless it has changed. */
export const puller: Actor = async ({ client, images, random }) => {
  const { references } = images;
  const reference = references[Math.floor(random() * references.length)];
  const expected = reference === undefined ? undefined : images.get(reference);
  if (reference === undefined || expected === undefined)
    return new Promise((resolve) => setTimeout(resolve, 500));
  const changes = images.changes(reference);
  try {
    await client.pull(reference, expected);
  } catch (error) {
    if (images.changes(reference) === changes) throw error;
  }
};

/** Removes what nothing refers to, with the shortest ages. */
export const pruner: Actor = async ({ client, random }) => {
  const options = { grace: "60s", unused: "60s", ...(random() < 0.5 && { untagged: "60s" }) };
  const { text } = await client.ask(
    "/v1/prune",
    { method: "POST", body: JSON.stringify(options) },
    [200, 202],
  );
  let report = JSON.parse(text) as PruneReport;
  while (report.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    report = JSON.parse((await client.ask(`/v1/prune?id=${report.id}`)).text) as PruneReport;
  }
  // R2 may have refused an operation ten times; the next prune continues.
  if (report.state === "failed" && !/R2|storage|busy|10001/i.test(report.detail ?? ""))
    throw new Violation(`A prune failed: ${report.detail}`);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
};

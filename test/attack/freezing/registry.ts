import { gzipSync } from "node:zlib";
import { concat } from "../../../src/streams/concat.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { archive, member, pax } from "../../tar/archive.ts";
import { MANIFEST } from "../push.ts";
import {
  buildOf,
  contextWith,
  descriptorOf,
  type FreezingInput,
  type FreezingInputs,
  type FreezingRequest,
  manifestPut,
  pushOf,
  range,
} from "./input.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG = "application/vnd.oci.image.config.v1+json";

/** A manifest alone, with a blob of two bytes as its config. */
function manifest(status: number, given: () => object, type = MANIFEST): FreezingInput {
  return {
    status,
    requests: () => [
      { path: `/v2/frozen/app/blobs/uploads/?digest=${sha256("{}")}`, body: "{}" },
      manifestPut("frozen/app", "1", JSON.stringify({ schemaVersion: 2, mediaType: type, ...given() }), type),
    ],
  };
}

const config = descriptorOf("{}", CONFIG);
const entries = (count: number) => Object.fromEntries(range(count, (i) => [`name${i}`, "v"]));

/** Pushes an image of these layers and builds a Dockerfile on it. */
function base(
  status: number,
  layers: () => Uint8Array[],
  dockerfile = "COPY Dockerfile /d/\n",
  imageConfig: () => object = () => ({}),
): FreezingInput {
  return {
    status,
    requests: (server) => [
      ...pushOf("frozen/base", layers(), imageConfig()),
      buildOf(contextWith(`FROM ${server}/frozen/base:1\n${dockerfile}`)),
    ],
  };
}

/** Pushes an image of these layers and requests these paths. */
function image(status: number, layers: () => Uint8Array[], paths: readonly string[]): FreezingInput {
  return {
    status,
    requests: () => [
      ...pushOf("frozen/image", layers()),
      ...paths.map((path): FreezingRequest => ({ method: "GET", path: `/v1/images/frozen/image/1/${path}` })),
    ],
  };
}

const symlink = (path: string, linkname: string) => member({ path, type: "symlink", linkname });
const manyFiles = (count: number) => archive(...range(count, (i) => member({ path: `d${i % 500}/f${i}` })));
const removals = (count: number) =>
  archive(...range(count, (i) => member({ path: `d${i % 500}/.wh.f${i}` })));

/** Manifests and layers. */
export const registry: FreezingInputs = {
  "manifests: 40,000 layers": manifest(413, () => ({
    config,
    layers: range(40_000, () => descriptorOf("{}", LAYER)),
  })),
  "manifests: 1,000 layers": manifest(201, () => ({
    config,
    layers: range(1000, () => descriptorOf("{}", LAYER)),
  })),
  "manifests: 9,000 annotations": manifest(201, () => ({ config, layers: [], annotations: entries(9000) })),
  "manifests: 100,000 annotations": manifest(400, () => ({
    config,
    layers: [],
    annotations: entries(100_000),
  })),
  "manifests: annotations of 1,000 layers": manifest(201, () => ({
    config,
    layers: range(1000, () => ({ ...descriptorOf("{}", LAYER), annotations: entries(100) })),
  })),
  "manifests: lists within lists": manifest(400, () => ({
    config,
    layers: [],
    other: JSON.parse(`${"[".repeat(1000)}${"]".repeat(1000)}`),
  })),
  "manifests: an index of 4,000": manifest(
    404,
    () => ({ manifests: range(4000, (i) => descriptorOf(`${i}`, MANIFEST)) }),
    INDEX,
  ),
  "manifests: indexes within each other": {
    status: 201,
    requests() {
      const made: FreezingRequest[] = [];
      let inner = descriptorOf("{}", MANIFEST);
      for (let i = 0; i < 200; i++) {
        const text = JSON.stringify({
          schemaVersion: 2,
          mediaType: INDEX,
          manifests: i === 0 ? [] : [inner, inner],
        });
        inner = descriptorOf(text, INDEX);
        made.push(manifestPut("frozen/nested", i === 199 ? "1" : inner.digest, text, INDEX));
      }
      return made;
    },
  },
  "manifests: indexes that are pulled": {
    status: 400,
    requests(server) {
      const nested = registry["manifests: indexes within each other"]?.requests(server) as FreezingRequest[];
      return [...nested, buildOf(contextWith(`FROM ${server}/frozen/nested:1\nCOPY Dockerfile /\n`))];
    },
  },
  "referrers: 300 of one manifest": {
    status: 200,
    requests: () => [
      { path: `/v2/frozen/app/blobs/uploads/?digest=${sha256("{}")}`, body: "{}" },
      ...range(300, (i) => {
        const text = JSON.stringify({
          schemaVersion: 2,
          mediaType: MANIFEST,
          config,
          layers: [],
          subject: descriptorOf("subject", MANIFEST),
          annotations: { ...entries(200), i: `${i}` },
        });
        return manifestPut("frozen/app", descriptorOf(text, MANIFEST).digest, text);
      }),
      { method: "GET", path: `/v2/frozen/app/referrers/${sha256("subject")}` },
    ],
  },
  "configs: 10,000 entries of history": base(
    200,
    () => [manyFiles(1)],
    "COPY Dockerfile /d/\n",
    () => ({
      history: [{ created_by: "x" }, ...range(9000, () => ({ created_by: "x", empty_layer: true }))],
    }),
  ),
  "configs: 1,000 triggers": base(
    200,
    () => [manyFiles(1)],
    "COPY Dockerfile /d/\n",
    () => ({ config: { OnBuild: range(1000, (i) => `LABEL a${i}=b`) } }),
  ),
  "configs: an environment of 10,000": base(
    200,
    () => [manyFiles(1)],
    `${"LABEL a=$A5\n".repeat(500)}COPY Dockerfile /d/\n`,
    () => ({ config: { Env: range(9000, (i) => `A${i}=b`) } }),
  ),
  "a base of 100,000 files": base(200, () => [manyFiles(100_000)]),
  "a base of 50,000 removals": base(200, () => [manyFiles(50_000), removals(50_000)]),
  "a base of 100 layers of 500 files": base(200, () =>
    range(100, (i) => archive(...range(500, (j) => member({ path: `d${j % 50}/f${j}-${i % 3}` }, `${i}`)))),
  ),
  "a base whose directories hide 100 layers": base(200, () =>
    range(100, (i) =>
      archive(
        ...range(50, (j) => member({ path: `d${j}/.wh..wh..opq` })),
        ...range(500, (j) => member({ path: `d${j % 50}/f${i}-${j}` })),
      ),
    ),
  ),
  "a base of deep paths": base(400, () => [
    archive(...range(1000, (i) => member({ path: `${i}/${"a/".repeat(500)}f` }))),
  ]),
  "a base of links to directories": base(
    200,
    () => [
      archive(
        member({ path: "real", type: "dir", mode: 0o755 }),
        ...range(200, (i) => symlink(`l${i}`, i === 0 ? "real" : `l${i - 1}`)),
      ),
      archive(...range(5000, (i) => member({ path: `l199/f${i}` }))),
    ],
    "COPY Dockerfile /l199/x/\n",
  ),
  "a base of links that double": base(
    400,
    () => [archive(...range(60, (i) => symlink(`l${i}`, i === 0 ? "." : `l${i - 1}/l${i - 1}`)))],
    "COPY Dockerfile /l59/x/\n",
  ),
  "a base with 1,000 attributes of each file": base(200, () => {
    const header = pax(Object.fromEntries(range(1000, (i) => [`SCHILY.xattr.user.${i}`, "v"])));
    return [archive(...range(500, (i) => concat([header, member({ path: `f${i}` })])))];
  }),
  "a base of hard links": base(200, () => [
    archive(
      member({ path: "f" }, "x"),
      ...range(100_000, (i) =>
        member({ path: `h${i}`, type: "hardlink", linkname: i === 0 ? "f" : `h${i - 1}` }),
      ),
    ),
  ]),
  "a base of 256 MiB of zeros": base(200, () => [
    archive(member({ path: "zeros" }, new Uint8Array(256 << 20))),
  ]),
  "a base whose layer is no archive": base(400, () => [new Uint8Array(1 << 20).fill(1)]),
  "a base whose users are 200,000": base(
    200,
    () => [
      archive(member({ path: "etc/passwd" }, range(200_000, (i) => `u${i}:x:${i}:${i}::/:\n`).join(""))),
    ],
    "COPY --chown=u199999 Dockerfile /d/\n",
  ),
  "a base that is copied from 60 times": {
    status: 200,
    requests: (server) => [
      ...pushOf("frozen/base", [manyFiles(20_000)]),
      buildOf(
        contextWith(
          `FROM ${server}/frozen/base:1 AS a\nFROM scratch\n${range(60, (i) => `COPY --from=a /d${i} /e${i}\n`).join("")}`,
        ),
      ),
    ],
  },
  "a base that is copied as a whole 3 times": {
    status: 200,
    requests: (server) => [
      ...pushOf("frozen/base", [manyFiles(20_000)]),
      buildOf(
        contextWith(
          `FROM ${server}/frozen/base:1 AS a\nFROM scratch\n${range(3, (i) => `COPY --from=a / /e${i}\n`).join("")}`,
        ),
      ),
    ],
  },
  "an image of 100,000 files": image(200, () => [manyFiles(100_000)], ["files", "efficiency", "history"]),
  "an image of removals": image(200, () => [manyFiles(100_000), removals(100_000), manyFiles(100_000)], [
    "files?path=d1",
    "efficiency",
    "compare/1",
  ]),
  "an image of 300 layers": image(
    200,
    () => range(300, (i) => archive(member({ path: `f${i}` }, `${i}`), member({ path: "same" }, `${i}`))),
    ["files", "efficiency"],
  ),
  "a layer of 100,000 empty gzip members": {
    status: 200,
    requests(server) {
      const tar = archive(member({ path: "a" }, "x"));
      const empty = gzipSync("");
      const layer = concat([gzipSync(tar), Buffer.alloc(empty.length * 100_000, empty)]);
      const text = JSON.stringify({
        architecture: "amd64",
        os: "linux",
        rootfs: { type: "layers", diff_ids: [sha256(tar)] },
      });
      return [
        ...[layer, text].map((body) => ({
          path: `/v2/frozen/members/blobs/uploads/?digest=${descriptorOf(body, "").digest}`,
          body,
        })),
        manifestPut(
          "frozen/members",
          "1",
          JSON.stringify({
            schemaVersion: 2,
            mediaType: MANIFEST,
            config: descriptorOf(text, CONFIG),
            layers: [descriptorOf(layer, LAYER)],
          }),
        ),
        buildOf(contextWith(`FROM ${server}/frozen/members:1\nCOPY Dockerfile /d/\n`)),
      ];
    },
  },
};

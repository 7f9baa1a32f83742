import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isContainerImage, parseAnyManifest } from "../../src/oci/any-manifest.ts";
import { chainId } from "../../src/oci/chain-id.ts";
import { encodeImageConfig, type ImageConfig, parseImageConfig } from "../../src/oci/config.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../../src/oci/document.ts";
import {
  encodeImageIndex,
  type ImageIndex,
  isAttestation,
  parseImageIndex,
} from "../../src/oci/image-index.ts";
import { writeJson } from "../../src/oci/json.ts";
import { encodeManifest, type Manifest, parseManifest } from "../../src/oci/manifest.ts";
import { DOCKER, layerCompression, OCI } from "../../src/oci/media-types.ts";
import { sha256 } from "../../src/streams/sha256.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const textOf = (encoded: Uint8Array) => new TextDecoder().decode(encoded);
const content = (text: string, mediaType: string) => ({ mediaType, digest: sha256(text), size: text.length });

const manifest: Manifest = {
  schemaVersion: 2,
  mediaType: OCI.manifest,
  config: content("config", OCI.config),
  layers: [content("base", OCI.layerGzip), content("top", OCI.layerZstd)],
};

describe("parseManifest()", () => {
  test("reads what was written", () => {
    expect(parseManifest(encodeManifest(manifest))).toEqual(manifest);
    const full: Manifest = {
      ...manifest,
      artifactType: "application/x",
      subject: content("subject", OCI.manifest),
      annotations: { b: "1", a: "2" },
    };
    expect(parseManifest(encodeManifest(full))).toEqual(full);
  });

  test("accepts Docker's manifest, and reads missing fields as empty, like Go", () => {
    const docker = {
      schemaVersion: 2,
      config: content("c", DOCKER.config),
      layers: null,
      annotations: null,
      more: 1,
    };
    expect(parseManifest(bytes(docker), DOCKER.manifest)).toEqual({
      schemaVersion: 2,
      mediaType: DOCKER.manifest,
      config: docker.config,
      layers: [],
    });
  });

  const [layer] = manifest.layers;
  test.each<[change: object, message: string]>([
    [{ schemaVersion: 1 }, "Docker's schema 1 is no longer supported"],
    [{ schemaVersion: 3 }, "Invalid manifest at schemaVersion: 3 is not 2"],
    [{ schemaVersion: undefined }, "Invalid manifest at schemaVersion: missing"],
    [{ config: undefined }, "Invalid manifest at config: missing"],
    [{ config: [] }, "Invalid manifest at config: not an object"],
    [{ layers: {} }, "Invalid manifest at layers: not a list"],
    [{ layers: [layer, 3] }, "Invalid manifest at layers[1]: not an object"],
    [
      { layers: [{ ...layer, digest: "sha256:1" }] },
      "Invalid manifest at layers[0].digest: not a SHA-256 or SHA-512 digest",
    ],
    [{ layers: [{ ...layer, size: -1 }] }, "Invalid manifest at layers[0].size: not a non-negative integer"],
    [{ layers: [{ ...layer, size: 2 ** 60 }] }, "Invalid manifest at layers[0].size: too large"],
    [{ layers: [{ ...layer, mediaType: 1 }] }, "Invalid manifest at layers[0].mediaType: not a string"],
    [{ layers: new Array(1025).fill(layer) }, "Invalid manifest at layers: 1025 entries are more than 1024"],
    [{ annotations: { a: 1 } }, "Invalid manifest at annotations.a: not a string"],
  ])("reports the position of the fault in %j", (change, message) => {
    expect(() => parseManifest(bytes({ ...manifest, ...change }))).toThrow(message);
  });

  test("rejects documents that are not JSON objects or too long", () => {
    for (const text of ["", "{", "[]", "null", "3"]) {
      expect(() => parseManifest(new TextEncoder().encode(text))).toThrow(InvalidDocumentError);
    }
    expect(() => parseManifest(new Uint8Array(MAX_DOCUMENT + 1))).toThrow(
      `${MAX_DOCUMENT + 1} bytes are more than`,
    );
    const deep = new TextEncoder().encode(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(() => parseManifest(deep)).toThrow(InvalidDocumentError);
  });
});

const index: ImageIndex = {
  schemaVersion: 2,
  mediaType: OCI.index,
  manifests: [
    { ...content("amd64", OCI.manifest), platform: { os: "linux", architecture: "amd64" } },
    {
      ...content("arm", OCI.manifest),
      platform: { os: "linux", architecture: "arm", variant: "v7", "os.features": ["x"] },
      annotations: { "vnd.docker.reference.type": "attestation-manifest" },
    },
  ],
};

test("parseImageIndex() reads an encoded index", () => {
  expect(parseImageIndex(encodeImageIndex(index))).toEqual(index);
  expect(index.manifests.map(isAttestation)).toEqual([false, true]);
});

describe("parseAnyManifest()", () => {
  test("distinguishes an index from a manifest", () => {
    expect(parseAnyManifest(encodeManifest(manifest))).toEqual({ kind: "manifest", manifest });
    expect(parseAnyManifest(encodeImageIndex(index), OCI.index)).toEqual({ kind: "index", index });
    const { mediaType: _, ...untyped } = index;
    expect(parseAnyManifest(bytes(untyped)).kind).toBe("index");
    expect(parseAnyManifest(bytes(untyped), DOCKER.manifestList)).toMatchObject({
      index: { mediaType: DOCKER.manifestList },
    });
  });

  test.each([
    [{ ...manifest, manifests: [] }, "", "an index may not have a config or layers as well"],
    [manifest, OCI.index, `was sent as "${OCI.index}"`],
    [{ ...manifest, mediaType: OCI.index }, "", "is not the type of such a document"],
    [{ ...index, mediaType: OCI.manifest }, "", "config: missing"],
    [{ ...manifest, mediaType: "text/plain" }, "", '"text/plain" is not the type of such a document'],
    [{ schemaVersion: 1, name: "x", fsLayers: [] }, "", "Docker's schema 1 is no longer supported"],
  ])("rejects %j sent as %j", (document, sentAs, message) => {
    expect(() => parseAnyManifest(bytes(document), sentAs)).toThrow(message);
  });

  test("any JSON is accepted, or rejected with a code", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const change = fc.dictionary(
      fc.constantFrom("mediaType", "config", "layers", "manifests", "subject", "annotations"),
      value,
    );
    fc.assert(
      fc.property(fc.constantFrom(manifest, index), change, (document, changes) => {
        try {
          parseAnyManifest(bytes({ ...document, ...changes }));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidDocumentError);
        }
      }),
    );
  });

  test("only a manifest with an image config is a container image", () => {
    expect(isContainerImage(manifest)).toBe(true);
    expect(isContainerImage({ ...manifest, config: content("{}", OCI.empty) })).toBe(false);
  });
});

describe("image config", () => {
  const config: ImageConfig = {
    architecture: "arm",
    os: "linux",
    variant: "v7",
    created: "2024-01-01T00:00:00Z",
    author: "me",
    config: {
      Shell: ["/bin/bash", "-c"],
      OnBuild: ["RUN x"],
      Healthcheck: { Retries: 3, Test: ["CMD", "x"], Interval: 1e9 },
      ArgsEscaped: true,
      StopSignal: "9",
      Labels: { z: "1", "10": "<&>", "9": "\u2028" },
      WorkingDir: "/w",
      Volumes: { "/v": {} },
      Cmd: ["a"],
      Entrypoint: ["b"],
      Env: ["A=1"],
      ExposedPorts: { "80/tcp": {}, "443/tcp": {} },
      User: "u",
    },
    rootfs: { type: "layers", diff_ids: [sha256("layer")] },
    history: [
      { created: "2024-01-01T00:00:00Z", created_by: "COPY", comment: "c" },
      { empty_layer: true, created_by: "CMD" },
    ],
  };

  test("is written byte for byte as BuildKit writes it", () => {
    expect(textOf(encodeImageConfig(config))).toBe(
      '{"architecture":"arm","author":"me","config":{"User":"u","ExposedPorts":{"443/tcp":{},"80/tcp":{}},' +
        '"Env":["A=1"],"Entrypoint":["b"],"Cmd":["a"],"Volumes":{"/v":{}},"WorkingDir":"/w",' +
        '"Labels":{"10":"\\u003c\\u0026\\u003e","9":"\\u2028","z":"1"},"StopSignal":"9","ArgsEscaped":true,' +
        '"Healthcheck":{"Test":["CMD","x"],"Interval":1000000000,"Retries":3},"OnBuild":["RUN x"],' +
        '"Shell":["/bin/bash","-c"]},"created":"2024-01-01T00:00:00Z","history":[{"created":"2024-01-01T00:00:00Z",' +
        '"created_by":"COPY","comment":"c"},{"created_by":"CMD","empty_layer":true}],"os":"linux",' +
        `"rootfs":{"type":"layers","diff_ids":["${sha256("layer")}"]},"variant":"v7"}`,
    );
  });

  test("reads an encoded config, and omits empty fields", () => {
    expect(parseImageConfig(encodeImageConfig(config))).toEqual(config);
    const bare: ImageConfig = {
      architecture: "amd64",
      os: "linux",
      config: { Env: [], Labels: {}, User: "", ArgsEscaped: false },
      rootfs: { type: "layers", diff_ids: [] },
      history: [],
    };
    expect(textOf(encodeImageConfig(bare))).toBe(
      '{"architecture":"amd64","config":{},"created":null,"history":[],"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
    );
  });

  test("drops the fields that Docker's old builder wrote", () => {
    const old = {
      architecture: "amd64",
      os: "linux",
      container: "x",
      docker_version: "18",
      config: { Hostname: "h", Env: null, Image: "sha256:x", Volumes: null, OnBuild: null, Cmd: ["sh"] },
      container_config: {},
      rootfs: { type: "layers", diff_ids: null },
    };
    expect(parseImageConfig(bytes(old))).toEqual({
      architecture: "amd64",
      os: "linux",
      config: { Cmd: ["sh"] },
      rootfs: { type: "layers", diff_ids: [] },
      history: [],
    });
  });

  test.each<[change: object, message: string]>([
    [{ config: { Env: "A=1" } }, "Invalid image config at config.Env: not a list"],
    [{ config: { Labels: { a: null } } }, "Invalid image config at config.Labels.a: not a string"],
    [
      { rootfs: { diff_ids: ["x"] } },
      "Invalid image config at rootfs.diff_ids[0]: not a SHA-256 or SHA-512 digest",
    ],
    [{ history: [{ empty_layer: "yes" }] }, "Invalid image config at history[0].empty_layer: not a boolean"],
  ])("reports the position of the fault in %j", (change, message) => {
    expect(() => parseImageConfig(bytes({ ...config, ...change }))).toThrow(message);
  });

  test("any JSON is accepted, or rejected with a code", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.record({ config: value, rootfs: value, history: value, os: value }), (document) => {
        try {
          parseImageConfig(bytes(document));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidDocumentError);
        }
      }),
    );
  });
});

describe("writeJson()", () => {
  test("writes text that JSON.parse reads as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(textOf(writeJson(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("sorts a map by bytes, not by UTF-16 units", () => {
    const keys = ["\u{1f600}", "\uffee", "b", "a", "ab", ""];
    const sorted = ["", "a", "ab", "b", "\uffee", "\u{1f600}"];
    const written = textOf(writeJson(new Map(keys.map((key) => [key, 0]))));
    expect(written).toBe(`{${sorted.map((key) => `"${key}":0`).join(",")}}`);
  });

  test("replaces invalid UTF-8, and omits undefined fields", () => {
    expect(textOf(writeJson({ a: "x\udc80", b: undefined, c: [true, null, 1.5] }))).toBe(
      '{"a":"x\ufffd","c":[true,null,1.5]}',
    );
  });
});

test("chainId() folds the digests of the layers", () => {
  const [a, b] = [sha256("a"), sha256("b")];
  expect(chainId([])).toBeUndefined();
  expect(chainId([a])).toBe(a);
  expect(chainId([a, b, a])).toBe(sha256(`${sha256(`${a} ${b}`)} ${a}`));
});

test.each([
  [OCI.layer, "none"],
  [DOCKER.layerGzip, "gzip"],
  [OCI.layerZstd, "zstd"],
  ["application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "gzip"],
  [DOCKER.foreignLayer, "gzip"],
  ["application/vnd.oci.image.layer.v1.tar+lz4", undefined],
])("a layer of type %s is compressed with %s", (mediaType, compression) => {
  expect(layerCompression(mediaType)).toBe(compression);
});

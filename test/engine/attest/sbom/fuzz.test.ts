import fc from "fast-check";
import { expect, test } from "vitest";
import { spdxDocument as schema } from "../../../../schemas/attestations.ts";
import { packagesIn } from "../../../../src/engine/attest/sbom/packages-in.ts";
import { createSpdxDocument } from "../../../../src/engine/attest/sbom/spdx.ts";
import { tree } from "../../../helpers/tree.ts";

const image = {
  name: "app",
  digest: `sha256:${"a".repeat(64)}`,
  url: `pkg:oci/app@sha256:${"a".repeat(64)}`,
  created: "1980-01-01T00:00:00Z",
};

/** Parts of all formats, and random text. */
const word = fc.oneof(
  fc.constantFrom(
    "Package",
    "Version",
    "Status",
    "P",
    "V",
    "L",
    "Name",
    "License",
    "install ok installed",
    "MIT",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);
const lines = fc
  .array(
    fc.oneof(
      fc.tuple(word, word).map((pair) => pair.join(": ")),
      word,
      fc.constant(""),
    ),
    { maxLength: 30 },
  )
  .map((all) => all.join("\n"));
const json = fc.oneof(
  fc.json(),
  fc
    .record({ name: word, version: word, license: fc.oneof(word, fc.jsonValue()) }, { requiredKeys: [] })
    .map((one) => JSON.stringify(one)),
  fc
    .dictionary(
      word.map((name) => `node_modules/${name}`),
      fc.record({ version: word, link: fc.boolean(), name: word }),
    )
    .map((packages) => JSON.stringify({ packages })),
);

test("for any image, the document is valid SPDX and each package is in it once", async () => {
  const files = fc.record({
    "var/lib/dpkg/status": lines,
    "lib/apk/db/installed": lines,
    "usr/lib/python3/site-packages/x.dist-info/METADATA": lines,
    "etc/os-release": lines.map((text) => text.replaceAll(": ", "=")),
    "srv/node_modules/x/package.json": json,
    "srv/node_modules/.package-lock.json": json,
    "srv/node_modules/MIT/package.json": json,
  });
  await fc.assert(
    fc.asyncProperty(files, async (entries) => {
      const found = await packagesIn(tree(entries), new AbortController().signal);
      const document = createSpdxDocument(image, found);
      expect(schema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
      const urls = document.packages.flatMap(({ externalRefs }) =>
        externalRefs.map((ref) => ref.referenceLocator),
      );
      expect(new Set(urls).size).toBe(urls.length);
    }),
    { numRuns: 400 },
  );
});

test("an endless line is read within the limit of memory", async () => {
  const status = `Package: a\nVersion: 1\nMaintainer: ${"m".repeat(3_000_000)}\n\nPackage: b\nVersion: 2\n`;
  const { packages } = await packagesIn(
    tree({ "var/lib/dpkg/status": status }),
    new AbortController().signal,
  );
  expect(packages.map(({ name, maintainer = "" }) => [name, maintainer.length])).toEqual([
    ["a", 1024],
    ["b", 0],
  ]);
});

test("JSON that is nested too deeply is not a package", async () => {
  const deep = `{"name":"a","version":"1","license":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
  const { packages } = await packagesIn(
    tree({ "a/node_modules/a/package.json": deep }),
    new AbortController().signal,
  );
  expect(packages.length).toBeLessThanOrEqual(1);
});

import { describe, expect, test } from "vitest";
import { apkPackages } from "../../../../src/engine/attest/sbom/apk.ts";
import { readDistribution } from "../../../../src/engine/attest/sbom/distribution.ts";
import { dpkgPackages } from "../../../../src/engine/attest/sbom/dpkg.ts";
import { declaredLicense } from "../../../../src/engine/attest/sbom/license.ts";
import { npmInstalled, npmPackage } from "../../../../src/engine/attest/sbom/npm.ts";
import { pythonPackage } from "../../../../src/engine/attest/sbom/python.ts";
import { source, utf8 } from "../../../streams/source.ts";

const bytes = (text: string, chunk = 7) => source(utf8(text), chunk);

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

describe("dpkg", () => {
  const status = [
    "Package: adduser",
    "Status: install ok installed",
    "Maintainer: Debian Adduser Developers <adduser@packages.debian.org>",
    "Architecture: all",
    "Version: 3.134",
    "Description: add and remove users and groups",
    " Version: of a text that goes on",
    "",
    "Package: gone",
    "Status: deinstall ok config-files",
    "Version: 1",
    "",
    "",
    "Package: libc6",
    "Status: install ok installed",
    "Source: glibc (2.36)",
    "Version: 1:2.36-9+deb12u4",
    "Architecture: amd64",
  ].join("\n");

  test.each([1, 7, 10_000])("lists the installed packages, read in chunks of %i bytes", async (chunk) => {
    expect(await all(dpkgPackages(bytes(status, chunk)))).toEqual([
      {
        type: "deb",
        name: "adduser",
        version: "3.134",
        architecture: "all",
        maintainer: "Debian Adduser Developers <adduser@packages.debian.org>",
      },
      {
        type: "deb",
        name: "libc6",
        version: "1:2.36-9+deb12u4",
        architecture: "amd64",
        source: "glibc (2.36)",
      },
    ]);
  });

  test("lists packages of status.d, which have no status", async () => {
    const found = await all(dpkgPackages(bytes("Package: base-files\nVersion: 12.4\n")));
    expect(found).toEqual([{ type: "deb", name: "base-files", version: "12.4" }]);
  });
});

test("apk lists every package with its license", async () => {
  const installed =
    "C:Q1abc\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:libc.so\n\nP:busybox\nV:1.36.1-r2\nL:GPL-2.0-only\n";
  expect(await all(apkPackages(bytes(installed)))).toEqual([
    {
      type: "apk",
      name: "musl",
      version: "1.2.5-r0",
      architecture: "x86_64",
      license: "MIT",
      source: "musl",
    },
    { type: "apk", name: "busybox", version: "1.36.1-r2", license: "GPL-2.0-only" },
  ]);
});

test("Python metadata is read up to the description", async () => {
  const metadata =
    "Metadata-Version: 2.1\nName: Flask\nVersion: 3.0.0\nLicense: UNKNOWN\nAuthor: Pallets\n\nName: not me\n";
  expect(await pythonPackage(bytes(metadata))).toEqual({
    type: "pypi",
    name: "Flask",
    version: "3.0.0",
    maintainer: "Pallets",
  });
  expect(await pythonPackage(bytes("Name: x\n"))).toBeUndefined();
});

describe("npm", () => {
  test.each([
    ['{"name":"@a/b","version":"1.0.0","license":"MIT"}', { name: "@a/b", version: "1.0.0", license: "MIT" }],
    ['{"name":"a","version":"1","license":{"type":"ISC"}}', { name: "a", version: "1", license: "ISC" }],
    [
      '{"name":"a","version":"1","licenses":[{"type":"MIT"},{"type":"X11"}]}',
      { name: "a", version: "1", license: "MIT OR X11" },
    ],
    ['{"type":"module"}', undefined],
    ['{"name":"../../etc","version":"1"}', undefined],
    ['{"name":"a","version":{"toString":1}}', undefined],
    ["[1]", undefined],
    ["no json", undefined],
  ])("%s", (text, expected) => {
    expect(npmPackage(text)).toEqual(expected && { type: "npm", ...expected });
  });

  test("its list of installed packages is read without links", () => {
    const lock = {
      packages: {
        "node_modules/a": { version: "1.0.0", license: "MIT" },
        "node_modules/a/node_modules/@s/b": { version: "2.0.0" },
        "node_modules/alias": { name: "real", version: "3.0.0" },
        "node_modules/workspace": { resolved: "packages/workspace", link: true },
        "packages/workspace": { version: "1.0.0" },
      },
    };
    expect(npmInstalled(JSON.stringify(lock))).toEqual([
      ["node_modules/a", { type: "npm", name: "a", version: "1.0.0", license: "MIT" }],
      ["node_modules/a/node_modules/@s/b", { type: "npm", name: "@s/b", version: "2.0.0" }],
      ["node_modules/alias", { type: "npm", name: "real", version: "3.0.0" }],
    ]);
  });
});

test.each([
  [
    'ID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine Linux v3.20"\n',
    { id: "alpine", version: "3.20.1", name: "Alpine Linux v3.20" },
  ],
  ["# x\nID='wolfi'\n", { id: "wolfi", version: "", name: "wolfi" }],
  ["NAME=x\n", undefined],
  ["ID=../x\n", undefined],
])("os-release %j", (text, expected) => {
  expect(readDistribution(text)).toEqual(expected);
});

describe("a declared license", () => {
  test.each([
    ["MIT", "MIT"],
    ["(MIT OR Apache-2.0)", "(MIT OR Apache-2.0)"],
    [
      "MIT and (GPL-2.0-only with Classpath-exception-2.0 or ISC)",
      "MIT AND (GPL-2.0-only WITH Classpath-exception-2.0 OR ISC)",
    ],
    [undefined, "NOASSERTION"],
  ])("%j is the expression %s", (text, expression) => {
    expect(declaredLicense(text)).toEqual({ expression });
  });

  test.each(["BSD", "MIT License", "MIT AND", "(MIT", "MIT)", "AND MIT", "MIT MIT", "MIT WITH MIT", "()"])(
    "%j is quoted",
    (text) => {
      const { expression, extractedText } = declaredLicense(text);
      expect(expression).toMatch(/^LicenseRef-[A-Za-z0-9.-]+$/);
      expect(extractedText).toBe(text);
    },
  );
});

import { sha256 } from "../../../src/streams/sha256.ts";
import { type FreezingInput, type FreezingInputs, range, sendingJson } from "./input.ts";

const file = (path: string) => [path, "file", 0o644, 0, 0, 1, sha256("x"), {}];
const directory = (path: string) => [path, "dir", 0o755, 0, 0, 0, "", {}];
const padded = (index: number) => String(index).padStart(6, "0");
/** Entries in path order: directories of a hundred files. */
const entries = (count: number, entry = file) =>
  range(count, (i) => {
    const path = `d${padded(Math.floor(i / 101))}`;
    return i % 101 === 0 ? directory(path) : entry(`${path}/f${padded(i)}`);
  });
const object = (count: number, value: (index: number) => unknown = () => "v") =>
  Object.fromEntries(range(count, (i) => [`name${i}`, value(i)]));
const options = (given: object, dockerfile = "FROM scratch\nLABEL a=b\n") =>
  JSON.stringify({ dockerfile, options: given });
const planOf = (status: number, body: () => string) => sendingJson(status, "/v1/plan?t=frozen/app", body);
const buildOf = (status: number, body: () => string) => sendingJson(status, "/v1/builds?t=frozen/app", body);

/** A posted listing: one line for each. */
function listing(status: number, lines: () => readonly unknown[]): FreezingInput {
  return {
    status,
    requests: () => [
      {
        path: "/v1/contexts?scope=frozen/app",
        headers: { "content-type": "application/x-ndjson" },
        body: lines()
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(""),
      },
    ],
  };
}

/** Bodies of JSON. */
export const json: FreezingInputs = {
  "JSON depth: 2,000,000 lists": planOf(400, () => `{"options":${"[".repeat(2_000_000)}`),
  "JSON depth: 500,000 objects": buildOf(400, () => `{"options":${'{"a":'.repeat(500_000)}`),
  "JSON size: 60 MB of white space": planOf(400, () => `{${" ".repeat(60 << 20)}}x`),
  "JSON size: 10,000,000 numbers": planOf(400, () => `{"listing":[${"0,".repeat(10_000_000)}0]}`),
  "JSON size: one number of 4 MB": planOf(400, () => `{"options":{"shmSize":${"9".repeat(4_000_000)}}}`),
  "JSON size: one string of 30 MB": planOf(400, () => `{"dockerfile":"${"\\u0061".repeat(5_000_000)}"}`),
  "JSON size: backslashes before quotes": planOf(400, () => `{"dockerfile":"${'\\\\\\"'.repeat(2_000_000)}`),
  "JSON size: 1,000,000 unknown names": planOf(400, () => JSON.stringify(object(1_000_000))),
  "JSON size: the same name 1,000,000 times": planOf(
    400,
    () => `{${'"options":{},'.repeat(1_000_000)}"options":1}`,
  ),
  "options: 9,000 labels": buildOf(200, () => options({ labels: object(9000) })),
  "options: 200,000 labels": buildOf(400, () => options({ labels: object(200_000) })),
  "options: 9,000 build arguments": buildOf(200, () =>
    options({ buildArgs: object(9000) }, "FROM scratch\nARG A\nLABEL a=b\n"),
  ),
  "options: 9,000 annotations": buildOf(200, () => options({ annotations: object(9000) })),
  "options: annotations of platforms": buildOf(200, () =>
    options({
      platforms: range(32, (i) => `linux/a${i}`),
      annotations: Object.fromEntries(range(5000, (i) => [`manifest[linux/a${i % 32}]:n${i}`, "v"])),
    }),
  ),
  "options: 9,000 named contexts": planOf(404, () =>
    options({ contexts: object(9000, () => sha256("none")) }),
  ),
  "options: 9,000 named images": planOf(200, () =>
    options({ contexts: object(9000, () => "docker-image://scratch") }),
  ),
  "options: 100,000 platforms": buildOf(400, () =>
    options({ platforms: range(100_000, () => "linux/amd64") }),
  ),
  "options: 100,000 tags": sendingJson(400, "/v1/builds", () =>
    options({ tags: range(100_000, (i) => `a${i}`) }),
  ),
  "options: 200,000 unknown ones": buildOf(400, () => options(object(200_000))),
  "options: 32 platforms of a large Dockerfile": planOf(200, () =>
    options(
      { platforms: range(32, (i) => `linux/a${i}`) },
      `FROM scratch\n${"COPY a /b\n".repeat(100)}${"LABEL a=b c=d\n".repeat(5000)}`,
    ),
  ),
  "options: paths of contexts": buildOf(404, () =>
    JSON.stringify({
      dockerfile: "FROM scratch\n",
      selected: { "": range(200_000, (i) => `p${i}`) },
      context: sha256("none"),
    }),
  ),
  "a plan of 200,000 entries": planOf(200, () =>
    JSON.stringify({
      dockerfile: "FROM scratch\nCOPY . /\nCOPY d00001* /x/\n",
      listing: entries(199_000),
    }),
  ),
  "a plan of 20,000 entries and 100 steps": planOf(200, () =>
    JSON.stringify({
      dockerfile: `FROM scratch\n${range(100, (i) => `COPY d0000${i}* /x/\n`).join("")}`,
      listing: entries(20_000),
    }),
  ),
  "a plan of 20,000 entries and 2,000 patterns to ignore": planOf(200, () =>
    JSON.stringify({
      dockerfile: "FROM scratch\nCOPY . /\n",
      ignore: range(2000, (i) => `**/*x${i}*`).join("\n"),
      listing: entries(20_000),
    }),
  ),
  "a plan of hard links to each other": planOf(400, () =>
    JSON.stringify({
      dockerfile: "FROM scratch\nCOPY . /\n",
      listing: range(100_000, (i) => [`h${i}`, "hardlink", 0o644, 0, 0, 0, `h${i + 1}`, {}]),
    }),
  ),
  "a plan of links that double": planOf(200, () =>
    JSON.stringify({
      dockerfile: "FROM scratch\nCOPY l100/ /\n",
      listing: range(101, (i) => [
        `l${i}`,
        "symlink",
        0o777,
        0,
        0,
        0,
        i === 0 ? "." : `l${i - 1}/l${i - 1}`,
        {},
      ]),
    }),
  ),
  "a plan of entries with 1,000 attributes": planOf(200, () =>
    JSON.stringify({
      dockerfile: "FROM scratch\nCOPY . /\n",
      listing: range(500, (i) => [
        `f${i}`,
        "file",
        0o644,
        0,
        0,
        1,
        sha256("x"),
        { xattrs: Object.fromEntries(range(1000, (j) => [`user.${String(j).padStart(4, "0")}`, "YQ=="])) },
      ]),
    }),
  ),
  "a listing of 200,000 entries": listing(200, () => entries(200_000)),
  "a listing of 200,000 files that are missing": listing(200, () =>
    entries(200_000, (path) => [path, "file", 0o644, 0, 0, 1, sha256(path), {}]),
  ),
  "a listing of 600,000 entries": listing(400, () => entries(600_000)),
  "a listing of deep paths": listing(200, () =>
    range(200, (i) => [
      ...range(500, (depth) => directory(`${padded(i)}${"/a".repeat(depth)}`)),
      file(`${padded(i)}${"/a".repeat(499)}/f`),
    ]).flat(),
  ),
  "a listing of removals": listing(400, () => range(200_000, (i) => [`${i}`])),
  "a listing of 16,000 packs": listing(400, () => [
    { packs: range(16_000, (i) => sha256(`${i}`)) },
    file("a"),
  ]),
  "a listing of one line of 60 MB": listing(400, () => ["x".repeat(60 << 20)]),
  "a listing of one list of 5,000,000 items": listing(400, () => [range(5_000_000, () => 0)]),
  "a token with 5,000 scopes": sendingJson(400, "/v1/tokens", () =>
    JSON.stringify({ name: "", scopes: range(5000, (i) => `pull:a${i}`) }),
  ),
  "rules whose patterns have many stars": sendingJson(
    400,
    "/v1/access",
    () => JSON.stringify({ public: range(5000, () => "*a".repeat(80)) }),
    "PUT",
  ),
  "a prune request of many names": sendingJson(400, "/v1/prune", () => JSON.stringify(object(10_000))),
};

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readGit } from "../../../src/cli/kaniko/context.ts";
import { executorFlags } from "../../../src/cli/kaniko/executor-flags.ts";
import { readPushSettings } from "../../../src/cli/kaniko/push-settings.ts";
import { kanikoName, readExecutorWords } from "../../../src/cli/kaniko/read-words.ts";
import { parseFlags } from "../../../src/command/flags/parse.ts";

/** The flags of `executor --help` of kaniko 1.24, and its hidden and deprecated ones. */
const names =
  "azure-container-registry-config bucket build-arg cache cache-copy-layers cache-dir cache-repo cache-run-layers cache-ttl cleanup compressed-caching compression compression-level context context-sub-path custom-platform customPlatform destination digest-file dockerfile force force-build-metadata git ignore-path ignore-var-run image-download-retry image-fs-extract-retry image-name-tag-with-digest-file image-name-with-digest-file insecure insecure-pull insecure-registry kaniko-dir label log-format log-timestamp no-push no-push-cache oci-layout-path push-ignore-immutable-tag-errors push-retry registry-certificate registry-client-cert registry-map registry-mirror reproducible single-snapshot skip-default-registry-fallback skip-push-permission-check skip-tls-verify skip-tls-verify-pull skip-tls-verify-registry skip-unused-stages snapshot-mode snapshotMode tar-path tarPath target use-new-run verbosity whitelist-var-run".split(
    " ",
  );

const own = ["runner", "server", "token"];

test("every flag of the executor is applied, or explained", () => {
  expect(Object.keys(executorFlags).sort()).toEqual([...names, ...own].sort());
  for (const [name, flag] of Object.entries(executorFlags)) {
    if ("ignored" in flag) expect(flag.ignored, name).toMatch(/^[a-z].{15,}/);
  }
});

const read = (text: string, environment: Record<string, string> = {}) => {
  const { values } = parseFlags(executorFlags, text.split(" ").filter(Boolean));
  return readExecutorWords(values, environment);
};

test("flags become words of varve build", () => {
  const text =
    "-d app -d quay.io/team/app:2 --build-arg A --build-arg B --build-arg C=3 --label l=1 --target t --reproducible --tarPath out.tar --custom-platform linux/arm64 --compression zstd --log-format json";
  expect(read(text, { A: "1" })).toEqual({
    words: [
      "--tag=docker.io/library/app:latest",
      "--tag=quay.io/team/app:2",
      "--build-arg=A=1",
      "--build-arg=B=",
      "--build-arg=C=3",
      "--label=l=1",
      "--compression=zstd",
      "--platform=linux/arm64",
      "--target=t",
      "--tar-path=out.tar",
      "--reproducible",
      "--progress=rawjson",
    ],
    destinations: ["docker.io/library/app:latest", "quay.io/team/app:2"],
    pushes: ["docker.io/library/app:latest", "quay.io/team/app:2"],
    warnings: [],
  });
});

test.each([
  ["--cache=false -d a", {}, ["--tag=docker.io/library/a:latest", "--no-cache"]],
  ["--cache=true -d a", {}, ["--tag=docker.io/library/a:latest"]],
  ["-v error -d a", {}, ["--tag=docker.io/library/a:latest", "--progress=none"]],
])("%s", (text, environment, words) => {
  expect(read(text, environment).words).toEqual(words);
});

test("an image that is not pushed needs no destination", () => {
  expect(read("--no-push").pushes).toEqual([]);
  expect(read("", { KANIKO_NO_PUSH: "true" }).pushes).toEqual([]);
  expect(read("-d a", { KANIKO_NO_PUSH: "1" })).toMatchObject({
    pushes: [],
    destinations: ["docker.io/library/a:latest"],
  });
  expect(() => read("")).toThrow("varve kaniko needs --destination, or --no-push");
  expect(() => read("--no-push --image-name-with-digest-file=f")).toThrow("needs --destination");
  expect(() => read("-d a", { KANIKO_NO_PUSH: "no" })).toThrow("KANIKO_NO_PUSH must be true or false");
});

test("settings without effect in the environment are explained", () => {
  expect(read("-d a", { KANIKO_REGISTRY_MIRROR: "m" }).warnings).toEqual([
    "KANIKO_REGISTRY_MIRROR has no effect: the server fetches base images: its operator sets VARVE_MIRRORS",
  ]);
});

test("names in files of digests have Docker Hub's other name", () => {
  expect(kanikoName("docker.io/library/a:1")).toEqual({ repository: "index.docker.io/library/a", tag: "1" });
  expect(kanikoName("a.io:5000/b")).toEqual({ repository: "a.io:5000/b", tag: "latest" });
});

test.each([
  ["host/a.git", [], {}, { remote: "https://host/a.git", submodules: false }],
  ["host/a#refs/heads/b", [], {}, { remote: "https://host/a", ref: "refs/heads/b" }],
  ["host/a#refs/heads/b#0123abcd", [], {}, { ref: "0123abcd" }],
  [
    "host/a",
    ["branch=main", "recurse-submodules=true", "single-branch=true"],
    {},
    { ref: "main", submodules: true },
  ],
  ["host/a", [], { GIT_TOKEN: "t/1" }, { remote: "https://t%2F1@host/a" }],
  ["host/a", [], { GIT_USERNAME: "u", GIT_PASSWORD: "p" }, { remote: "https://u:p@host/a" }],
  ["token@host/a", [], { GIT_PULL_METHOD: "http" }, { remote: "http://token@host/a" }],
] as const)("git://%s with %j and %j", (text, options, environment, expected) => {
  expect(readGit(text, options, environment)).toMatchObject(expected);
});

test.each([["depth=1"], ["insecure-skip-tls=true"], ["recurse-submodules=maybe"]])("--git %s", (option) => {
  expect(() => readGit("host/a", [option], {})).toThrow("--git");
});

test("TLS settings belong to hosts", () => {
  const settings = (text: string, host: string) =>
    readPushSettings(parseFlags(executorFlags, text.split(" ")).values).connectionOf(host);
  expect(settings("-d a", "a.io")).toBeUndefined();
  expect(settings("--insecure", "a.io")).toMatchObject({ allowsHttp: true });
  expect(settings("--insecure-registry=b.io", "a.io")).toBeUndefined();
  expect(settings("--skip-tls-verify-registry=a.io", "a.io")).toMatchObject({ skipsVerification: true });
  expect(settings("--registry-certificate=a.io=/c", "a.io")).toMatchObject({ certificate: "/c" });
  expect(settings("--registry-client-cert=a.io=/c,/k", "a.io")).toMatchObject({
    client: { certificate: "/c", key: "/k" },
  });
  expect(() => settings("--registry-client-cert=a.io=/c", "a.io")).toThrow("HOST=CERT,KEY");
  expect(() => settings("--push-retry=often", "a.io")).toThrow("--push-retry");
});

test("docs/from-kaniko.md has every flag", () => {
  const text = readFileSync("docs/from-kaniko.md", "utf8");
  for (const name of names) expect(text, name).toContain(`\`--${name}\``);
});

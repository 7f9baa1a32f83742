import { expect, test } from "vitest";
import { buildFlagTable } from "../../../src/command/flags/build-flag-table.ts";
import { readBuildFlags } from "../../../src/command/flags/build-flags.ts";
import { parseFlags } from "../../../src/command/flags/parse.ts";
import { nativePlatform } from "../../../src/runner/sandbox/platforms.ts";

function read(words: string[], environment: Record<string, string> = {}) {
  const { values, args } = parseFlags(buildFlagTable, words);
  return readBuildFlags(values, args, environment);
}

test("flags become options of the build", () => {
  const words = [
    ..."--tag a -t b --target t --build-arg A=1 --build-arg=B --build-arg C --label l=m=n --label k".split(
      " ",
    ),
    ..."--annotation index:x=y --platform linux/amd64,linux/arm64 --platform linux/s390x --no-cache".split(
      " ",
    ),
    ..."--no-cache-filter a,b --no-cache-filter c --pull --compression zstd --sbom true .".split(" "),
  ];
  expect(read(words, { B: "2" }).options).toEqual({
    tags: ["a", "b"],
    target: "t",
    buildArgs: { A: "1", B: "2" },
    labels: { l: "m=n", k: "" },
    annotations: { "index:x": "y" },
    platforms: ["linux/amd64", "linux/arm64", "linux/s390x"],
    noCache: true,
    noCacheFilter: ["a", "b", "c"],
    pull: true,
    compression: "zstd",
    sbom: true,
  });
});

test.each([
  ["docker.io/library/alpine:latest", "alpine"],
  ["alpine:3", "alpine:3"],
  ["registry.example/app:latest", "registry.example/app"],
])("the context of the image %s gets its short name", (name, expected) => {
  expect(read(["--build-context", `${name}=folder`, "."]).namedContexts).toEqual({ [expected]: "folder" });
});

test.each<[string[], Record<string, string>, object]>([
  [["."], {}, { isEpochOfContext: false }],
  [["."], { SOURCE_DATE_EPOCH: "5" }, { options: { sourceDateEpoch: 5 } }],
  [["--source-date-epoch=6", "."], { SOURCE_DATE_EPOCH: "5" }, { options: { sourceDateEpoch: 6 } }],
  [["--source-date-epoch=context", "."], {}, { isEpochOfContext: true }],
  [
    ["--build-arg", "SOURCE_DATE_EPOCH=context", "."],
    {},
    { isEpochOfContext: true, options: { buildArgs: {} } },
  ],
  [["--build-arg", "SOURCE_DATE_EPOCH=7", "."], {}, { options: { buildArgs: { SOURCE_DATE_EPOCH: "7" } } }],
  [["--timestamps=fixed", "."], {}, { options: { timestamps: "fixed" } }],
  [["--reproducible", "."], {}, { options: { timestamps: "fixed" } }],
  [["-o", "type=oci,dest=a,rewrite-timestamp=true", "."], {}, { options: { rewriteTimestamp: true } }],
])("the time of the image: %j %j", (words, environment, expected) => {
  expect(read(words, environment)).toMatchObject(expected);
});

test.each([[[]], [["-o", "type=image,rewrite-timestamp=false"]]])(
  "times are left to the server: %j",
  (words) => {
    const { options } = read([...words, "."]);
    expect(options).not.toHaveProperty("timestamps");
    expect(options).not.toMatchObject({ rewriteTimestamp: true });
  },
);

test.each<[string[], Record<string, string>, string]>([
  [["."], {}, "auto"],
  [["."], { BUILDKIT_PROGRESS: "plain" }, "plain"],
  [["--progress", "tty", "."], { BUILDKIT_PROGRESS: "plain" }, "tty"],
  [["-q", "."], { BUILDKIT_PROGRESS: "plain" }, "quiet"],
  [["-q", "--progress", "auto", "."], {}, "quiet"],
])("the progress of %j with %j", (words, environment, progress) => {
  expect(read(words, environment).progress).toBe(progress);
});

test.each<[string[], object]>([
  [["--call=check", "."], { method: "check", format: "text", ignoresStatus: false }],
  [["--check", "."], { method: "check", format: "text", ignoresStatus: false }],
  [
    ["--call=check,format=json,ignorestatus=true", "."],
    { method: "check", format: "json", ignoresStatus: true },
  ],
  [["--call=lint", "."], { method: "check", format: "text", ignoresStatus: false }],
  [["--call=subrequests.outline", "."], { method: "outline", format: "text", ignoresStatus: false }],
  [["--call=targets", "."], { method: "targets", format: "text", ignoresStatus: false }],
])("the call of %j", (words, call) => {
  expect(read(words).call).toEqual(call);
});

test("a command line of kaniko is understood", () => {
  const words =
    "--context=dir:///work --context-sub-path=app --dockerfile=D --destination=a.io/b --destination=c.io/d --tar-path=x.tar --cache=true --snapshot-mode=redo -v info".split(
      " ",
    );
  expect(read(words)).toMatchObject({
    context: "/work/app",
    file: "D",
    options: { tags: ["a.io/b", "c.io/d"] },
    outputs: [
      { type: "registry", names: [], byDigest: false },
      { type: "docker", dest: "x.tar", isTar: true, names: [] },
    ],
  });
  expect(parseFlags(buildFlagTable, words).ignored).toEqual(["snapshot-mode", "verbosity"]);
  expect(read([...words, "--no-push"]).outputs).toEqual([
    { type: "docker", dest: "x.tar", isTar: true, names: [] },
  ]);
});

test("every flag without effect has a reason, and accepts the values of other tools", () => {
  for (const [name, flag] of Object.entries(buildFlagTable)) {
    if (!("ignored" in flag)) continue;
    expect(flag.ignored, name).toMatch(/^\w/);
    const words = [`--${name}=${flag.kind === "bool" ? "true" : "1"}`, "."];
    expect(parseFlags(buildFlagTable, words)).toMatchObject({ ignored: [name], args: ["."] });
  }
});

test.each<[string[], string]>([
  [[], "varve build requires 1 argument, but got 0"],
  [["-f", "-", "-"], "stdin cannot be both the context and the Dockerfile"],
  [["-o", "-", "-o", "type=oci,dest=-", "."], "only one output can go to stdout"],
  [
    ["--iidfile", "x", "-o", "out", "."],
    "--iidfile cannot be used with local and tar outputs, which have no image ID",
  ],
  [["--call", "dance", "."], '--call must be one of build, check, outline, targets, not "dance"'],
  [["--build-context", "x", "."], "invalid context value: x, expected key=value"],
  [["--build-context", "X=y", "."], "invalid context name X: invalid reference format: repository name"],
  [["-q", "--progress", "plain", "."], "progress=plain and quiet cannot be used together"],
  [["--push", "."], "tag is needed when pushing to registry"],
  [["-o", "type=image,push=true,push-by-digest=true", "."], "tag is needed when pushing to registry"],
  [["--label", "=x", "."], 'invalid key-value pair "=x": empty key'],
  [["--build-arg", "=x", "."], 'invalid key-value pair "=x": empty key'],
  [["--build-arg", "", "."], 'invalid key-value pair "": empty key'],
  [["--annotation", "=x", "."], 'invalid key-value pair "=x": empty key'],
  [["--annotation", "x", "."], 'invalid annotation "x", expected key=value'],
  [
    ["--source-date-epoch", "yesterday", "."],
    'a number of seconds since 1970, or "context", not "yesterday"',
  ],
  [["--timestamps", "now", "."], "timestamps"],
  [
    ["-o", "type=image,rewrite-timestamp=soon", "."],
    'non-bool value specified for rewrite-timestamp: "soon"',
  ],
])("%j: %s", (words, message) => {
  expect(() => read(words)).toThrow(message);
});

test("flags become settings of RUN", () => {
  const words =
    "--network=none --add-host Foo:1.2.3.4,b=::1 --ulimit nofile=100 --ulimit core=-1 --ulimit nproc=5:6 --shm-size 64m --network-allow localhost:3142 .".split(
      " ",
    );
  const { options, steps } = read(words);
  expect(options).toMatchObject({
    network: "none",
    extraHosts: ["Foo:1.2.3.4", "b=::1"],
    ulimits: [
      { name: "nofile", soft: 100, hard: 100 },
      { name: "core", soft: -1, hard: -1 },
      { name: "nproc", soft: 5, hard: 6 },
    ],
    shmSize: 64 * 1024 * 1024,
  });
  expect(steps).toEqual({ networkAllow: [{ host: "localhost", port: 3142 }] });
});

test("the network of the machine is allowed on request", () => {
  expect(read(["--network", "host", "."]).options).toMatchObject({
    network: "host",
    allow: ["network.host"],
  });
  expect(read(["--network", "default", "."]).options).not.toHaveProperty("network");
});

test("environment variables are the defaults of this machine's runner", () => {
  const environment = { VARVE_RUNNER_NETWORK: "host", VARVE_RUNNER_NETWORK_ALLOW: "127.0.0.1:1,[::1]:2" };
  expect(read(["."], environment).steps).toEqual({
    network: "host",
    networkAllow: [
      { host: "127.0.0.1", port: 1 },
      { host: "[::1]", port: 2 },
    ],
  });
});

test.each([
  ["--network=bridge", 'network mode "bridge" not supported'],
  ["--add-host=x", "invalid host x"],
  ["--ulimit=nofile", 'invalid argument "nofile" for "--ulimit" flag: invalid ulimit argument: nofile'],
  ["--ulimit=foo=1", "invalid ulimit type: foo"],
  ["--ulimit=nofile=5:3", "ulimit soft limit must be less than or equal to hard limit: 5 > 3"],
  ["--ulimit=nofile=1:2:3", "too many limit value arguments - 1:2:3"],
  ["--ulimit=nofile=a", '"a" is not a whole number'],
  ["--shm-size=x", `invalid argument "x" for "--shm-size" flag: invalid size: 'x'`],
  ["--network-allow=3142", '"3142" is not HOST:PORT'],
  ["--network-allow=localhost:0", '"localhost:0" is not HOST:PORT'],
  ["--network-allow=10.0.0.1:80", "10.0.0.1 is not an address of this machine's loopback"],
])("is rejected: %s", (word, message) => {
  expect(() => read([word, "."])).toThrow(message);
});

test.each<[string[], { provenance: string | undefined; sbom?: true }]>([
  [[], { provenance: undefined }],
  [["--attest=type=provenance", "--sbom=1"], { provenance: "true", sbom: true }],
  [["--attest=TYPE=provenance,mode=min,builder-id=b"], { provenance: "mode=min,builder-id=b" }],
  [["--provenance=mode=max", "--sbom=generator=x"], { provenance: "mode=max", sbom: true }],
  [["--provenance=false", "--sbom=0"], { provenance: undefined }],
  [["--provenance=", "--sbom="], { provenance: undefined }],
  [["--attest=type=sbom,disabled=true", "--attest=type=provenance,Disabled=T"], { provenance: undefined }],
  [["--attest=type=sbom,disabled=false"], { provenance: undefined, sbom: true }],
  [["--attest=type=moon,disabled=true"], { provenance: undefined }],
  // The first of each type counts, and --attest takes precedence over the short forms.
  [["--provenance=false", "--attest=type=provenance"], { provenance: "true" }],
  [["--sbom=true", "--attest=type=sbom,disabled=true"], { provenance: undefined }],
  [["--attest=type=sbom", "--attest=type=sbom,disabled=true"], { provenance: undefined, sbom: true }],
])("the attestations of %j", (words, { provenance, sbom }) => {
  const flags = read([...words, "."]);
  expect([flags.provenance, flags.options.sbom]).toEqual([provenance, sbom]);
});

test.each([
  ["--attest=type=sbom,disabled=maybe", "invalid value disabled=maybe: it must be true or false"],
  ["--attest=type=sbom,moon", "invalid value moon"],
  ["--sbom=moon", "invalid value moon"],
  ["--attest=", "invalid value "],
  ["--attest=mode=max", "attestation type not specified"],
  ["--attest=type=moon", 'unsupported attestation type "moon": it must be provenance or sbom'],
])("the attestation %s is rejected", (word, message) => {
  expect(() => read([word, "."])).toThrow(message);
});

test("--platform lists platforms", () => {
  const platforms = (words: string[], environment = {}) =>
    read([...words, "."], environment).options.platforms;
  const byDefault = { DOCKER_DEFAULT_PLATFORM: "linux/s390x" };
  expect(platforms([], byDefault)).toEqual(["linux/s390x"]);
  expect(platforms(["--platform=linux/arm64"], byDefault)).toEqual(["linux/arm64"]);
  expect(platforms([], { DOCKER_DEFAULT_PLATFORM: "" })).toEqual([]);
  expect(platforms(["--platform=LOCAL"])).toEqual([nativePlatform()]);
  expect(platforms(["--custom-platform="])).toEqual([]);
  for (const empty of ["", "linux/amd64,", ","])
    expect(() => platforms(["--platform", empty])).toThrow(
      `--platform ${JSON.stringify(empty)} has an empty platform`,
    );
});

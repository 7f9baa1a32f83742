import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildWords } from "../../src/action/build-words.ts";
import { Inputs } from "../../src/action/inputs.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const run = {
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "team/app",
  GITHUB_RUN_ID: "7",
  GITHUB_RUN_ATTEMPT: "2",
};
const runUrl = "https://github.com/team/app/actions/runs/7/attempts/2";

function read(inputs: Record<string, string>) {
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return buildWords(new Inputs(Object.fromEntries(given)), run);
}

/** The words that these inputs add to those of a step without inputs. */
const added = (inputs: Record<string, string>) =>
  read(inputs).words.filter((word) => !["--progress=plain", "--", "."].includes(word));

test("without inputs the checkout is built", () => {
  expect(read({}).words).toEqual(["--progress=plain", "--", "."]);
});

test.each<[Record<string, string>, string[]]>([
  [{ tags: "a:1,b\nc" }, ["--tag=a:1", "--tag=b", "--tag=c"]],
  [{ "build-args": "A=1,2\nB=" }, ["--build-arg=A=1,2", "--build-arg=B="]],
  [{ labels: "a=b\nc=d,e" }, ["--label=a=b", "--label=c=d,e"]],
  [{ platforms: "linux/amd64, linux/arm64" }, ["--platform=linux/amd64", "--platform=linux/arm64"]],
  [{ outputs: 'type=oci,"dest=a b"' }, ['--output=type=oci,"dest=a b"']],
  [{ file: "docker/Dockerfile", target: "web" }, ["--file=docker/Dockerfile", "--target=web"]],
  // With docker/build-push-action, the file is in the folder of the git context.
  [
    { context: "{{defaultContext}}:sub", file: "./alpine.Dockerfile" },
    ["--file=sub/alpine.Dockerfile", "sub"],
  ],
  // docker/build-push-action attaches a provenance by default, so that the image has an index.
  [
    { annotations: "index:a=b\nmanifest:c=d" },
    ["--annotation=index:a=b", "--annotation=manifest:c=d", `--provenance=mode=max,builder-id=${runUrl}`],
  ],
  [{ annotations: "manifest,index:a=b", load: "true" }, ["--annotation=manifest,index:a=b", "--load"]],
  [
    { annotations: "index:a=b", platforms: "a/b,c/d" },
    ["--annotation=index:a=b", "--platform=a/b", "--platform=c/d"],
  ],
  [{ annotations: "org.index.a=b:c" }, ["--annotation=org.index.a=b:c"]],
  [{ "no-cache": "true", pull: "True", push: "false", load: "FALSE" }, ["--no-cache", "--pull"]],
  [
    { "cache-from": "type=gha\ntype=registry,ref=x" },
    ["--cache-from=type=gha", "--cache-from=type=registry,ref=x"],
  ],
  [
    { "build-contexts": "a={{defaultContext}}:lib\nb=docker-image://c" },
    ["--build-context=a=lib", "--build-context=b=docker-image://c"],
  ],
  [{ "source-date-epoch": "context" }, ["--source-date-epoch=context"]],
  [{ timestamps: "fixed" }, ["--timestamps=fixed"]],
  [
    { "add-hosts": "a:1.2.3.4,b:::1", network: "none", "network-allow": "localhost:3142" },
    ["--add-host=a:1.2.3.4", "--add-host=b:::1", "--network-allow=localhost:3142", "--network=none"],
  ],
  [
    { "shm-size": "1g", ulimit: "nofile=1:2\ncore=0" },
    ["--ulimit=nofile=1:2", "--ulimit=core=0", "--shm-size=1g"],
  ],
])("%j", (inputs, words) => {
  expect(added(inputs)).toEqual(words);
});

test.each([
  ["Team/App:V1", "team/app:V1"],
  ["GHCR.io/Team/App", "ghcr.io/team/app"],
  ["localhost:5000/A@sha256:Ab", "localhost:5000/a@sha256:Ab"],
])("the tag %s becomes %s, with a message", (tag, expected) => {
  const { words, notes } = read({ tags: tag });
  expect(words[0]).toBe(`--tag=${expected}`);
  expect(notes).toEqual([`tags: ${tag} is converted to lower case, because image names are in lower case`]);
});

test.each([
  ["", "."],
  ["sub/folder", "sub/folder"],
  ["{{defaultContext}}", "."],
  ["{{ defaultContext }}:sub", "sub"],
  ["https://github.com/team/app.git#v1", "https://github.com/team/app.git#v1"],
  ["-", "-"],
])("the context %j is %s", (context, expected) => {
  expect(read({ context }).words.at(-1)).toBe(expected);
});

describe("attestations", () => {
  test.each<[Record<string, string>, string[]]>([
    [{ provenance: "true" }, [`--provenance=builder-id=${runUrl}`]],
    [{ provenance: "mode=min" }, [`--provenance=mode=min,builder-id=${runUrl}`]],
    [{ provenance: "builder-id=https://x" }, ["--provenance=builder-id=https://x"]],
    [{ provenance: "false" }, ["--provenance=false"]],
    [{ sbom: "true" }, ["--sbom=true"]],
    [{ sbom: "generator=some/image" }, ["--sbom=true"]],
    [{ sbom: "false" }, ["--sbom=false"]],
    [
      { attests: "type=sbom\ntype=provenance,mode=max" },
      [`--provenance=mode=max,builder-id=${runUrl}`, "--sbom=true"],
    ],
    [
      { attests: "type=provenance,mode=max", provenance: "mode=min" },
      [`--provenance=mode=min,builder-id=${runUrl}`],
    ],
  ])("%j", (inputs, words) => {
    expect(added(inputs)).toEqual(words);
  });
});

describe("secrets", () => {
  test("are passed in variables, never among the words", () => {
    using folder = temporaryFolder({ "f g": "secret" });
    const file = join(folder.path, "f g");
    const { words, secrets } = read({
      secrets: 'a=hush\nb=line\n"c=two\nlines"',
      "secret-envs": "d=NAME",
      "secret-files": `e=${file}`,
    });
    expect(words.join(" ")).not.toMatch(/hush|line/);
    expect(secrets).toEqual({
      VARVE_ACTION_SECRET_0: "hush",
      VARVE_ACTION_SECRET_1: "line",
      VARVE_ACTION_SECRET_2: "two\nlines",
    });
    expect(words.slice(0, 5)).toEqual([
      "--secret=id=a,env=VARVE_ACTION_SECRET_0",
      "--secret=id=b,env=VARVE_ACTION_SECRET_1",
      "--secret=id=c,env=VARVE_ACTION_SECRET_2",
      "--secret=id=d,env=NAME",
      `--secret=id=e,"src=${file}"`,
    ]);
  });

  test.each<[string, string]>([
    ["hush", "an item is not ID=VALUE"],
    ["=hush", "an item is not ID=VALUE"],
    ["a b=hush", "an item is not ID=VALUE"],
    ['a",src=/etc/passwd=hush', "an item is not ID=VALUE"],
    ["a=", "a has no value"],
  ])("%j is left out with a warning that does not quote it", (secrets, why) => {
    for (const input of ["secrets", "secret-files"]) {
      const left = read({ [input]: `${secrets}\n`, tags: "x" });
      expect(left.notes).toEqual([`${input}: ${why}, so RUN does not receive it`]);
      expect([left.words.filter((word) => word.includes("secret")), left.secrets]).toEqual([[], {}]);
    }
  });

  test.each(["a", "=A", "a=", 'a"=A', "a=/etc/passwd"])(
    "%s is not a variable, and left out with a warning",
    (item) => {
      const { words, notes } = read({ "secret-envs": item });
      expect(words.filter((word) => word.includes("secret"))).toEqual([]);
      expect(notes).toEqual([expect.stringMatching(/^secret-envs: .*, so RUN does not receive it$/)]);
    },
  );

  test("a file that does not exist is left out with a warning", () => {
    const { words, notes } = read({ "secret-files": "a=/nonexistent/file" });
    expect(words.filter((word) => word.includes("secret"))).toEqual([]);
    expect(notes).toEqual([
      "secret-files: the file /nonexistent/file of a does not exist, so RUN does not receive it",
    ]);
  });
});

test.each<[Record<string, string>, string]>([
  [{ pull: "yes" }, 'the input pull must be true or false, not "yes"'],
  [{ tags: '"a' }, "the input tags is not a list: a quote is not closed"],
])("%j is rejected", (inputs, message) => {
  expect(() => read(inputs)).toThrow(message);
});

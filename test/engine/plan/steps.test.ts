import { describe, expect, it, test } from "vitest";
import { inputsOf } from "../../../src/engine/plan/step.ts";
import { errorOf, historyOf, planOf, stepOf, warningsOf } from "./plan-of.ts";

describe("COPY and ADD", () => {
  test.each<[instruction: string, definition: object, history: string]>([
    ["COPY a b", { sources: [{ path: "/a" }], dest: "/b", destIsDirectory: false }, "COPY a b"],
    [
      "COPY ../a ./b/../c /d/",
      { sources: [{ path: "/a" }, { path: "/c" }], dest: "/d", destIsDirectory: true },
      "COPY ../a ./b/../c /d/",
    ],
    ["COPY . .", { sources: [{ path: "/" }], dest: "/", destIsDirectory: true }, "COPY . ."],
    ["COPY a/ b/.", { sources: [{ path: "/a" }], dest: "/b", destIsDirectory: true }, "COPY a/ b/."],
    ["COPY a /b/../../c", { dest: "/c", destIsDirectory: false }, "COPY a /b/../../c"],
    ['COPY ["a b", "/c d/"]', { sources: [{ path: "/a b" }], dest: "/c d" }, "COPY a b /c d/"],
    ["COPY --chown=a:0 a b", { owner: { user: { name: "a" }, group: { id: 0 } } }, "COPY --chown=a:0 a b"],
    ["COPY --chmod=755 a b", { chmod: { octal: 0o755 } }, "COPY --chmod=755 a b"],
    ["COPY --link --exclude=*.md a b", { link: true, excludes: ["*.md"] }, "COPY a b"],
    ["COPY --link --chmod=644 a b", { link: false }, "COPY --chmod=644 a b"],
    [
      "COPY --parents a/./b/*.c d",
      { sources: [{ path: "/a", parents: "b/*.c" }], dest: "/d" },
      "COPY --parents a/./b/*.c d",
    ],
    ["COPY --parents a/b/ d", { sources: [{ path: "/", parents: "a/b" }] }, "COPY --parents a/b/ d"],
    [
      'COPY <<E b\nx $A "y"\nE',
      { sources: [{ kind: "inline", name: "E", content: 'x  "y"\n' }], dest: "/b" },
      "COPY <<E b",
    ],
    ["COPY <<'E' b\nx $A\nE", { sources: [{ content: "x $A\n" }] }, "COPY <<E b"],
    [
      "COPY a <<E b/\nx\nE",
      {
        sources: [
          { kind: "files", path: "/a" },
          { kind: "inline", name: "E" },
        ],
      },
      "COPY a <<E b/",
    ],
    ["ADD a b", { kind: "add", sources: [{ path: "/a", unpack: true }] }, "ADD a b"],
    ["ADD --unpack=false a b", { sources: [{ path: "/a", unpack: false }] }, "ADD a b"],
    [
      "ADD https://h/a%20b/c%2Bd?x#y /d/",
      { sources: [{ kind: "http", url: "https://h/a%20b/c%2Bd?x#y", name: "c+d", unpack: false }] },
      "ADD https://h/a%20b/c%2Bd?x#y /d/",
    ],
    [
      "ADD --unpack https://h/ /d/",
      { sources: [{ kind: "http", name: "__unnamed__", unpack: true }] },
      "ADD https://h/ /d/",
    ],
    ["ADD https://h/%2e%2e%2f /d/", { sources: [{ name: "__unnamed__" }] }, "ADD https://h/%2e%2e%2f /d/"],
    [
      "ADD https://h/x.git#v1:sub /d",
      {
        sources: [
          {
            kind: "git",
            remote: "https://h/x.git",
            ref: "v1",
            subdir: "sub",
            keepGitDir: false,
            submodules: true,
          },
        ],
      },
      "ADD https://h/x.git#v1:sub /d",
    ],
    [
      "ADD --keep-git-dir --checksum=ab git@h:x /d",
      { sources: [{ kind: "git", remote: "git@h:x", checksum: "ab", keepGitDir: true }] },
      "ADD git@h:x /d",
    ],
    [
      "ADD github.com/x/y /d",
      { sources: [{ kind: "files", path: "/github.com/x/y" }] },
      "ADD github.com/x/y /d",
    ],
  ])("%s", async (instruction, definition, history) => {
    const text = `FROM scratch\n${instruction}\n`;
    expect(await stepOf(text)).toMatchObject(definition);
    expect(await historyOf(text)).toEqual([`+ ${history} # buildkit`]);
  });

  it("is relative to WORKDIR at its destination only", async () => {
    expect(await stepOf("FROM scratch\nWORKDIR /w\nCOPY a b\n")).toMatchObject({
      sources: [{ path: "/a" }],
      dest: "/w/b",
    });
    expect(await stepOf("FROM scratch\nWORKDIR /w\nCOPY a $NOTHING\n")).toMatchObject({
      dest: "/w",
      destIsDirectory: true,
    });
    expect(await stepOf("FROM scratch\nWORKDIR /w\nCOPY a /b\n")).toMatchObject({ dest: "/b" });
  });

  test.each([
    [
      "COPY --chmod=64a a b",
      "2: invalid chmod parameter: '64a'. it should be octal string and between 0 and 07777",
    ],
    [
      "COPY --chmod=10000 a b",
      "2: invalid chmod parameter: '10000'. it should be octal string and between 0 and 07777",
    ],
    ["COPY --chmod=u+q a b", "2: invalid syntax"],
    ["COPY https://h/x b", "2: source can't be a URL for COPY"],
    ["COPY https://h/x.git b", "2: source can't be a git ref for COPY"],
    ["ADD --checksum=sha256:00 a b", "2: checksum requires HTTP(S) or Git sources"],
    [
      "ADD --checksum=sha256:00 https://h/a https://h/b c/",
      "2: checksum can't be specified for multiple sources",
    ],
    ["ADD --checksum=00 https://h/a b", "2: invalid checksum digest format"],
    ["ADD --checksum=md5:00 https://h/a b", "2: unsupported digest algorithm"],
    ["ADD --checksum=ab https://h/x.git?checksum=cd b", '2: checksum mismatch "ab" != "cd"'],
    ["ADD --keep-git-dir=false https://h/x.git?keep-git-dir b", "2: inconsistent keep-git-dir configuration"],
    ["ADD https://h/x.git?foo=1 b", '2: unexpected query "foo"'],
    [
      'COPY "a b',
      '2: failed to process "\\"a": unexpected end of statement while looking for matching double-quote',
    ],
  ])("rejects %s", async (instruction, error) => {
    expect(await errorOf(`FROM scratch\n${instruction}\n`)).toBe(error);
  });

  test.each([
    [["a"], "COPY a b", ["a"]],
    [["a"], "ADD ./a/x b", ["a/x"]],
    [["*"], "COPY . /", ["."]],
    [[".*"], "COPY . /", []],
    [["a", "!a/b"], "COPY a b", []],
    [["a"], "COPY --from=s a b", []],
    [[], "COPY a b", []],
  ])("warns with %j ignored of %s", async (ignore, instruction, files) => {
    const found = await warningsOf(`FROM scratch AS s\nFROM scratch\n${instruction}\n`, { ignore });
    const action = instruction.startsWith("ADD") ? "Add" : "Copy";
    expect(found).toEqual(
      files.map(
        (file) =>
          `3: CopyIgnoredFile: Attempting to ${action} file "${file}" that is excluded by .dockerignore`,
      ),
    );
  });
});

describe("RUN", () => {
  test.each<[instruction: string, definition: object, history: string]>([
    [
      "RUN a  b",
      { args: ["/bin/sh", "-c", "a  b"], workdir: "/", user: "", network: "default" },
      "RUN /bin/sh -c a  b",
    ],
    ['RUN ["a", "b c"]', { args: ["a", "b c"] }, "RUN a b c"],
    ["RUN --network=none x", { network: "none" }, "RUN /bin/sh -c x"],
    ["RUN <<E\na\nb\nE", { args: ["/bin/sh", "-c", "a\nb\n"] }, "RUN /bin/sh -c a\nb\n"],
    ["RUN <<-E\n\ta\nE", { args: ["/bin/sh", "-c", "a\n"] }, "RUN /bin/sh -c a\n"],
    [
      "RUN cat <<-E\n\ta\nE",
      { args: ["/bin/sh", "-c", "cat <<-E\n\ta\nE"] },
      "RUN /bin/sh -c cat <<-E\n\ta\nE",
    ],
    [
      "RUN <<E\n#!/bin/x\na\nE",
      { args: ["/bin/sh", "-c", "/dev/pipes/E"], script: { path: "/dev/pipes/E", content: "#!/bin/x\na\n" } },
      "RUN /bin/sh -c /dev/pipes/E",
    ],
    [
      "RUN --mount=target=b,source=a/../c x",
      { mounts: [{ type: "bind", from: { kind: "context" }, source: "/c", target: "/b", readonly: true }] },
      "RUN /bin/sh -c x",
    ],
    ["RUN --mount=target=/b,rw x", { mounts: [{ readonly: false }] }, "RUN /bin/sh -c x"],
    [
      "RUN --mount=type=cache,target=/c/ x",
      {
        mounts: [
          {
            type: "cache",
            id: "/c",
            sharing: "shared",
            from: { kind: "scratch" },
            source: "/",
            target: "/c",
            readonly: false,
          },
        ],
      },
      "RUN /bin/sh -c x",
    ],
    [
      "RUN --mount=type=cache,target=/c,id=i,sharing=locked,uid=5 x",
      { mounts: [{ id: "i", sharing: "locked", root: { uid: 5, gid: 0, mode: 0o755 } }] },
      "RUN /bin/sh -c x",
    ],
    [
      "RUN --mount=type=tmpfs,target=/t,size=1k x",
      { mounts: [{ type: "tmpfs", target: "/t", size: 1024, readonly: false }] },
      "RUN /bin/sh -c x",
    ],
    [
      "RUN --mount=type=secret,id=s x",
      {
        mounts: [
          { type: "secret", id: "s", target: "/run/secrets/s", required: false, uid: 0, gid: 0, mode: 0o400 },
        ],
      },
      "RUN /bin/sh -c x",
    ],
    [
      "RUN --mount=type=secret,id=s,env=S,required x",
      { mounts: [{ type: "secret", id: "s", env: "S", required: true }] },
      "RUN /bin/sh -c x",
    ],
    [
      "RUN --mount=type=ssh x",
      { mounts: [{ type: "ssh", id: "default", target: "/run/buildkit/ssh_agent.0", mode: 0o600 }] },
      "RUN /bin/sh -c x",
    ],
    [
      "RUN --mount=target=/b --mount=type=tmpfs,target=/a x",
      { mounts: [{ target: "/a" }, { target: "/b" }] },
      "RUN /bin/sh -c x",
    ],
  ])("%s", async (instruction, definition, history) => {
    const text = `FROM scratch\n${instruction}\n`;
    expect(await stepOf(text)).toMatchObject(definition);
    expect(await historyOf(text)).toEqual([`+ ${history} # buildkit`]);
  });

  it("has a working directory and a user", async () => {
    expect(await stepOf('FROM scratch\nWORKDIR /w\nUSER u\nSHELL ["s"]\nRUN x\n')).toMatchObject({
      args: ["s", "x"],
      workdir: "/w",
      user: "u",
    });
  });

  it("expands its mounts, but not their from", async () => {
    const text =
      "FROM scratch AS s\nCOPY a a\nFROM scratch\nARG T=/t\nRUN --mount=from=S,target=$T,source=$T x\n";
    expect(await stepOf(text)).toMatchObject({
      mounts: [{ from: { kind: "step", step: 0 }, target: "/t", source: "/t" }],
    });
  });

  it("resolves relative targets against the working directory", async () => {
    const text = "FROM scratch\nWORKDIR /w\nRUN --mount=type=secret,id=s,target=../.s x\n";
    expect(await stepOf(text)).toMatchObject({ mounts: [{ type: "secret", id: "s", target: "/.s" }] });
  });

  it("sets the socket of the agent for a process", async () => {
    const { env } = (await stepOf("FROM scratch\nRUN --mount=type=ssh,target=/s x\n")) as { env?: unknown };
    expect(env).toContainEqual(["SSH_AUTH_SOCK", "/s"]);
  });

  test.each([
    ["RUN --mount=target=/ x", '2: invalid mount target "/"'],
    ["RUN --mount=typ=tmpfs x", "2: unexpected key 'typ' in 'typ=tmpfs' (did you mean type?)"],
    ["RUN --mount=type=ssh,source=a x", "2: ssh does not support source"],
    ["RUN --network=host x", "2: failed to load LLB: network.host is not allowed"],
    ["RUN --security=insecure x", "2: failed to load LLB: security.insecure is not allowed"],
  ])("rejects %s", async (instruction, error) => {
    expect(await errorOf(`FROM scratch\n${instruction}\n`)).toBe(error);
  });
});

describe("WORKDIR", () => {
  it("makes a directory that belongs to USER", async () => {
    expect(await stepOf("FROM scratch\nUSER u:7\nWORKDIR /a//b/\n")).toEqual({
      kind: "workdir",
      parent: { kind: "scratch" },
      path: "/a/b",
      owner: { user: { name: "u" }, group: { id: 7 } },
    });
  });

  it("makes no directory for the root, but is a step", async () => {
    const { steps } = await planOf("FROM scratch\nWORKDIR /\nCOPY a b\n");
    expect(steps.map(({ description }) => description.name)).toEqual(["[1/2] COPY a b"]);
  });
});

describe("names", () => {
  test.each([
    ["copy  a   b", "COPY  a   b"],
    ['ENV A=1\nCOPY $A "b"', "COPY 1 b"],
    ['RUN echo $A "$PATH_"', 'RUN echo $A "$PATH_"'],
    ["ARG A=1\nRUN echo $A '$A'", "RUN echo 1 '$A'"],
    ["RUN <<E\n\n  first\nsecond\nE", "RUN <<E (first...)"],
    ["RUN <<E\nonly\nE", "RUN <<E (only)"],
    ["RUN --mount=type=secret,id=s,env=S echo $S", "RUN --mount=type=secret,id=s,env=S echo ****"],
    ["COPY <<E /x\nbody\nE", "COPY <<E /x"],
  ])("of %s", async (instructions, name) => {
    const { steps } = await planOf(`FROM scratch\n${instructions}\n`);
    expect(steps[0]?.description.name.replace(/^\[[^\]]*\] /, "")).toBe(name);
  });

  it("are aligned", async () => {
    const { steps } = await planOf(`FROM scratch\n${"COPY a b\n".repeat(10)}`);
    expect(steps[0]?.description.name).toBe("[ 1/10] COPY a b");
    expect(steps[9]?.description.name).toBe("[10/10] COPY a b");
  });
});

it("lists the inputs of a step, its parent first", async () => {
  const text =
    "FROM scratch AS s\nCOPY a a\nFROM scratch\nCOPY x y\nCOPY --from=s a b\nRUN --mount=from=s,target=/t x\n";
  const { steps } = await planOf(text);
  expect(steps.map(({ definition }) => inputsOf(definition))).toEqual([
    [{ kind: "scratch" }, { kind: "context" }],
    [{ kind: "scratch" }, { kind: "context" }],
    [
      { kind: "step", step: 1 },
      { kind: "step", step: 0 },
    ],
    [
      { kind: "step", step: 2 },
      { kind: "step", step: 0 },
    ],
  ]);
});

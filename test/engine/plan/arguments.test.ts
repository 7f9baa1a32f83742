import { describe, expect, it, test } from "vitest";
import { errorOf, historyOf, planOf, settingsOf, stepOf } from "./plan-of.ts";

/** The value that the last ENV of a Dockerfile gives to R. */
async function resultOf(text: string, buildArgs: Record<string, string> = {}): Promise<string | undefined> {
  const { Env = [] } = await settingsOf(text, { buildArgs });
  return Env.find((variable) => variable.startsWith("R="))?.slice(2);
}

describe("the value of an argument", () => {
  test.each<[what: string, lines: string[], given: Record<string, string>, value: string]>([
    ["its default", ["FROM scratch", "ARG A=d", "ENV R=$A"], {}, "d"],
    ["outside, before the default", ["FROM scratch", "ARG A=d", "ENV R=$A"], { A: "x" }, "x"],
    ["outside, although empty", ["FROM scratch", "ARG A=d", "ENV R=$A"], { A: "" }, ""],
    ["outside, not expanded", ["FROM scratch", "ARG A", "ENV R=$A"], { A: "$B" }, "$B"],
    ["nowhere before it is declared", ["FROM scratch", "ENV R=$A", "ARG A=d"], { A: "x" }, ""],
    ["the global scope, once declared", ["ARG A=g", "FROM scratch", "ARG A", "ENV R=$A"], {}, "g"],
    ["not the global scope otherwise", ["ARG A=g", "FROM scratch", "ENV R=$A"], {}, ""],
    ["its default before the global scope", ["ARG A=g", "FROM scratch", "ARG A=d", "ENV R=$A"], {}, "d"],
    ["another argument of its line", ["FROM scratch", "ARG A=1 B=$A", "ENV R=$B"], {}, "1"],
    ["the stage below", ["FROM scratch AS a", "ARG A=1", "FROM a", "ENV R=$A"], {}, "1"],
    [
      "not a stage that is copied from",
      ["FROM scratch AS a", "ARG A=1", "FROM scratch", "COPY --from=a x y", "ENV R=$A"],
      {},
      "",
    ],
    ["ARG after ENV", ["FROM scratch", "ENV A=e", "ARG A=a", "ENV R=$A"], {}, "a"],
    ["ENV after ARG", ["FROM scratch", "ARG A=a", "ENV A=e", "ENV R=$A"], { A: "x" }, "e"],
    [
      "ENV of the stage below before its ARG",
      ["FROM scratch AS a", "ENV A=e", "ARG A=a", "FROM a", "ENV R=$A"],
      {},
      "e",
    ],
    ["the environment before the instruction", ["FROM scratch", "ENV A=1", "ENV A=2 R=$A"], {}, "1"],
    ["the platform", ["FROM scratch", "ARG TARGETPLATFORM", "ENV R=$TARGETPLATFORM"], {}, "linux/amd64"],
    ["not the platform undeclared", ["FROM scratch", "ENV R=$TARGETPLATFORM"], {}, ""],
    [
      "the platform, overridden",
      ["FROM scratch", "ARG TARGETARCH", "ENV R=$TARGETARCH"],
      { TARGETARCH: "vax" },
      "vax",
    ],
    ["the name of the target", ["FROM scratch AS app", "ARG TARGETSTAGE", "ENV R=$TARGETSTAGE"], {}, "app"],
    ["the nameless target", ["FROM scratch", "ARG TARGETSTAGE", "ENV R=$TARGETSTAGE"], {}, "default"],
    ["a proxy only when declared", ["FROM scratch", "ENV R=$HTTP_PROXY"], { HTTP_PROXY: "p" }, ""],
  ])("%s", async (_, lines, given, value) => {
    expect(await resultOf(`${lines.join("\n")}\n`, given)).toBe(value);
  });
});

it("never puts arguments into the image", async () => {
  expect(await settingsOf("FROM scratch\nARG A=1\n")).toEqual({});
  expect(await historyOf("FROM scratch\nARG A=1 B\n", { buildArgs: { B: "2" } })).toEqual(["ARG A=1 B=2"]);
  expect(await historyOf("FROM scratch\nARG B\n")).toEqual(["ARG B"]);
});

it("lists each argument once in the history of RUN, at its first position and with its last value", async () => {
  const text = "FROM scratch\nARG A=1 B\nARG A=2\nENV B=e\nRUN x\n";
  expect((await historyOf(text)).at(-1)).toBe("+ RUN |2 A=2 B=e /bin/sh -c x # buildkit");
});

it("passes arguments to RUN, and proxies separately", async () => {
  const { steps } = await planOf("FROM scratch\nARG A=1\nENV B=2\nARG A=3\nRUN x\n", {
    buildArgs: { http_proxy: "p" },
  });
  expect(steps[0]?.definition).toMatchObject({
    env: [
      ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      ["B", "2"],
      ["A", "3"],
    ],
  });
  expect(steps[0]?.description.proxies).toEqual({ HTTP_PROXY: "p", http_proxy: "p" });
});

it("fails for a default that cannot be expanded, at the ARG, unless a value is given", async () => {
  const text = 'ARG A="${B:?no B}"\nFROM scratch\n';
  expect(await errorOf(text)).toBe('1: failed to process "\\"${B:?no B}\\"": B: no B');
  expect(await errorOf(text, { buildArgs: { A: "x" } })).toBe("no error");
});

it("reports undefined variables of one stage only", async () => {
  const step = await stepOf("ARG D=x\nFROM scratch\nARG D\nCOPY a$D /$D/\n");
  expect(step).toMatchObject({ sources: [{ path: "/ax" }], dest: "/x", destIsDirectory: true });
});

describe("SOURCE_DATE_EPOCH", () => {
  const add = "FROM scratch AS src\nADD https://h.example/x.tar /\nFROM scratch\n";

  test.each<[what: string, text: string, given: Record<string, string>, epoch: number | undefined]>([
    ["given", "FROM scratch\n", { SOURCE_DATE_EPOCH: "5" }, 5],
    ["the default of a global argument", "ARG SOURCE_DATE_EPOCH=7\nFROM scratch\n", {}, 7],
    ["given before the default", "ARG SOURCE_DATE_EPOCH=7\nFROM scratch\n", { SOURCE_DATE_EPOCH: "5" }, 5],
    ["the argument of a stage does not count", "FROM scratch\nARG SOURCE_DATE_EPOCH=7\n", {}, undefined],
    ["empty", "FROM scratch\n", { SOURCE_DATE_EPOCH: "" }, undefined],
    ["the context has none", "FROM scratch\n", { SOURCE_DATE_EPOCH: "context" }, undefined],
    ["a stage, without a world", add, { SOURCE_DATE_EPOCH: "src" }, undefined],
  ])("%s", async (_, text, buildArgs, epoch) => {
    expect((await planOf(text, { buildArgs })).epoch).toBe(epoch);
  });

  it("becomes the argument", async () => {
    const text = "ARG SOURCE_DATE_EPOCH=7\nFROM scratch\nARG SOURCE_DATE_EPOCH\n";
    expect(await historyOf(text)).toEqual(["ARG SOURCE_DATE_EPOCH=7"]);
    expect(await historyOf(text, { sourceDateEpoch: 9 })).toEqual(["ARG SOURCE_DATE_EPOCH=9"]);
  });

  test.each([
    ["FROM scratch AS s\n", "s", "1: SOURCE_DATE_EPOCH stage must contain exactly one remote ADD"],
    [
      "FROM scratch AS s\nADD a b\n",
      "s",
      "1: SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD",
    ],
    [
      "FROM scratch AS s\nRUN x\n",
      "s",
      "1: SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported RUN instruction",
    ],
    ["FROM alpine AS s\n", "s", "1: SOURCE_DATE_EPOCH stage must use FROM scratch"],
    ["FROM scratch\n", "s", "0: invalid SOURCE_DATE_EPOCH: s"],
    ["FROM scratch\n", "253402300800", "0: invalid SOURCE_DATE_EPOCH: 253402300800"],
  ])("rejects %j as %s", async (text, value, error) => {
    expect(await errorOf(text, { buildArgs: { SOURCE_DATE_EPOCH: value } })).toBe(error);
  });
});

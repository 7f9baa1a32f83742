import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { descriptionOf } from "../../src/dockerfile/description.ts";
import { readDevice } from "../../src/dockerfile/device.ts";
import { type Diagnostic, DockerfileError } from "../../src/dockerfile/diagnostic.ts";
import { Fault } from "../../src/dockerfile/fault.ts";
import { faultError } from "../../src/dockerfile/fault-error.ts";
import type {
  ArgInstruction,
  Heredoc,
  Instruction,
  KeyValue,
  Stage,
} from "../../src/dockerfile/instruction.ts";
import { readNode } from "../../src/dockerfile/instructions/read.ts";
import { readDockerfile } from "../../src/dockerfile/instructions.ts";
import { readMount } from "../../src/dockerfile/mount.ts";
import { parse } from "../../src/dockerfile/parse.ts";
import { buildkitLines } from "./buildkit-lines.ts";
import { type Check, readCases, runChecks, type SetResult } from "./case-set.ts";

interface Case {
  name: string;
  dockerfile: string;
  mode: "single-instruction" | "dockerfile";
  expected?: { commands?: Record<string, unknown>[]; stages?: unknown[]; metaArgs?: unknown[] };
  error?: string;
  errorText?: string;
  errorLines?: [number, number][];
}

/** Compares typed instructions, or the error, with BuildKit's. */
export async function instructions(): Promise<SetResult> {
  const cases = await readCases<Case>("instructions.json");
  return runChecks(
    cases.map((given) => [`${given.name}, ${given.mode}: ${given.dockerfile.slice(0, 60)}`, check(given)]),
  );
}

function check(given: Case): Check {
  return () => {
    let answer: unknown;
    try {
      answer = given.mode === "dockerfile" ? readWhole(given.dockerfile) : readSingle(given.dockerfile);
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      compareError(error.diagnostic, given);
      return;
    }
    deepStrictEqual(answer, withoutHalfReadMounts(given.expected));
  };
}

function compareError(diagnostic: Diagnostic, { errorText, errorLines }: Case): void {
  strictEqual(diagnostic.message, errorText);
  deepStrictEqual(buildkitLines(diagnostic), errorLines);
}

function readWhole(text: string) {
  const { dockerfile } = readDockerfile(text);
  return { metaArgs: dockerfile.globalArgs.map(describe), stages: dockerfile.stages.map(describeStage) };
}

function readSingle(text: string) {
  return {
    commands: parse(text).nodes.map((node) => {
      try {
        return describe(readNode(node));
      } catch (error) {
        throw error instanceof Fault ? faultError(error, node.lines) : error;
      }
    }),
  };
}

/** Removes the mounts of a failed instruction: the records contain them partly parsed. */
function withoutHalfReadMounts({ commands, ...rest }: NonNullable<Case["expected"]> = {}) {
  return { ...rest, ...(commands && { commands: commands.map(withoutMountsOfError) }) };
}

function withoutMountsOfError(command: Record<string, unknown>) {
  const { mounts, ...rest } = command;
  return "mountError" in command ? rest : command;
}

/** The form of BuildKit's recorded results, which omit empty, false and zero values. */
function describeStage({ from, instructions }: Stage) {
  const { base, name, platform, comments } = from;
  const doc = name && descriptionOf(comments, name);
  return { base, ...given({ name, platform, doc }), commands: instructions.map(describe) };
}

function describe(instruction: Instruction): object {
  const { kind, keyword, source } = instruction;
  return { type: kind, name: keyword, code: source, ...describeFields(instruction) };
}

function describeFields(instruction: Instruction): object {
  switch (instruction.kind) {
    case "ARG":
      return { args: describeArgs(instruction) };
    case "ENV":
      return { env: instruction.pairs.map(describePair) };
    case "LABEL":
      return { labels: instruction.pairs.map(describePair) };
    case "COPY": {
      const { sources, dest, heredocs, from, chown, chmod, link, parents, excludes } = instruction;
      return {
        sources,
        dest,
        ...given({
          from,
          chown,
          chmod,
          link,
          parents,
          exclude: excludes,
          heredocs: heredocs.map(describeFile),
        }),
      };
    }
    case "ADD": {
      const { sources, dest, heredocs, chown, chmod, link, excludes, checksum, keepGitDir, unpack } =
        instruction;
      const flags = { chown, chmod, link, checksum, exclude: excludes, heredocs: heredocs.map(describeFile) };
      return {
        sources,
        dest,
        ...given(flags),
        ...(keepGitDir !== undefined && { keepGitDir }),
        ...(unpack !== undefined && { unpack }),
      };
    }
    case "RUN": {
      const { command, mounts, network, security, devices } = instruction;
      return {
        ...describeCommand(command),
        ...describeMounts(mounts),
        ...given({
          network: network !== "default" && network,
          security: security !== "sandbox" && security,
          devices: devices.map(readDevice),
        }),
      };
    }
    case "CMD":
      return describeCommand(instruction.command);
    case "ENTRYPOINT": {
      const { args } = instruction.command;
      return { ...describeCommand(instruction.command), cmdline: args.length > 0 ? args : null };
    }
    case "SHELL":
      return { shell: instruction.shell };
    case "EXPOSE":
      return { ports: instruction.ports };
    case "VOLUME":
      return { volumes: instruction.paths };
    case "USER":
      return { user: instruction.user };
    case "WORKDIR":
      return { path: instruction.path };
    case "STOPSIGNAL":
      return { signal: instruction.signal };
    case "MAINTAINER":
      return { maintainer: instruction.name };
    case "HEALTHCHECK": {
      const { test, interval, timeout, startPeriod, startInterval, retries } = instruction.health;
      const numbers = {
        Interval: interval,
        Timeout: timeout,
        StartPeriod: startPeriod,
        StartInterval: startInterval,
        Retries: retries,
      };
      return { health: { Test: test, ...given(numbers) } };
    }
    case "ONBUILD":
      return { expression: instruction.expression };
    case "FROM":
      return {};
  }
}

function describeArgs({ args, comments }: ArgInstruction) {
  return args.map(({ key, value }) => ({
    key,
    ...(value !== undefined && { value }),
    ...given({ doc: descriptionOf(comments, key) }),
  }));
}

function describePair({ key, value, legacy }: KeyValue) {
  return { key, value, ...given({ legacy }) };
}

function describeCommand({ shellForm, args, heredocs }: Extract<Instruction, { kind: "RUN" }>["command"]) {
  const files = heredocs.map(({ name, chomp, content, raw }) => ({ name, chomp, data: raw ?? content }));
  return { shellForm, cmdline: args, ...given({ heredocs: files }) };
}

function describeFile({ name, content, expand }: Heredoc) {
  return { path: name, data: content, expand };
}

function describeMounts(texts: readonly string[]) {
  try {
    return given({ mounts: texts.map((text) => describeMount(text)) });
  } catch (error) {
    if (error instanceof Fault) return { mountError: error.message };
    throw error;
  }
}

function describeMount(text: string) {
  const { readonly, cacheId, sharing, sizeLimit, env, mode, uid, gid, ...mount } = readMount(text);
  return {
    ...given({ ...mount, id: cacheId, sharing, size: sizeLimit }),
    readonly,
    ...(mode !== undefined && { mode: `0${mode.toString(8)}` }),
    ...Object.fromEntries(Object.entries({ env, uid, gid }).filter(([, value]) => value !== undefined)),
  };
}

/** The fields that are not empty. */
function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value))),
  );
}

import { type Keyword, keywords } from "../../dockerfile/keyword.ts";
import { flagsOf, flagValues, platformArguments } from "./reference.ts";
import { tokenize, type WrittenInstruction } from "./tokens.ts";

/** A possible completion. */
export interface Candidate {
  text: string;
  kind: "instruction" | "flag" | "stage" | "variable" | "folder" | "file" | "value";
  /** Line of its definition. */
  line?: number;
  size?: number;
}

interface Candidates {
  /** Start of the word that the completion replaces. */
  from: number;
  options: Candidate[];
}

/** Lists the paths in a folder that are part of the build context. */
export type PathsIn = (folder: string) => Iterable<{ name: string; isFolder: boolean; size: number }>;

/** Returns the completions at an offset of a Dockerfile. */
export function candidatesAt(text: string, at: number, pathsIn: PathsIn): Candidates | undefined {
  const { instructions, escape: continuation } = tokenize(text);
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const instruction = instructions.find(({ from, to }) => from < at && at <= to);
  const before = text.slice(lineStart, at);
  const isContinued = instruction !== undefined && instruction.from < lineStart;
  if (instruction?.keyword === undefined || (!isContinued && /^\s*\w*$/.test(before))) {
    return /^\s*\w*$/.test(before) && !isContinued ? instructionsAt(before, at) : undefined;
  }
  const head = text.slice(instruction.from, at).replaceAll(`${continuation}\n`, "  ");
  const earlier = instructions.filter(({ from }) => from < instruction.from);
  return argumentsAt({ text, at, head, keyword: instruction.keyword, earlier, pathsIn });
}

function instructionsAt(before: string, at: number): Candidates {
  const word = before.trimStart();
  const isLower = word !== "" && word === word.toLowerCase();
  return {
    from: at - word.length,
    options: keywords
      .filter((keyword) => keyword !== "MAINTAINER")
      .map((keyword) => ({ text: `${isLower ? keyword.toLowerCase() : keyword} `, kind: "instruction" })),
  };
}

interface ArgumentPosition {
  text: string;
  at: number;
  /** The instruction up to the cursor. */
  head: string;
  keyword: Keyword;
  earlier: readonly WrittenInstruction[];
  pathsIn: PathsIn;
}

function argumentsAt({
  text,
  at,
  head,
  keyword,
  earlier,
  pathsIn,
}: ArgumentPosition): Candidates | undefined {
  const word = head.split(/\s/).at(-1) ?? "";
  const variable = /\$\{?(\w*)$/.exec(word);
  if (variable !== null) {
    return { from: at - (variable[1] ?? "").length, options: variables(text, earlier) };
  }
  const flag = /^--([\w-]+)=([^\s,]*,)*([^\s,]*)$/.exec(word);
  if (flag !== null) return flagValuesAt(text, at, flag, keyword, earlier);
  const words = head.trim().split(/\s+/).slice(1);
  const isFirst = words.filter((given) => !given.startsWith("--")).length <= (word === "" ? 0 : 1);
  if (word.startsWith("-") && isFirst) {
    const options = Object.entries(flagsOf(keyword)).map(([name, form]) => ({
      text: form.includes("=") ? `--${name}=` : `--${name} `,
      kind: "flag" as const,
    }));
    return { from: at - word.length, options };
  }
  if (keyword === "FROM") return fromAt(text, at, word, words, isFirst, earlier);
  if (keyword === "COPY" || keyword === "ADD") {
    if (head.includes("--from=") || word.includes("<<")) return undefined;
    return pathsAt(at, word.replace(/^\.?\//, ""), pathsIn);
  }
  if (keyword === "HEALTHCHECK" && isFirst) {
    return {
      from: at - word.length,
      options: ["CMD ", "NONE"].map((value) => ({ text: value, kind: "value" })),
    };
  }
  return undefined;
}

function fromAt(
  text: string,
  at: number,
  word: string,
  words: readonly string[],
  isFirst: boolean,
  earlier: readonly WrittenInstruction[],
): Candidates | undefined {
  if (isFirst) {
    const stages = stageNames(text, earlier);
    return { from: at - word.length, options: [...stages, { text: "scratch", kind: "value" }] };
  }
  const isBehindImage = words.filter((given) => !given.startsWith("--")).length === (word === "" ? 1 : 2);
  return isBehindImage ? { from: at - word.length, options: [{ text: "AS ", kind: "value" }] } : undefined;
}

function flagValuesAt(
  text: string,
  at: number,
  [, name = "", before = "", value = ""]: RegExpExecArray,
  keyword: Keyword,
  earlier: readonly WrittenInstruction[],
): Candidates | undefined {
  const stages = stageNames(text, earlier);
  if (name === "from") return { from: at - value.length, options: stages };
  if (name === "mount" && value.startsWith("from=")) {
    return { from: at - value.length + "from=".length, options: stages };
  }
  if (!Object.hasOwn(flagsOf(keyword), name) || before !== "") return undefined;
  const options = (flagValues[name] ?? []).map((text) => ({ text, kind: "value" as const }));
  return { from: at - value.length, options };
}

function pathsAt(at: number, word: string, pathsIn: PathsIn): Candidates {
  const slash = word.lastIndexOf("/");
  const folder = word.slice(0, Math.max(0, slash));
  const options = [...pathsIn(folder)].map(({ name, isFolder, size }) => ({
    text: isFolder ? `${name}/` : name,
    kind: isFolder ? ("folder" as const) : ("file" as const),
    ...(!isFolder && { size }),
  }));
  return { from: at - (word.length - slash - 1), options };
}

/** Returns the stage names in the given instructions, with their lines. */
export function stageNames(text: string, instructions: readonly WrittenInstruction[]): Candidate[] {
  return instructions.flatMap(({ keyword, from, to, start }) => {
    const name = keyword === "FROM" ? /\sas\s+(\S+)/i.exec(text.slice(from, to))?.[1] : undefined;
    return name === undefined ? [] : [{ text: name, kind: "stage" as const, line: start }];
  });
}

/** Returns the variables that the given instructions set, with their lines, then the platform arguments. */
function variables(text: string, instructions: readonly WrittenInstruction[]): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { keyword, from, to, start } of instructions) {
    if (keyword !== "ARG" && keyword !== "ENV") continue;
    for (const [, name = ""] of text.slice(from, to).matchAll(/\s([A-Za-z_]\w*)(?==|\s|$)/g)) {
      found.set(name, { text: name, kind: "variable", line: start });
    }
  }
  for (const name of platformArguments)
    if (!found.has(name)) found.set(name, { text: name, kind: "variable" });
  return [...found.values()];
}

import type { AstNode, HeredocBody, HeredocMark } from "../ast.ts";
import { ExpandError } from "../expand.ts";
import { Fault } from "../fault.ts";
import { type FlagKind, type Flags, readInstructionFlags } from "../flags.ts";
import { readHeredocMark } from "../heredoc.ts";
import type { Heredoc } from "../instruction.ts";
import { chompedHeredoc } from "./chomped-heredoc.ts";
import type { InstructionReader } from "./fields.ts";

const commonFlags = { chown: "text", chmod: "text", link: "boolean", exclude: "texts" } as const;
const copyFlags = { ...commonFlags, from: "text", parents: "boolean" } as const;
const addFlags = { ...commonFlags, "keep-git-dir": "boolean", checksum: "text", unpack: "boolean" } as const;

export const readCopy: InstructionReader<"COPY"> = (node) => {
  const { flags, ...transfer } = readTransfer("COPY", node, copyFlags);
  return { ...transfer, ...(flags.from && { from: flags.from }), parents: flags.parents ?? false };
};

export const readAdd: InstructionReader<"ADD"> = (node) => {
  const { flags, ...transfer } = readTransfer("ADD", node, addFlags);
  const { "keep-git-dir": keepGitDir, checksum, unpack } = flags;
  return {
    ...transfer,
    ...(checksum && { checksum }),
    ...(keepGitDir !== undefined && { keepGitDir }),
    ...(unpack !== undefined && { unpack }),
  };
};

function readTransfer<const K extends Record<string, FlagKind> & typeof commonFlags>(
  keyword: "COPY" | "ADD",
  { args, flags: written, heredocs }: AstNode,
  kinds: K,
) {
  const dest = args.at(-1);
  if (dest === undefined || args.length < 2) {
    throw new Fault(
      "parse/arguments",
      `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  }
  const flags = readInstructionFlags(written, kinds);
  const { chown, chmod, link, exclude } = flags as Flags<typeof commonFlags>;
  if (markOf(dest)) throw new Fault("parse/heredoc", `${keyword} cannot accept a heredoc as a destination`);
  return {
    flags,
    ...readSources(args.slice(0, -1), heredocs),
    dest,
    ...(chown && { chown }),
    ...(chmod && { chmod }),
    link: link ?? false,
    excludes: exclude ?? [],
  };
}

/** Separates sources that are paths from those that are here-documents. */
function readSources(words: readonly string[], bodies: readonly HeredocBody[]) {
  // Of two here-documents with the same name, the last body is used for both.
  const contents = new Map(bodies.map(({ name, content }) => [name, content]));
  const sources: string[] = [];
  const heredocs: Heredoc[] = [];
  for (const word of words) {
    const mark = markOf(word);
    if (mark) heredocs.push(chompedHeredoc({ ...mark, content: contents.get(mark.name) ?? "" }));
    else sources.push(word);
  }
  return { sources, heredocs };
}

function markOf(word: string): HeredocMark | undefined {
  try {
    return readHeredocMark(word);
  } catch (error) {
    if (error instanceof ExpandError) return undefined;
    throw error;
  }
}

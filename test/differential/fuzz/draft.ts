import type { Case, ContextEntry } from "../case.ts";

/**
 * A random case in parts that can be removed one by one. What a docker of 0.13 does differently from newer BuildKit, or
 * cannot do at all, is generated only for a newer one:
 *
 * - `--exclude`, `--parents`, `--unpack`, symbolic modes and patterns in variables: only its labs frontend has them, which
 *   cannot be fetched.
 * - `--link`: Docker's own image store copies as without it.
 * - `--chmod` where directories are made on the way: newer BuildKit gives them the mode, too.
 * - `ADD --chown` of archives: newer BuildKit gives their members the owner, too.
 * - EXPOSE, HEALTHCHECK and ARG: newer BuildKit writes other lines of history.
 * - A user without /etc/group: newer BuildKit finds it.
 * - Another /etc/passwd: docker fails when it is a directory, and waits forever when it is a pipe.
 */
export interface Draft {
  name: string;
  /** Of the Dockerfile, each with its heredoc. */
  instructions: string[];
  context: Record<string, ContextEntry>;
  /** Lines of the ignore file. */
  ignore: string[];
  /** The Dockerfile has a separate ignore file, `<Dockerfile>.dockerignore`. */
  hasOwnIgnoreFile?: boolean;
  target?: string;
}

export function caseOf({ name, instructions, context, ignore, hasOwnIgnoreFile, target }: Draft): Case {
  const ignoreFile = hasOwnIgnoreFile ? "Dockerfile.dockerignore" : ".dockerignore";
  const files = { ...context, ...(ignore.length > 0 && { [ignoreFile]: `${ignore.join("\n")}\n` }) };
  return {
    name,
    dockerfile: `${instructions.join("\n")}\n`,
    context: files,
    ...(target !== undefined && { target }),
  };
}

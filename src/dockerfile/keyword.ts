/** The instructions of the Dockerfile language. */
export const keywords = [
  "ADD",
  "ARG",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "FROM",
  "HEALTHCHECK",
  "LABEL",
  "MAINTAINER",
  "ONBUILD",
  "RUN",
  "SHELL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
] as const;

/** Name of an instruction, in upper case. */
export type Keyword = (typeof keywords)[number];

const known: ReadonlySet<string> = new Set(keywords);

/** The instruction of a keyword in any case. */
export function keywordOf(word: string): Keyword | undefined {
  const upper = word.toUpperCase();
  return known.has(upper) ? (upper as Keyword) : undefined;
}

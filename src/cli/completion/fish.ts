import type { CompletedCommand, CompletedFlag } from "./completed-command.ts";

/** Lines for fish, for a file named `varve.fish`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, summary }) => `complete -c varve -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
  );
  const rest = commands.flatMap(({ name, flags, words }) => {
    const when = `complete -c varve -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      ...flags.map((flag) => `${when} ${flagWords(flag)}`),
      ...(words.length > 0 ? [`${when} -f -a ${quoted(words.join(" "))}`] : []),
    ];
  });
  return `# fish completion for varve\n${[...names, ...rest].join("\n")}\n`;
}

function flagWords({ name, short, help, takesValue, choices, completes }: CompletedFlag): string {
  const spelled = `${short === undefined ? "" : `-s ${short} `}-l ${name}`;
  const value = !takesValue
    ? ""
    : choices.length > 0
      ? ` -x -a ${quoted(choices.join(" "))}`
      : completes === undefined
        ? " -x"
        : " -r";
  return `${spelled}${value} -d ${quoted(help)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

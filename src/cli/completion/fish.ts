import { type CompletedCommand, type CompletedFlag, valuedSpellings } from "./completed-command.ts";

/** Lines for fish 3 and later, for a file named `varve.fish`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, summary }) => `complete -c varve -n __varve_begins -a ${name} -d ${quote(summary)}`,
  );
  return `# fish completion for varve
function __varve_begins
    test (count (commandline -opc)) -eq 1
end
function __varve_command
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]
end
# Whether the command has no argument yet. After its name stand the flags that are followed by a value.
function __varve_first
    __varve_command $argv[1]; or return
    set -l value no
    for word in (commandline -opc)[3..]
        if test $value = yes
            set value no
        else if contains -- $word $argv[2..]
            set value yes
        else if not string match -q -- '-*' $word
            return 1
        end
    end
end
complete -c varve -f
${[...names, ...commands.flatMap(commandLines)].join("\n")}
`;
}

function commandLines(command: CompletedCommand): string[] {
  const { name, flags, words, completes, stopsAtArgument } = command;
  const first = [`__varve_first ${name}`, ...valuedSpellings(command)].join(" ");
  const always = `__varve_command ${name}`;
  const line = (when: string, what: string) => `complete -c varve -n ${quote(when)} ${what}`;
  return [
    ...flags.map((flag) => line(stopsAtArgument ? first : always, flagWords(flag))),
    ...(words.length > 0 ? [line(first, `-a ${quote(words.join(" "))}`)] : []),
    ...(stopsAtArgument ? [line(`${always}; and not ${first}`, "-F")] : []),
    ...(completes === undefined ? [] : [line(always, place(completes))]),
  ];
}

function place(completes: "file" | "folder"): string {
  return completes === "file" ? "-F" : "-a '(__fish_complete_directories)'";
}

function flagWords({ name, short, help, takesValue, choices, completes }: CompletedFlag): string {
  const spelled = `${short === undefined ? "" : `-s ${short} `}-l ${name}`;
  const value = !takesValue
    ? ""
    : choices.length > 0
      ? ` -x -a ${quote(choices.join(" "))}`
      : completes === undefined
        ? " -x"
        : ` ${completes === "file" ? "-r" : "-x"} ${place(completes)}`;
  return `${spelled}${value} -d ${quote(help)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

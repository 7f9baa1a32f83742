import { type CompletedCommand, spellings } from "./completed-command.ts";

/** A script for bash 3.2 and later, without any library of completions. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap(({ name, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map((flag) => {
        const cases = spellings(flag).map((text) => `${name}:${text}`);
        return `    ${cases.join("|")}) ${valueReply(flag)}; return;;`;
      }),
  );
  const lists = commands.map(({ name, flags, words }) => {
    const all = flags.map((flag) => `--${flag.name}`).join(" ");
    return `    ${name}) flags="${all}" words="${words.join(" ")}";;`;
  });
  return `# bash completion for varve
_varve() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command="" flags="" words="" i
  # Readline takes "--flag=value" for three words.
  if [[ "$cur" == "=" ]]; then cur=""; elif [[ "$prev" == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ "\${COMP_WORDS[i]}" != -* ]]; then command="\${COMP_WORDS[i]}"; break; fi
  done
  if [[ -z "$command" ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} help" -- "$cur"))
    return
  fi
  case "$command:$prev" in
${values.join("\n")}
  esac
  case "$command" in
${lists.join("\n")}
  esac
  if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n "$words" ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _varve varve
`;
}

function valueReply({ choices, completes }: CompletedCommand["flags"][number]): string {
  if (choices.length > 0) return `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$cur"))`;
  if (completes !== undefined) return `COMPREPLY=($(compgen -${completes === "file" ? "f" : "d"} -- "$cur"))`;
  return "COMPREPLY=()";
}

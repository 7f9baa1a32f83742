import { type CompletedCommand, spellings, valuedSpellings } from "./completed-command.ts";

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
  const lists = commands.map((command) => {
    const { name, flags, words, completes, stopsAtArgument } = command;
    const all = flags.map((flag) => `--${flag.name}`).join(" ");
    const valued = ` ${valuedSpellings(command).join(" ")} `;
    return `    ${name}) flags="${all}" valued="${valued}" words="${words.join(" ")}" completes="${completes ?? ""}" stops="${stopsAtArgument ? "yes" : ""}";;`;
  });
  return `# bash completion for varve
_varve_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_varve_files() {
  local name
  # Bash before 4 has no compopt, and does not quote names.
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$1" -- "$cur")
}
_varve() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}" word i
  local flags="" valued="" words="" completes="" stops="" count=0
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _varve_words "${commands.map(({ name }) => name).join(" ")}"
    return
  fi
  case "$command" in
${lists.join("\n")}
  esac
  # Readline takes "--flag=value" for three words.
  for ((i = 2; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ "$word" == "=" ]]; then ((i++))
    elif [[ "$word" != -* ]]; then ((count++))
    elif [[ "$valued" == *" $word "* && "\${COMP_WORDS[i + 1]}" != "=" ]]; then ((i++))
    fi
  done
  if ((count > 0)) && [[ -n "$stops" ]]; then _varve_files -f; return; fi
  if [[ "$cur" == "=" ]]; then cur=""; elif [[ "$prev" == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  case "$command:$prev" in
${values.join("\n")}
  esac
  if [[ "$cur" == -* ]]; then _varve_words "$flags"
  elif [[ -n "$words" ]]; then if ((count == 0)); then _varve_words "$words"; fi
  elif [[ "$completes" == "folder" ]]; then _varve_files -d
  elif [[ "$completes" == "file" ]]; then _varve_files -f
  fi
}
complete -F _varve varve
`;
}

function valueReply({ choices, completes }: CompletedCommand["flags"][number]): string {
  if (choices.length > 0) return `_varve_words "${choices.join(" ")}"`;
  return completes === undefined ? ":" : `_varve_files ${completes === "file" ? "-f" : "-d"}`;
}

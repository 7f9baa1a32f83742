import { quoteForShell } from "../../runner/files/shell-quote.ts";
import type { CompletedCommand, CompletedFlag } from "./completed-command.ts";

/** A function for zsh, for a file named `_varve`. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoteForShell(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, flags, words, completes, stopsAtArgument }) => {
    const first = words.length > 0 ? [quoteForShell(`1:word:(${words.join(" ")})`)] : [];
    const specs = [
      ...(stopsAtArgument ? ["-A", quoteForShell("-*")] : []),
      ...flags.map(flagSpec),
      ...(stopsAtArgument ? [quoteForShell("1:argument:()"), quoteForShell("*:file:_files")] : first),
      ...(completes === undefined ? [] : [quoteForShell(`*:${completes}:${place(completes)}`)]),
    ];
    return `    ${name})\n      _arguments -s ${specs.join(" \\\n        ")};;`;
  });
  return `#compdef varve
_varve() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
if [[ "$funcstack[1]" == "_varve" ]]; then _varve "$@"; else compdef _varve varve; fi
`;
}

function flagSpec({ name, short, help, takesValue, choices, completes }: CompletedFlag): string {
  const action = choices.length > 0 ? `(${choices.join(" ")})` : place(completes);
  const value = takesValue ? `:value:${action}` : "";
  const said = `[${help.replace(/[[\]]/g, "\\$&")}]${value}`;
  const long = quoteForShell(`*--${name}${takesValue ? "=" : ""}${said}`);
  return short === undefined ? long : `${long} ${quoteForShell(`*-${short}${takesValue ? "+" : ""}${said}`)}`;
}

function place(completes: CompletedFlag["completes"]): string {
  if (completes === undefined) return "";
  return completes === "file" ? "_files" : "_files -/";
}

import type { CompletedCommand, CompletedFlag } from "./completed-command.ts";

/** A function for zsh, for a file named `_varve`. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, flags, words }) => {
    const rest = words.length > 0 ? `:word:(${words.join(" ")})` : ":file:_files";
    const specs = [...flags.map(flagSpec), quoted(`*${rest}`)];
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
  const action =
    choices.length > 0
      ? `(${choices.join(" ")})`
      : completes === undefined
        ? ""
        : completes === "file"
          ? "_files"
          : "_files -/";
  const value = takesValue ? `:value:${action}` : "";
  const said = `[${help.replace(/[[\]]/g, "\\$&")}]${value}`;
  const long = quoted(`*--${name}${takesValue ? "=" : ""}${said}`);
  return short === undefined ? long : `${long} ${quoted(`*-${short}${takesValue ? "+" : ""}${said}`)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

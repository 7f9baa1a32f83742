import { autocompletion, type Completion, type CompletionContext } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { keywordOf } from "../../dockerfile/keyword.ts";
import { formatBytes } from "../i18n/format.ts";
import { type Candidate, candidatesAt, type PathsIn } from "./completion-source.ts";
import { helpElement } from "./elements.ts";
import { messages } from "./messages.ts";
import { type FlagName, flagsOf, forms } from "./reference.ts";

const types: Record<Candidate["kind"], string> = {
  instruction: "keyword",
  flag: "property",
  stage: "namespace",
  variable: "variable",
  folder: "class",
  file: "text",
  value: "constant",
};

/** Completes instructions, flags, stages, variables and paths in a Dockerfile. */
export function completion(pathsIn: PathsIn): Extension {
  return autocompletion({
    icons: false,
    override: [
      ({ state, pos, explicit }: CompletionContext) => {
        const found = candidatesAt(state.doc.toString(), pos, pathsIn);
        if (found === undefined || found.options.length === 0) return null;
        // Without a word before the cursor, completions open only on request, or after one of these characters.
        if (!explicit && found.from === pos && !/[-$={/,]$/.test(state.sliceDoc(Math.max(0, pos - 1), pos)))
          return null;
        return { from: found.from, options: found.options.map(completionOf), validFor: /^[\w$.-]*$/ };
      },
    ],
  });
}

function completionOf(candidate: Candidate): Completion {
  const { text, kind, line, size } = candidate;
  const words = messages.value;
  const detail =
    size !== undefined
      ? formatBytes(size)
      : line !== undefined
        ? kind === "stage"
          ? words.stage(line)
          : words.variable(line)
        : undefined;
  return {
    label: text.trimEnd(),
    apply: text,
    type: types[kind],
    ...(detail !== undefined && { detail }),
    ...(kind === "instruction" && { info: () => keywordHelp(text.trim()) }),
    ...(kind === "flag" && { info: () => flagHelp(text) }),
  };
}

function keywordHelp(word: string): HTMLElement | null {
  const keyword = keywordOf(word);
  if (keyword === undefined) return null;
  return helpElement(forms[keyword], messages.value.instructions[keyword]);
}

function flagHelp(written: string): HTMLElement {
  const name = /[\w][\w-]*/.exec(written)?.[0] as FlagName;
  return helpElement(formOf(name) ?? written, messages.value.flags[name]);
}

function formOf(name: string): string | undefined {
  for (const keyword of ["COPY", "ADD", "RUN", "FROM", "HEALTHCHECK"] as const) {
    const form = flagsOf(keyword)[name];
    if (form !== undefined) return form;
  }
  return undefined;
}

import { hoverTooltip } from "@codemirror/view";
import { keywordOf } from "../../dockerfile/keyword.ts";
import { stageNames } from "./completion-source.ts";
import { helpElement } from "./elements.ts";
import { messages } from "./messages.ts";
import { type FlagName, flagsOf, forms } from "./reference.ts";
import { type Token, type Tokens, tokenize } from "./tokens.ts";

/** Help for a word of a Dockerfile. */
interface Help {
  from: number;
  to: number;
  /** Its syntax. */
  form: string;
  text: string;
}

/** Returns help for the word at an offset. */
function helpAt(text: string, at: number): Help | undefined {
  const read = tokenize(text);
  const token = read.tokens.find(({ from, to }) => from <= at && at < to);
  return token === undefined ? undefined : helpForToken(text, token, read);
}

function helpForToken(text: string, token: Token, { instructions }: Tokens): Help | undefined {
  const words = messages.value;
  const { from, to, kind } = token;
  const written = text.slice(from, to);
  const instruction = instructions.find((part) => part.from <= from && to <= part.to);
  if (kind === "keyword") {
    const keyword = keywordOf(written);
    return keyword && { from, to, form: forms[keyword], text: words.instructions[keyword] };
  }
  if (kind === "flag") {
    const name = /^--([\w-]+)/.exec(written)?.[1] ?? "";
    const form = flagsOf(instruction?.keyword)[name];
    return form === undefined ? undefined : { from, to, form, text: words.flags[name as FlagName] };
  }
  if (kind === "name") {
    const uses = stageNames(text, instructions).find((stage) => stage.text === written);
    return uses?.line === undefined ? undefined : { from, to, form: written, text: words.stage(uses.line) };
  }
  if (kind === "variable") {
    const name = /\w+/.exec(written)?.[0] ?? "";
    const set = instructions.findLast(
      (part) =>
        part.from < from &&
        (part.keyword === "ARG" || part.keyword === "ENV") &&
        new RegExp(`\\s${name}(?:=|\\s|$)`).test(text.slice(part.from, part.to)),
    );
    if (set === undefined) return undefined;
    return { from, to, form: text.slice(set.from, set.to), text: words.variable(set.start) };
  }
  return undefined;
}

/** Shows help for the word under the pointer. */
export const hoverHelp = hoverTooltip((view, at) => {
  const help = helpAt(view.state.doc.toString(), at);
  if (help === undefined) return null;
  return {
    pos: help.from,
    end: help.to,
    above: true,
    create: () => ({ dom: helpElement(help.form, help.text, "editor-help") }),
  };
});

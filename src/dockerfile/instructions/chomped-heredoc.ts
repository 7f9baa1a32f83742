import type { HeredocBody } from "../ast.ts";
import { withoutLeadingTabs } from "../heredoc.ts";
import type { Heredoc } from "../instruction.ts";

/** A here-document with leading tabs removed, for `<<-`. */
export function chompedHeredoc(body: HeredocBody): Heredoc {
  const content = body.chomp ? withoutLeadingTabs(body.content) : body.content;
  return content === body.content ? body : { ...body, content, raw: body.content };
}

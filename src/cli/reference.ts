import { serverFlags } from "../command/flags/server-flag.ts";
import type { FlagTable } from "../command/flags/table.ts";
import type { CommandSpec } from "./command-spec.ts";
import { commands } from "./commands.ts";

/** Every command and its flags in Markdown: the reference in docs/cli.md. A test compares the two. */
export async function referenceText(): Promise<string> {
  const sections = await Promise.all(
    Object.values(commands).map(async ({ load }) => sectionOf((await load()).spec)),
  );
  return sections.join("\n");
}

function sectionOf({ name, usage, summary, about, flags }: CommandSpec): string {
  const shown = Object.entries(flags).filter(
    ([flag, { ignored, alias }]) => ignored === undefined && !alias && !Object.hasOwn(serverFlags, flag),
  );
  const rows = shown.map(([flag, { short, value = "", help }]) => {
    const spelled = `${short === undefined ? "" : `-${short}, `}--${flag} ${value}`.trim();
    return `| \`${escapeCell(spelled)}\` | ${escapeCell(help)} |\n`;
  });
  const table = rows.length === 0 ? "" : `\n| flag | meaning |\n| --- | --- |\n${rows.join("")}`;
  const words = about === undefined ? "" : `\n${about}\n`;
  return `### varve ${name}\n\n\`varve ${name} ${usage}\`\n\n${summary}.\n${words}${table}`.replace(
    / `\n/,
    "`\n",
  );
}

/** Accepted flags without effect, grouped by the reason. */
export function ignoredText(flags: FlagTable): string {
  const byReason = new Map<string, string[]>();
  for (const [name, { ignored }] of Object.entries(flags)) {
    if (ignored !== undefined) byReason.set(ignored, [...(byReason.get(ignored) ?? []), `\`--${name}\``]);
  }
  return [...byReason].map(([reason, names]) => `- ${names.join(", ")}: ${reason}\n`).join("");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

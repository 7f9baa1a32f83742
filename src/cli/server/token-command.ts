import type { TokenInfo } from "../../../schemas/access.ts";
import { AccessTokens } from "../../client/tokens.ts";
import { EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { tableText } from "../../progress/table.ts";
import { command } from "../command.ts";
import { formatFlag, formatRows, jsonLines } from "../format/format-text.ts";
import { agoText } from "../terminal/list-format.ts";

/** `varve token create`, `list` and `revoke`. */
export const tokenCommand = command(
  {
    name: "token",
    usage: "create --scope RIGHTS:REPOSITORIES [OPTIONS] | list [OPTIONS] | revoke ID...",
    summary: "Create, list and revoke access tokens of the server",
    about:
      "create prints the token once; it cannot be shown again. A scope has the form pull,push:team/* (rights: pull, push, " +
      "delete, build, run, start, admin; * matches one part of a name, ** several). admin:** grants everything.",
    flags: {
      scope: {
        kind: "list",
        value: "SCOPE",
        help: "create: rights of the token; repeatable",
      },
      name: { kind: "text", help: "create: name of the token" },
      expires: {
        kind: "text",
        value: "WHEN",
        help: "create: expiry, as a time or a duration such as 12h, 30d, 52w",
      },
      format: formatFlag,
      ...serverFlags,
    },
    args: [1, Number.POSITIVE_INFINITY],
    words: ["create", "list", "revoke"],
  },
  async ({ values, args: [action, ...ids] }) => {
    const { scope: scopes, name = "", expires } = values;
    if (action !== "create" && (scopes.length > 0 || expires !== undefined)) {
      throw new UsageError("--scope and --expires only apply to varve token create");
    }
    if (action !== "revoke" && ids.length > 0)
      throw new UsageError(`varve token ${action} takes no arguments`);
    const tokens = async () => new AccessTokens(await openFlaggedService(values));
    switch (action) {
      case "create": {
        if (scopes.length === 0)
          throw new UsageError("--scope is missing: a token without a scope grants nothing", scopeHint);
        const until = expires === undefined ? {} : { expires: timeOf(expires, Date.now()) };
        const created = await (await tokens()).create({ name, scopes: [...scopes], ...until });
        process.stderr.write(`Token ${created.id}: ${scopes.join(" ")}\n`);
        process.stdout.write(values.format === "json" ? jsonLines([created]) : `${created.token}\n`);
        return EXIT.ok;
      }
      case "list":
      case "ls": {
        const listed = await (await tokens()).list();
        process.stdout.write(formatRows(listed, values.format, { table: () => tableOf(listed) }));
        return EXIT.ok;
      }
      case "revoke":
      case "rm":
        if (ids.length === 0) throw new UsageError("varve token revoke requires the ids of tokens");
        for (const id of ids) process.stdout.write(`${(await (await tokens()).revoke(id)).id}\n`);
        return EXIT.ok;
      default:
        throw new UsageError(`unknown action "${action}"`, "Use create, list or revoke.");
    }
  },
);

const scopeHint = "Set the rights of the token: --scope pull,push:team/*";

const units: Record<string, number> = { m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

/** RFC 3339. @param now milliseconds since 1970 */
function timeOf(text: string, now: number): string {
  const [, amount, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const then =
    amount === undefined ? Date.parse(text) : now + Number(amount) * (units[unit] as number) * 1000;
  if (!Number.isNaN(then)) return new Date(then).toISOString();
  throw new UsageError(`invalid time "${text}"`, "Examples: 30d, 12h, 2027-01-31");
}

function tableOf(tokens: readonly TokenInfo[]): string {
  const now = Date.now();
  const rows = tokens.map(({ id, name, scopes, created, expires, used }) => [
    id,
    name,
    scopes.join(" "),
    agoText(created, now),
    expires === undefined ? "never" : `${expires.slice(0, 10)}${Date.parse(expires) <= now ? " (over)" : ""}`,
    used ?? "never",
  ]);
  return tableText(["ID", "NAME", "SCOPES", "CREATED", "EXPIRES", "LAST USED"], rows);
}

import { z } from "zod";

/**
 * The offer of a client to execute steps of its build itself. `only`: no other runner may. `first`: others may
 * when it cannot. `spare`: it executes what others cannot.
 */
export const clientRunner = z.object({
  runner: z.enum(["only", "first", "spare"]),
  /** Ids of secrets and of ssh agents that it has, and that no other runner receives. */
  secrets: z.array(z.string().min(1).max(255)).max(64),
  ssh: z.array(z.string().min(1).max(255)).max(64),
});
export type ClientRunner = z.infer<typeof clientRunner>;

/**
 * Takes the parameters `runner`, `secret` and `ssh` out of the query of a build: they do not decide its result.
 * Undefined when the client offers nothing.
 * @throws {z.ZodError}
 */
export function takeClientRunner(query: URLSearchParams): ClientRunner | undefined {
  const asked = { runner: query.get("runner"), secrets: query.getAll("secret"), ssh: query.getAll("ssh") };
  for (const name of ["runner", "secret", "ssh"]) query.delete(name);
  if (asked.runner === null && asked.secrets.length === 0 && asked.ssh.length === 0) return undefined;
  return clientRunner.parse(asked);
}

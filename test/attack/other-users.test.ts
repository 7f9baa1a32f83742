import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "./start-server.ts";

// Other users of the machine. The data of a server contains the key that signs its tokens, and the contents of all
// repositories.

test("other users cannot read the data of a server", async () => {
  await using server = await startServer({ VARVE_ADMIN_TOKEN: "secret-of-the-admin" });
  // The key is stored when the first token is signed.
  expect((await fetch(`${server.url}/v2/token`)).status).toBe(200);
  expect(readdirSync(join(server.data, "do/varve-Access"))).not.toEqual([]);
  expect(statSync(server.data).mode & 0o077).toBe(0);
});

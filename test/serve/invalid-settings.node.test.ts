import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { ServeProcess } from "./serve-process.ts";

const folder = suiteFolder();
let started = 0;

function serve(env: Record<string, string>): ServeProcess {
  return new ServeProcess({ VARVE_DATA: join(folder, `data-${started++}`), ...env });
}

describe.concurrent("invalid settings", { timeout: 30_000 }, () => {
  test.each(["x", "-1", "65536", "80.5", "0x"])("PORT=%s", async (PORT) => {
    await using server = serve({ PORT });
    expect(await server.ended()).toBe(2);
    expect(server.stderr).toBe(`Cannot serve at port "${PORT}": PORT is a number from 0 to 65535\n`);
    expect(server.stdout).toBe("");
  });

  test("a port in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    await using server = serve({ PORT: String(port) });
    expect(await server.ended()).toBe(1);
    expect(server.stderr).toBe(`Cannot serve at port ${port}: the port is in use; set PORT to another\n`);
    expect(server.stdout).toBe("");
    other.close();
  });

  test("a data folder that is a file", async () => {
    using files = temporaryFolder({ file: "" });
    await using server = new ServeProcess({ VARVE_DATA: join(files.path, "file") });
    expect(await server.ended()).toBe(1);
    expect(server.stderr).toMatch(/^Cannot serve at port 0: .*file.*\n$/);
  });

  test("a weak admin token, and invalid rules", async () => {
    for (const setting of [{ VARVE_ADMIN_TOKEN: "short" }, { VARVE_ACCESS: '{"publik": []}' }]) {
      await using server = serve({ ...setting });
      expect(await server.ended()).toBe(2);
      const [name] = Object.keys(setting);
      expect(server.stderr).toMatch(new RegExp(`^Cannot use the settings: ${name}.+$`, "m"));
      expect(server.stdout).toBe("");
    }
  });

  test.each(["VARVE_MIRRORS", "VARVE_REALMS"])("an invalid %s", async (name) => {
    await using server = serve({ [name]: '{"docker.io":"127.0.0.1:5000"}' });
    expect(await server.ended()).toBe(2);
    expect(server.stderr).toMatch(new RegExp(`^Cannot use the setting ${name}: .+\\n$`));
  });
});

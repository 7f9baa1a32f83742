import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../helpers/free-port.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { ServeProcess } from "../serve/serve-process.ts";
import { startSlowBuild } from "./slow-build.ts";
import {
  build,
  closePages,
  nameImage,
  openPage,
  openWorkbench,
  showPane,
  useBrowser,
  waitUntilStored,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

const folder = suiteFolder();

test("the page reconnects to a server that restarts during a build, and a reload restores the build", async () => {
  const env = { PORT: `${await freePort()}`, VARVE_DATA: join(folder, "restarted") };
  let server = new ServeProcess(env);
  try {
    const url = await server.ready();
    const page = await openWorkbench({ url, isFaulty: true });
    await startSlowBuild(page, 6);
    const state = page.locator(".build-status-state");
    await server.crash();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 740 });
      await showPane(page, "Build");
      await expect.poll(() => state.textContent(), { timeout: 30_000 }).toContain("does not respond");
    }
    expect(await page.getByText("could not be sent").count()).toBe(0);
    server = new ServeProcess(env);
    await server.ready();
    await expect.poll(() => state.textContent(), { timeout: 60_000 }).toMatch(/Building|Failed/);
    expect(await page.locator(".build-status").textContent()).toContain("Building");
    await page.reload();
    await showPane(page, "Build");
    await expect.poll(() => state.textContent(), { timeout: 60_000 }).toContain("Built in");
  } finally {
    await closePages();
    await server.stop();
  }
});

test("the page plans as soon as a late server responds, and secrets stay in the page", async () => {
  const page = await openPage();
  let isAway = true;
  await page.route("**/v1/plan?*", (route) =>
    isAway ? route.fulfill({ status: 503, json: { title: "The server is restarting" } }) : route.continue(),
  );
  await page.reload();
  await page.waitForResponse(/\/v1\/plan/);
  isAway = false;
  await page.locator(".time-line-mark").first().waitFor();
  await writeDockerfile(
    page,
    `FROM ${new URL(page.url()).host}/varve/busybox\nRUN --mount=type=secret,id=token,required=true wc -c < /run/secrets/token > /length\n`,
  );
  const name = await nameImage(page, "secret");
  const value = `s3cret-${Math.random()}`;
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Secrets").fill(`token=${value}`);
  await build(page);
  expect(await page.locator(".build-status-state").textContent()).toContain("Built in");
  const length = await fetch(
    `${new URL(page.url()).origin}/v1/images/${name}/latest/files?path=length&content=1`,
  );
  expect((await length.text()).trim()).toBe(`${value.length}`);
  await showPane(page, "Editor");
  await waitUntilStored(page);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(kept).not.toContain(value);
});

test("parts of the page that cannot be loaded are loaded when the server responds again", async () => {
  const page = await openPage({ isFaulty: true, at: "/#/builds" });
  await page.getByRole("heading", { name: "Builds" }).waitFor();
  const failed = page.getByText("Cannot load this part of the page.");
  const whileAway = async (act: () => Promise<unknown>) => {
    await page.route("**/assets/*", (route) => route.abort());
    await act();
    await failed.waitFor();
    await page.unroute("**/assets/*");
  };
  await whileAway(() => page.getByRole("link", { name: "Images", exact: true }).click());
  await page.getByRole("heading", { name: "Images" }).waitFor();
  // The workbench without the editor, whose chunks are named like the modules.
  await page.route("**/assets/text-editor*", (route) => route.abort());
  await page.getByRole("link", { name: "Workbench" }).click();
  await failed.waitFor();
  await page.unroute("**/assets/text-editor*");
  await page.locator(".cm-content").waitFor();
  await whileAway(() => page.getByRole("tab", { name: "Shell" }).click());
  await page.locator(".shell-input").waitFor();
});

test("style sheets that cannot be loaded at first are requested again", async () => {
  const page = await openPage({ isFaulty: true, at: "/docs" });
  const failures: string[] = [];
  await page.route("**/assets/*.css", (route) => {
    const url = route.request().url();
    if (failures.includes(url)) return route.continue();
    failures.push(url);
    return route.abort();
  });
  await page.goto(new URL("/", page.url()).href);
  await page.locator(".time-line-mark").first().waitFor();
  const names = failures.map((url) => /([a-z-]+)-[^/]*$/.exec(url)?.[1]);
  expect(names).toEqual(expect.arrayContaining(["index", "icon", "workbench"]));
  const columns = () => page.locator(".workbench").evaluate((element) => getComputedStyle(element).display);
  await expect.poll(columns).toBe("grid");
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.body).margin)).toBe("0px");
  const sheets = () =>
    page.evaluate(() => [...document.styleSheets].map(({ href }) => href).filter((href) => href !== null));
  await expect.poll(async () => new Set(await sheets())).toEqual(new Set(failures));
  expect((await sheets()).length).toBe(failures.length);
});

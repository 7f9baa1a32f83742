import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { messages as lessonMessages } from "../../src/playground/views/lessons/messages.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { audit, build, closePages, openPage, openWorkbench, useBrowser, writeDockerfile } from "./suite.ts";

// The page of a server without a runner.

useBrowser();

const folder = suiteFolder();
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  const root = join(import.meta.dirname, "../..");
  server = spawn(
    join(root, "node_modules/.bin/node"),
    [join(root, "test/serve/serve-without-runner.ts"), join(folder, "data")],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [printed] = (await once(server.stdout as NonNullable<typeof server.stdout>, "data")) as [Buffer];
  url = printed.toString().trim();
});
afterAll(async () => {
  const ended = once(server, "exit");
  server.kill();
  await ended;
});

test("explains how to connect a runner when RUN needs one", async () => {
  const page = await openWorkbench({ url });
  expect(await page.locator(".runner-note").count()).toBe(0);
  await writeDockerfile(page, "FROM scratch\nRUN true\n");
  await expect.poll(() => page.locator(".runner-note").textContent()).toContain("no runner is connected");
  expect(await page.locator(".runner-note input").inputValue()).toBe(
    `npm run varve -- runner --server ${url}`,
  );
  await closePages();
});

test("explains why an image cannot run", async () => {
  const page = await openWorkbench({ url });
  await writeDockerfile(page, 'FROM scratch\nCOPY Dockerfile /\nCMD ["/nothing"]\n');
  await build(page);
  await page.getByRole("button", { name: "Run it here" }).click();
  await page.getByText("No runner for containers is connected").waitFor();
  expect(await page.locator(".run-form").getByRole("button", { name: "Run" }).isDisabled()).toBe(true);
  await closePages();
});

test("a lesson names what is missing, explains the expected result, and continues", async () => {
  const page = await openPage({ at: "/#/learn/commands", url });
  const step = (number: number) =>
    page
      .locator(".lesson-current")
      .getByRole("heading", { name: new RegExp(`^Step ${number} of`) })
      .waitFor();
  await step(1);
  await page.getByText("this server has no runner for containers").waitFor();
  await page.getByText("Status: Image is up to date for busybox:latest").waitFor();
  expect(await audit(page)).toEqual([]);
  for (let number = 1; number <= 13; number++) {
    await step(number);
    await page.getByRole("button", { name: "Continue without running it" }).click();
  }
  await page.getByText(lessonMessages.value.end).waitFor();
  await closePages();
});

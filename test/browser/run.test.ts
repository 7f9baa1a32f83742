import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import {
  audit,
  build,
  nameImage,
  newFile,
  openWorkbench,
  showPane,
  useBrowser,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

const dockerfile = `FROM scratch
COPY --chmod=0755 busybox /bin/busybox
COPY --chmod=0755 busybox /bin/sh
COPY notes.txt /notes.txt
ENV PATH=/bin
CMD ["sh"]
`;

/** Opens the workbench and builds an image with a shell. */
async function openBuilt(width: number, name: string): Promise<Page> {
  const page = await openWorkbench({ width });
  await nameImage(page, name);
  await showPane(page, "Files");
  await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
  await newFile(page, "notes.txt", "from the project\n");
  await showPane(page, "Files");
  await page
    .getByRole("treeitem")
    .filter({ has: page.getByTitle("Dockerfile", { exact: true }) })
    .click();
  await writeDockerfile(page, dockerfile);
  await build(page);
  return page;
}

function startContainer(page: Page): Promise<void> {
  return page.locator(".run-form").getByRole("button", { name: /^Run/ }).click();
}

/** Returns the text of the visible terminal. */
async function screen(page: Page): Promise<string> {
  const rows = await page.locator(".run-screen .xterm-rows > div").allTextContents();
  return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
}

/** Waits until the visible container is in a state. */
async function state(page: Page, pattern: RegExp): Promise<void> {
  const shown = page.locator(".run-container");
  await expect
    .poll(async () => {
      const text = await shown.locator(".run-container-state").textContent();
      return text === "The container could not run" ? shown.textContent() : text;
    })
    .toMatch(pattern);
}

/** Types a line when the shell is ready. */
async function type(page: Page, line: string): Promise<void> {
  await expect.poll(() => screen(page)).toMatch(/# $|#$/m);
  const input = page.locator(".run-screen .xterm-helper-textarea");
  await expect
    .poll(async () => {
      await input.focus();
      return input.evaluate((element) => element === document.activeElement);
    })
    .toBe(true);
  await page.keyboard.type(line);
  // Long lines wrap.
  await expect.poll(async () => (await screen(page)).replaceAll("\n", "")).toContain(line);
  await page.keyboard.press("Enter");
}

describe.each(widths)("at %i px", (width) => {
  test("several containers of the built image run in terminals, and can be stopped", async () => {
    const page = await openBuilt(width, "run");
    await page.getByRole("button", { name: "Run it here" }).click();
    await startContainer(page);
    await state(page, /^Running$/);
    await type(page, "echo $((40+2)); busybox cat /notes.txt");
    await expect.poll(() => screen(page)).toMatch(/42\nfrom the project/);
    expect(await audit(page)).toEqual([]);

    await page.getByLabel("Command").fill("sh -c 'echo other 한글; exit 7'");
    await expect
      .poll(() => page.getByLabel("The same with docker").inputValue())
      .toMatch(
        /^docker run --rm -it --network none localhost:\d+\/run-\w+:latest sh -c 'echo other 한글; exit 7'$/,
      );
    await startContainer(page);
    await state(page, /^Exited with code 7$/);
    await expect.poll(() => screen(page)).toContain("other 한글");

    // The first one is unchanged.
    await page.getByRole("button", { name: "1 image command" }).click();
    await expect.poll(() => screen(page)).toContain("from the project");
    await type(page, "exit 3");
    await state(page, /^Exited with code 3$/);

    // A process that ignores SIGTERM would be killed after ten seconds.
    await page
      .getByLabel("Command")
      .fill("sh -c 'trap \"exit 9\" TERM; echo ready; busybox sleep 1000 & wait'");
    await startContainer(page);
    await expect.poll(() => screen(page)).toContain("ready");
    await page.getByRole("button", { name: "Stop" }).click();
    await state(page, /^Exited with code 9$/);
    await page.getByRole("button", { name: "Close", exact: true }).click();
    expect(await page.getByRole("button", { name: /^3 / }).count()).toBe(0);
  });

  test("volumes outlive a container, folders of the project are mounted, and invalid mounts are reported", async () => {
    const page = await openBuilt(width, "mounts");
    await page.getByRole("button", { name: "Run it here" }).click();
    await page.locator(".run-form").getByRole("button", { name: "Options" }).click();
    await page.getByLabel("Volumes and folders").fill("data/data");
    await expect
      .poll(() => page.getByText("Write a mount as volume:/path or ./folder:/path:").isVisible())
      .toBe(true);
    expect(await page.locator(".run-form").getByRole("button", { name: "Run" }).isDisabled()).toBe(true);
    await page.getByLabel("Volumes and folders").fill("store:/data\n./:/project:ro");
    await page.getByLabel("Variables").fill("WHO=me");
    await page
      .getByLabel("Command")
      .fill("sh -c 'echo $WHO >> /data/f; busybox cat /data/f /project/notes.txt'");
    await expect
      .poll(() => page.getByLabel("The same with docker").inputValue())
      .toContain(`-e WHO=me -v store:/data -v "$PWD":/project:ro localhost`);
    await startContainer(page);
    await state(page, /^Exited with code 0$/);
    await expect.poll(() => screen(page)).toContain("me\nfrom the project");
    await startContainer(page);
    await page.getByRole("button", { name: /^2 / }).waitFor();
    await state(page, /^Exited with code 0$/);
    await expect.poll(() => screen(page)).toContain("me\nme\nfrom the project");
    expect(await audit(page)).toEqual([]);
  });
});

test("explains why a container cannot start", async () => {
  const page = await openBuilt(1280, "missing");
  await page.getByRole("button", { name: "Run it here" }).click();
  await page.getByLabel("Command").fill("/no/such");
  await startContainer(page);
  await page.getByText("The container could not run").first().waitFor();
  await page
    .getByText(/no such file|not found/i)
    .first()
    .waitFor();
});

import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { exampleIds } from "../../src/playground/examples/example-ids.ts";
import {
  audit,
  openPage,
  openWorkbench,
  readEditor,
  showPane,
  useBrowser,
  waitUntilStored,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

/** Opens the list of projects. */
async function openProjects(page: Page): Promise<void> {
  await showPane(page, "Files");
  await page.getByRole("button", { name: /^Project:/ }).click();
  await page.getByRole("dialog").waitFor();
}

async function chooseProject(page: Page, name: string): Promise<void> {
  await openProjects(page);
  await page
    .locator(".project-choice")
    .filter({ has: page.getByText(name, { exact: true }) })
    .click();
  await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
}

async function expectText(page: Page, text: string): Promise<void> {
  await showPane(page, "Editor");
  await expect.poll(() => readEditor(page)).toBe(text);
}

/** Opens another tab of the same browser. */
async function otherTab(page: Page): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(inject("url"));
  await other.locator(".time-line-mark").first().waitFor();
  return other;
}

describe.each(widths)("projects at %i px", (width) => {
  test("are stored under names, and can be opened, renamed and deleted", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /one/\n");
    await waitUntilStored(page);
    await openProjects(page);
    expect(await page.locator(".project-choice").count()).toBe(1);
    expect(await audit(page)).toEqual([]);
    await page.getByRole("button", { name: "New project" }).click();
    await expectText(page, "FROM scratch\nCOPY . /\n");
    await writeDockerfile(page, "FROM scratch\nCOPY . /two/\n");
    await waitUntilStored(page);
    await openProjects(page);
    await page.getByRole("button", { name: "Rename New project" }).click();
    await page.getByLabel("New name of New project").fill("Second <b>");
    await page.keyboard.press("Enter");
    await page.locator(".project-choice", { hasText: "Second <b>" }).waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await chooseProject(page, "Static site");
    await expectText(page, "FROM scratch\nCOPY public/ /one/\n");
    await page.reload();
    await expectText(page, "FROM scratch\nCOPY public/ /one/\n");
    await chooseProject(page, "Second <b>");
    await expectText(page, "FROM scratch\nCOPY . /two/\n");
    page.on("dialog", (dialog) => void dialog.accept());
    await openProjects(page);
    await page.getByRole("button", { name: "Delete Static site" }).click();
    await expect.poll(() => page.locator(".project-choice").count()).toBe(1);
  });

  test("of two tabs do not overwrite each other", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /first/\n");
    await waitUntilStored(page);
    const other = await otherTab(page);
    await expectText(other, "FROM scratch\nCOPY public/ /first/\n");
    await writeDockerfile(other, "FROM scratch\nCOPY public/ /other/\n");
    await waitUntilStored(other);
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /mine/\n");
    await waitUntilStored(page);
    await showPane(page, "Files");
    await page.getByText("Another tab changed Static site. Your changes in this tab are saved as").waitFor();
    await chooseProject(page, "Static site");
    await page.reload();
    // Both are listed.
    await openProjects(page);
    expect(await page.locator(".project-choice-name").allTextContents()).toEqual([
      "Static site (2)",
      "Static site",
    ]);
    await page.getByRole("button", { name: "Close" }).click();
    await chooseProject(other, "Static site (2)");
    await expectText(other, "FROM scratch\nCOPY public/ /mine/\n");
  });

  test("of a link are separate projects, one for each link", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /shared/\n");
    await showPane(page, "Files");
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await page.getByText("A link to this project was copied.").first().waitFor();
    const shared = await page.evaluate(() => navigator.clipboard.readText());
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /mine/\n");
    await waitUntilStored(page);
    for (let times = 0; times < 2; times++) {
      const other = await page.context().newPage();
      await other.goto(shared);
      await expectText(other, "FROM scratch\nCOPY public/ /shared/\n");
      await waitUntilStored(other);
    }
    await openProjects(page);
    expect(await page.locator(".project-choice").count()).toBe(2);
    await page.getByRole("button", { name: "Close" }).click();
    await page.reload();
    await expectText(page, "FROM scratch\nCOPY public/ /mine/\n");
  });

  test("keep their last build while another one is open", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, `FROM scratch\nCOPY public/ /${Math.random()}/\n`);
    await showPane(page, "Build");
    await page.locator("form.build-form").getByRole("button", { name: "Build" }).click();
    const state = page.locator(".build-status-state");
    await expect.poll(() => state.textContent()).toContain("1 executed");
    await waitUntilStored(page);
    await expect.poll(() => state.textContent()).toContain("1 executed");
    await openProjects(page);
    await page.getByRole("button", { name: "New project" }).click();
    await expect.poll(() => state.count()).toBe(0);
    await chooseProject(page, "Static site");
    await showPane(page, "Build");
    await expect.poll(() => state.textContent()).toContain("Built in");
  });

  test("the first visit explains the page, offers examples and shows a finished build", async () => {
    const page = await openPage({ width, isWelcome: true });
    const welcome = page.getByRole("region", { name: /^varve builds container images from a Dockerfile/ });
    await welcome.waitFor();
    await showPane(page, "Build");
    await page
      .locator(".build-status-state")
      .getByText(/^Built in/)
      .waitFor();
    expect(await welcome.getByRole("button").count()).toBe(exampleIds.length + 1);
    expect(await audit(page)).toEqual([]);
    // The page does not overflow: only the row of examples scrolls.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    for (const [id, first] of [
      ["slow", "# syntax=docker/dockerfile:1\n# Change src/main.txt"],
      ["go", "# syntax=docker/dockerfile:1\n# A static Go program"],
    ] as const) {
      await welcome.locator(".example").nth(exampleIds.indexOf(id)).click();
      await showPane(page, "Editor");
      await expect.poll(() => readEditor(page)).toContain(first);
    }
    await welcome.getByRole("button", { name: "Close" }).click();
    await page.reload();
    // The tab shows its example again, and the introduction stays closed.
    await expect.poll(() => readEditor(page)).toContain("# A static Go program");
    expect(await welcome.count()).toBe(0);
  });
});

test("a project that is too large to be stored is reported", async () => {
  const page = await openWorkbench();
  await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
  await page.getByText("too large to be saved in this browser. The maximum is 256 kB").waitFor();
});

test("the draft of an earlier version of the page is a project", async () => {
  const page = await openWorkbench();
  await page.evaluate(() => {
    const [data] = Object.entries(localStorage).filter(([name]) => name.startsWith("varve.project."));
    if (data !== undefined) throw new Error("Nothing was changed yet");
  });
  await writeDockerfile(page, "FROM scratch\nCOPY public/ /old/\n");
  await waitUntilStored(page);
  await page.evaluate(() => {
    const entry = Object.entries(localStorage).find(([name]) => /^varve\.project\./.test(name));
    localStorage.clear();
    sessionStorage.clear();
    localStorage.setItem("varve.draft", entry?.[1] ?? "");
  });
  // On another page, because leaving the workbench would store the project again.
  const other = await otherTab(page);
  await expectText(other, "FROM scratch\nCOPY public/ /old/\n");
});

test("the page begins with its name in Korean", async () => {
  const page = await openPage({ locale: "ko-KR", isWelcome: true });
  await page.getByText("varve는 Dockerfile로 컨테이너 이미지를 빌드하고").first().waitFor();
  await page
    .locator(".build-status-state")
    .getByText(/^빌드 완료/)
    .waitFor();
  expect(await audit(page)).toEqual([]);
});

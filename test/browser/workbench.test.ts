import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { addBusybox, startSlowBuild } from "./slow-build.ts";
import {
  audit,
  build,
  nameImage,
  openFile,
  openPage,
  openWorkbench,
  readEditor,
  readMarks,
  showPane,
  textLeft,
  useBrowser,
  waitUntilStored,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

const folder = suiteFolder();

describe.each(widths)("the editor at %i px", (width) => {
  test("shows an edited file after another one was open, and the text after undo", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\n");
    await openFile(page, "public/index.html");
    await expect.poll(() => readEditor(page)).toContain("Hello, layers");
    await openFile(page, "Dockerfile");
    await expect.poll(() => readEditor(page)).toBe("FROM scratch\nCOPY public/ /\n");
    await openFile(page, "public/index.html");
    await expect.poll(() => readEditor(page)).toContain("Hello, layers");
  });

  test("does not move the text when it cannot be parsed", async () => {
    const page = await openWorkbench({ width });
    const before = await textLeft(page);
    await writeDockerfile(page, "FROM scratch\nNOPE\n");
    await page.getByRole("button", { name: "1 finding" }).waitFor();
    await expect.poll(() => page.locator(".time-line-mark").count()).toBe(0);
    expect(await textLeft(page)).toBe(before);
  });

  test("marks a COPY whose source is not in the context, once", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY missing.txt /\n");
    await page.getByRole("button", { name: "1 finding" }).click();
    expect(await page.locator(".findings").textContent()).toContain('"/missing.txt": not found');
    await expect.poll(() => page.locator(".cm-lintRange-error").textContent()).toBe("missing.txt");
    expect(await audit(page)).toEqual([]);
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\n");
    await expect.poll(() => page.locator(".cm-lintRange-error").count()).toBe(0);
  });

  test("states the maximum size of a file that can be edited", async () => {
    const page = await openWorkbench({ width });
    const path = join(folder, `large-${width}.txt`);
    await writeFile(path, "a line\n".repeat(300_000));
    await showPane(page, "Files");
    await page.locator("input.files-picker").first().setInputFiles(path);
    await page
      .getByRole("treeitem")
      .filter({ has: page.getByTitle(`large-${width}.txt`, { exact: true }) })
      .click();
    await expect
      .poll(() => page.locator(".editor-note").textContent())
      .toBe("This file has 2.1 MB. Only files of up to 1.05 MB can be edited here. Builds can still use it.");
  });
});

describe.each(widths)("the build pane at %i px", (width) => {
  test("offers only named stages as targets", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\nFROM scratch AS last\nCOPY --from=0 / /\n");
    await showPane(page, "Build");
    await expect
      .poll(() => page.getByLabel("Target").locator("option").allTextContents())
      .toEqual(["last stage", "last"]);
  });

  test("shows only the executed part of a build that ended early", async () => {
    const page = await openWorkbench({ width });
    await showPane(page, "Build");
    await page.getByLabel("Image name").fill("NOT A NAME");
    await build(page);
    const pane = page.locator(".workbench-build");
    expect(await pane.textContent()).toContain("The build ended before its first step.");
    expect(await pane.textContent()).not.toMatch(/No instruction creates a layer|Nothing to send|1 lines/);
    await page.getByRole("tab", { name: "Log · 1 line", exact: true }).waitFor();
  });

  test("omits counts of zero, and shortens the result of the last build above a newer plan", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "counts");
    await writeDockerfile(page, `FROM scratch\nCOPY public/ /\nLABEL a=${Math.random()}\n`);
    await build(page);
    const progress = page.locator(".build-status");
    expect(await progress.textContent()).not.toMatch(/\b0 (hit|executed|not needed)/);
    expect(await progress.getByLabel("Pull it").count()).toBe(1);
    await writeDockerfile(page, "FROM scratch\nCOPY public/style.css /\n");
    await showPane(page, "Build");
    await expect.poll(() => progress.textContent()).toMatch(/^Last build: Built in [\d.,]+ m?s$/);
    await page.getByRole("button", { name: "Show the last build" }).click();
    await expect.poll(() => progress.getByLabel("Pull it").count()).toBe(1);
  });

  test("shows the result: layers, size, commands to pull and run, and the time compared with the last build", async () => {
    const page = await openWorkbench({ width });
    const name = await nameImage(page, "result");
    await addBusybox(page);
    await writeDockerfile(
      page,
      `FROM scratch\nCOPY --chmod=0755 busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "echo ${Math.random()}; /bin/busybox sleep 1"]\nEXPOSE 80 9000/udp\nCMD ["/bin/busybox"]\n`,
    );
    await build(page);
    const progress = page.locator(".build-status");
    await expect.poll(() => progress.textContent()).toMatch(/1 layer|2 layers/);
    const host = new URL(page.url()).host;
    expect(await progress.getByLabel("Pull it").inputValue()).toBe(`docker pull ${host}/${name}:latest`);
    expect(await progress.getByLabel("Run it").inputValue()).toBe(
      `docker run --rm -p 8080:80 -p 9000:9000/udp ${host}/${name}:latest`,
    );
    expect(await audit(page)).toEqual([]);
    await build(page);
    await expect.poll(() => progress.textContent()).toMatch(/[\d.,]+ m?s faster than the last build/);
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\n");
    await build(page);
    await expect.poll(() => progress.textContent()).toContain("The image sets neither CMD nor ENTRYPOINT");
  });

  test("shows the running time and a progress bar during a build, and no running step after a cancel", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "cancelled");
    await startSlowBuild(page, 600);
    const time = () => page.locator(".build-status-state .number").textContent();
    const before = await time();
    expect(before).toMatch(/^\d+\.\d s$/);
    await expect.poll(time).not.toBe(before);
    expect(await page.locator(".build-status progress").getAttribute("value")).toBe("0.5");
    await expect
      .poll(() => page.locator("[role=status][aria-live]").textContent())
      .toContain("Running: [2/2] RUN");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => page.locator(".build-status-state").textContent()).toContain("Cancelled");
    expect(await page.locator(".status-running").count()).toBe(0);
    expect(await page.locator(".steps .status-cancelled").count()).toBe(1);
  });
});

test.each(widths)(
  "a reload shows the last build and what became of each instruction, at %i px",
  async (width) => {
    const page = await openWorkbench({ width });
    await nameImage(page, "reloaded");
    await writeDockerfile(page, `FROM scratch\nCOPY public/ /${Math.random()}/\n`);
    await build(page);
    await waitUntilStored(page);
    await page.reload();
    await showPane(page, "Editor");
    await expect.poll(() => readMarks(page)).toEqual(["2 miss"]);
    await showPane(page, "Build");
    await expect.poll(() => page.locator(".build-status-state").textContent()).toContain("1 executed");
    await page.getByLabel("Pull it").waitFor();
    // Another tab has no build.
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.locator(".time-line-mark").first().waitFor();
    expect(await other.locator(".build-status").count()).toBe(0);
  },
);

test("problems of the server are in Korean on a Korean page, with the English original", async () => {
  const page = await openPage({ locale: "ko-KR" });
  await page.locator(".time-line-mark").first().waitFor();
  await writeDockerfile(page, "FROM scratch\nCOPY missing.txt /\n");
  await expect
    .poll(() => page.locator(".steps-source .problem-title").textContent())
    .toBe("복사할 파일이 빌드 컨텍스트에 없습니다.");
  expect(await page.locator(".steps-source .problem [lang=en]").first().textContent()).toContain("not found");
  await page.getByRole("button", { name: "검사 결과 1건" }).click();
  expect(await page.locator(".findings").textContent()).toContain("복사할 파일이 빌드 컨텍스트에 없습니다.");
});

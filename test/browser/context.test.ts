import { execFileSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { suiteFolder } from "../helpers/suite-folder.ts";
import {
  build,
  nameImage,
  newFile,
  openFile,
  openWorkbench,
  readMarks,
  showPane,
  slack,
  useBrowser,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

const folder = suiteFolder();

beforeAll(async () => {
  await put("site/Dockerfile", "FROM scratch\nCOPY . /app/\n");
  await put("site/.dockerignore", "node_modules\n*.log\n!keep.log\n");
  await put("site/app.js", "console.log('한국어');\n");
  await put("site/run.sh", "#!/bin/sh\necho run\n", 0o755);
  await put("site/lib/deep/a.txt", "a");
  await put("site/keep.log", "kept");
  await put("site/drop.log", "dropped");
  await put("site/node_modules/left/index.js", "module.exports = 1;\n");
  await put("loose/one.txt", "1");
  await put("loose/two.bin", Buffer.from([0, 255, 1, 254]));
});

async function put(path: string, contents: string | Buffer, mode = 0o644): Promise<void> {
  const place = join(folder, path);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, contents);
  await chmod(place, mode);
}

describe.each(widths)("the build context at %i px", (width) => {
  test("opens a folder, greys ignored files, and shows the size of what would be sent", async () => {
    const page = await openWorkbench({ width });
    await showPane(page, "Files");
    await page.locator("input.files-picker").nth(1).setInputFiles(join(folder, "site"));
    const row = (path: string) =>
      page.getByRole("treeitem").filter({ has: page.getByTitle(path, { exact: true }) });
    await expect.poll(() => row("node_modules/left/index.js").textContent()).toContain("ignored");
    await expect.poll(() => row("drop.log").textContent()).toContain("ignored");
    expect(await row("keep.log").textContent()).toContain("4 B");
    await expect.poll(() => row("run.sh").textContent()).toContain("executable");
    await expect.poll(() => page.locator(".files-foot").textContent()).toContain("6 files");
    // While the user types.
    await openFile(page, ".dockerignore");
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("lib/\n");
    await showPane(page, "Files");
    await expect.poll(() => row("lib/deep/a.txt").textContent()).toContain("ignored");
    await expect.poll(() => page.locator(".files-foot").textContent()).toContain("5 files");
  });

  test("builds the same image from a folder as the command", async () => {
    const page = await openWorkbench({ width });
    await showPane(page, "Files");
    await page.locator("input.files-picker").nth(1).setInputFiles(join(folder, "site"));
    await expect.poll(() => page.locator(".files-foot").textContent()).toContain("6 files");
    const name = await nameImage(page, "same");
    await build(page);
    await page.getByRole("tab", { name: "Image" }).click();
    const digest = await page.locator(".image-result code").first().textContent();
    const printed = execFileSync(
      join(import.meta.dirname, "../../node_modules/.bin/node"),
      ["src/cli/varve.ts", "build", "--server", inject("url"), "-t", name, join(folder, "site")],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        env: { PATH: process.env.PATH, HOME: folder },
      },
    );
    expect(printed.trim()).toBe(digest);
  });

  test("accepts dropped files, and writes, renames, deletes and restores files", async () => {
    const page = await openWorkbench({ width });
    await showPane(page, "Files");
    await page
      .locator("input.files-picker")
      .first()
      .setInputFiles([join(folder, "loose/one.txt"), join(folder, "loose/two.bin")]);
    await page.getByRole("treeitem", { name: /^two.bin/ }).click();
    await showPane(page, "Editor");
    await expect.poll(() => page.locator(".editor-note").textContent()).toContain("not text");
    await newFile(page, "made/here.txt", "written");
    await showPane(page, "Files");
    await page.getByRole("treeitem", { name: /^here.txt/ }).click();
    await showPane(page, "Files");
    const tree = page.getByRole("tree");
    await tree.focus();
    await page.keyboard.press("F2");
    await page.getByLabel(/New path of made/).fill("../out.txt");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.getByRole("alert").textContent())
      .toContain("This path is not valid in a build context");
    await page.getByLabel(/New path of made/).fill("moved/here.txt");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".tree-name[title='moved/here.txt']").count()).toBe(1);
    await page.getByRole("treeitem", { name: /^one.txt/ }).click();
    await showPane(page, "Files");
    await tree.focus();
    await page.keyboard.press("Delete");
    await expect.poll(() => page.locator(".tree-name[title='one.txt']").count()).toBe(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.locator(".tree-name[title='one.txt']").count()).toBe(1);
  });
});

test("accepts a dropped folder with more entries than the browser returns at once", async () => {
  const page = await openWorkbench();
  // A test cannot drop real files, so objects with the same interface replace the entries.
  await page.evaluate(() => {
    const file = (name: string) => ({
      isFile: true,
      isDirectory: false,
      name,
      file: (take: (file: File) => void) => take(new File([name], name)),
    });
    const names = Array.from({ length: 250 }, (_, index) => file(`f${index}.txt`));
    const directory = {
      isFile: false,
      isDirectory: true,
      name: "many",
      createReader: () => {
        const left = [file("Dockerfile"), ...names];
        return { readEntries: (take: (entries: unknown[]) => void) => take(left.splice(0, 100)) };
      },
    };
    const data = new DataTransfer();
    Object.defineProperty(data, "items", { value: [{ webkitGetAsEntry: () => directory }] });
    const pane = document.querySelector(".files-pane") as HTMLElement;
    pane.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
  });
  await expect.poll(() => page.locator(".files-foot").textContent()).toContain("251 files");
  await expect.poll(() => page.getByRole("status").first().textContent()).toContain("many was opened");
});

test("shows 31,000 files within a second, and scrolls through them", async () => {
  const page = await openWorkbench();
  const time = await page.evaluate(async () => {
    const list = Array.from({ length: 31_000 }, (_, index) => {
      const name = `file-${index}.js`;
      const webkitRelativePath = `many/p${index % 300}/q${index % 17}/${name}`;
      return Object.defineProperty(new File([name], name), "webkitRelativePath", {
        value: webkitRelativePath,
      });
    });
    const picker = document.querySelectorAll(".files-picker")[1] as HTMLInputElement;
    Object.defineProperty(picker, "files", { value: list });
    picker.dispatchEvent(new Event("change", { bubbles: true }));
    const foot = document.querySelector(".files-foot") as HTMLElement;
    const began = performance.now();
    while (!/31,000/.test(foot.textContent ?? "")) await new Promise(requestAnimationFrame);
    // Closing a folder now renders the tree of all files again.
    const read = performance.now() - began;
    const again = performance.now();
    (document.querySelector("[role=treeitem]") as HTMLElement).click();
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return { read, drawn: performance.now() - again };
  });
  expect(time.drawn).toBeLessThan(1000 * slack());
  expect(await page.getByRole("treeitem").count()).toBeLessThan(120);
  // Planning sends all files once; after a change, it sends only the difference.
  const listings: number[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/v1/contexts")
      listings.push(request.postDataBuffer()?.length ?? 0);
  });
  const planned = () =>
    page.waitForResponse((answer) => new URL(answer.url()).pathname === "/v1/plan", { timeout: 45_000 });
  await page.getByRole("button", { name: "Create a Dockerfile" }).click();
  await page.locator(".cm-content").waitFor();
  const first = planned();
  await writeDockerfile(page, "FROM scratch\nCOPY . /all/\n");
  expect((await first).status()).toBe(200);
  await expect.poll(() => readMarks(page), { timeout: 20_000 }).toEqual(["2 miss"]);
  const second = planned();
  await page.keyboard.type("LABEL a=b\n");
  expect((await second).status()).toBe(200);
  expect(listings.at(-1)).toBeLessThan(10_000);
  const frame = await page.evaluate(async () => {
    const list = document.querySelector("[role=tree]") as HTMLElement;
    const times: number[] = [];
    let last = performance.now();
    for (let step = 0; step < 60; step++) {
      list.scrollTop += 2000;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b)[30];
  });
  expect(frame).toBeLessThan(50 * slack());
});

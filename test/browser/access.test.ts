import { describe, expect, test } from "vitest";
import {
  auditLooks,
  build,
  nameImage,
  newFile,
  openFile,
  openPage,
  openWorkbench,
  showPane,
  useBrowser,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

describe.each(widths)("at %i px", (width) => {
  test("axe finds no problem in any pane of the workbench", async () => {
    const page = await openWorkbench({ width });
    for (const pane of ["Files", "Editor", "Build"] as const) {
      await showPane(page, pane);
      expect(await auditLooks(page)).toEqual([]);
    }
    await page.getByRole("button", { name: "Options" }).click();
    expect(await auditLooks(page)).toEqual([]);
    await showPane(page, "Files");
    await page.getByRole("button", { name: "New file" }).click();
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await writeDockerfile(page, "FROM scratch as Base\nCOPY nothing /\nRUN true\nCMD run it\n");
    await page.locator(".cm-lintRange").first().waitFor();
    await page.locator(".editor-foot button").click();
    await page.locator(".findings").waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("CO");
    await page.locator(".cm-tooltip-autocomplete").waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await showPane(page, "Build");
    await page.locator(".steps-source .problem").waitFor();
    expect(await auditLooks(page)).toEqual([]);
  });

  test("axe finds no problem in a build, its steps, output and image, or on the pages of builds", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "access");
    await newFile(page, "public/more.html", `${Math.random()}`);
    await build(page);
    await openFile(page, "public/style.css");
    await page.locator(".cm-content").click();
    await page.keyboard.type(`/* ${Math.random()} */`);
    await build(page);
    await page.getByRole("button", { name: /COPY public\/style/ }).click();
    await page.getByRole("button", { name: "Calculate" }).click();
    await page.locator(".what-if table").waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await page.getByRole("tab", { name: /Log/ }).click();
    expect(await auditLooks(page)).toEqual([]);
    await page.getByRole("tab", { name: "Image" }).click();
    await page.locator(".image-result").getByText("compressed").waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await page.getByRole("link", { name: "Build page" }).click();
    await page.getByRole("heading", { level: 1 }).filter({ hasText: "access" }).waitFor();
    await page.locator(".image-result").waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await page.goto(new URL("/#/builds", page.url()).href);
    await page.locator(".builds-table").waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await page.goto(new URL("/#/no/such/page", page.url()).href);
    await page.getByText("Page not found").waitFor();
    expect(await auditLooks(page)).toEqual([]);
  });
});

test("all controls work with the keyboard alone", async () => {
  const page = await openWorkbench();
  await nameImage(page, "keys");
  await page.goto(page.url());
  await page.locator(".cm-content").waitFor();
  const focused = () =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
    });
  const reached: string[] = [];
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    reached.push(await focused());
    if (reached.at(-1) === "Build") break;
  }
  // In page order, through the editor and out of it.
  const order = [
    "Skip to the content",
    "Workbench",
    "Builds",
    "New file",
    "Open a folder",
    "Build context",
    "Editor: Dockerfile",
    "Build",
  ];
  expect(reached.filter((name) => order.includes(name))).toEqual(order);
  await page.keyboard.press("Enter");
  await page
    .locator(".build-status-state")
    .filter({ hasText: /Built in/ })
    .waitFor();
  // To the tabs, then through them with the arrow keys.
  for (let presses = 0; presses < 10 && (await focused()) !== "Steps"; presses++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowLeft");
  expect(await focused()).toBe("Shell");
  await page.keyboard.press("ArrowLeft");
  expect(await focused()).toBe("Run");
  await page.keyboard.press("ArrowLeft");
  expect(await focused()).toBe("Image");
  expect(await page.locator(".image-result").count()).toBe(1);
  // The tree: arrow keys, Home and End; closing and opening folders.
  await page.getByRole("tree").focus();
  const active = async () => {
    const id = await page.getByRole("tree").getAttribute("aria-activedescendant");
    return page.locator(`[id="${id}"] .tree-name`).textContent();
  };
  await page.keyboard.press("Home");
  expect(await active()).toBe(".dockerignore");
  await page.keyboard.press("End");
  expect(await active()).toBe("style.css");
  await page.keyboard.press("ArrowLeft");
  expect(await active()).toBe("public");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => page.getByRole("treeitem").filter({ hasText: "style.css" }).count()).toBe(0);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect(await active()).toBe("index.html");
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Editor: public/index.html" }).waitFor();
});

test("a screen reader announces what happens", async () => {
  const page = await openWorkbench();
  await nameImage(page, "entered");
  await build(page);
  const live = page.locator("#app > [aria-live=polite]");
  await expect.poll(() => live.textContent()).toMatch(/^Built in/);
});

describe("languages", () => {
  test("the page uses the browser's language until the user chooses another, which is stored", async () => {
    const page = await openPage({ locale: "ko-KR" });
    await page.getByRole("link", { name: "빌드하기" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("ko");
    await page.getByLabel("언어").selectOption("en");
    await page.getByRole("link", { name: "Workbench" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    await page.reload();
    await page.getByRole("link", { name: "Workbench" }).waitFor();
  });

  test("the Korean workbench has no English texts, also in findings and reasons", async () => {
    const page = await openWorkbench({ locale: "ko-KR" });
    await page.getByLabel("이미지 이름").fill(`korean-${Date.now()}`);
    await writeDockerfile(page, "FROM scratch as Base\nCOPY public /\nCMD run it\n");
    await page.locator(".editor-foot button").click();
    await expect.poll(() => page.locator(".findings").textContent()).toContain("스테이지 이름은 소문자로");
    await page.locator("form.build-form").getByRole("button", { name: "빌드" }).click();
    await page.locator(".build-status-state").filter({ hasText: "빌드 완료" }).waitFor();
    await page.getByRole("button", { name: /COPY public/ }).click();
    const seen = await page.evaluate(() => {
      const texts: string[] = [];
      const roots: (Document | ShadowRoot)[] = [document];
      for (const root of roots) {
        for (const element of root.querySelectorAll("*"))
          if (element.shadowRoot) roots.push(element.shadowRoot);
        const walker = document.createTreeWalker(
          root === document ? document.body : root,
          NodeFilter.SHOW_TEXT,
        );
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          const parent = node.parentElement;
          // Names, code and intended texts in another language are not translated.
          if (parent?.closest("code, .mono, .cm-content, .tree-name, select, [lang=en], noscript")) continue;
          if (/[a-z]{3}/i.test(node.textContent ?? "")) texts.push((node.textContent ?? "").trim());
        }
      }
      return texts.filter((text) => !/[가-힣]/.test(text));
    });
    // Names of products and languages are not translated.
    const names = new Set(["varve", "API", "Node", "Go", "Python"]);
    expect(seen.filter((text) => !names.has(text))).toEqual([]);
  });
});

test("the theme follows the system until the user chooses one", async () => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const page = await openPage({ colorScheme: "dark" });
  await page.getByRole("banner").waitFor();
  const dark = await ground();
  await page.getByLabel("Theme").selectOption("light");
  expect(await ground()).not.toBe(dark);
  await page.reload();
  await page.getByRole("banner").waitFor();
  expect(await ground()).not.toBe(dark);
  await page.getByLabel("Theme").selectOption("auto");
  expect(await ground()).toBe(dark);
});

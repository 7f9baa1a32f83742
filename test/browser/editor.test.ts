import { describe, expect, test } from "vitest";
import {
  build,
  nameImage,
  newFile,
  openFile,
  openWorkbench,
  readEditor,
  readMarks,
  showPane,
  useBrowser,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

describe.each(widths)("the editor at %i px", (width) => {
  test("colours the tokens of the lexer, including here-documents and variables", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch AS base\nARG V=1\nCOPY --chmod=0600 <<EOF /x$V\n# text\nEOF\n");
    const tokens = page.locator(".cm-content span[class^=token-]");
    await expect
      .poll(() =>
        tokens.evaluateAll((all) => all.map(({ className, textContent }) => `${className} ${textContent}`)),
      )
      .toEqual([
        "token-keyword FROM",
        "token-keyword AS",
        "token-name base",
        "token-keyword ARG",
        "token-keyword COPY",
        "token-flag --chmod=",
        "token-heredoc <<EOF",
        "token-variable $V",
        "token-body # text",
        "token-heredoc EOF",
      ]);
  });

  test("completes instructions, flags, stages and paths of the context", async () => {
    const page = await openWorkbench({ width });
    const options = page.locator(".cm-tooltip-autocomplete li .cm-completionLabel");
    const offered = () => options.allTextContents();
    const accept = async () => {
      // A list that opened while typing does not accept keys immediately.
      await page.waitForTimeout(120);
      await page.keyboard.press("Enter");
    };
    await writeDockerfile(page, "FROM scratch AS first\n\nFROM scratch\n");
    await page.keyboard.type("COP");
    await expect.poll(offered).toContain("COPY");
    await accept();
    await page.keyboard.type("--");
    await expect.poll(offered).toEqual(expect.arrayContaining(["--from=", "--chown=", "--link"]));
    await page.keyboard.type("fr");
    await expect.poll(offered).toEqual(["--from="]);
    await accept();
    await page.keyboard.press("Control+Space");
    await expect.poll(offered).toEqual(["first"]);
    await accept();
    await page.keyboard.type(" /a /b\nCOPY pub");
    await expect.poll(offered).toContain("public/");
    await accept();
    await page.keyboard.press("Control+Space");
    await expect.poll(offered).toEqual(["index.html", "style.css"]);
    await page.keyboard.press("Escape");
    await expect.poll(() => readEditor(page)).toContain("COPY --from=first /a /b\nCOPY public/");
  });

  test("explains the word under the pointer", async () => {
    const page = await openWorkbench({ width });
    await page.locator(".token-keyword", { hasText: "WORKDIR" }).hover();
    await expect.poll(() => page.locator(".editor-help").textContent()).toContain("WORKDIR <path>");
  });

  test("checks the text while the user types, and fixes a finding with one key", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch as Base\nCOPY . /\nCMD run it\nEXPOSE 80/TCP\n");
    await expect.poll(() => page.locator(".cm-lintRange-warning").count()).toBeGreaterThan(2);
    await page.keyboard.press("Control+Shift+M");
    const panel = page.getByRole("list", { name: /findings?$/ });
    await panel.locator("button", { hasText: "JSON array" }).click();
    await expect.poll(() => readEditor(page)).toContain('CMD ["run", "it"]');
    // The text is linted again after each change.
    await panel.locator("li", { hasText: "EXPOSE" }).locator("button", { hasText: "lower case" }).click();
    await expect.poll(() => readEditor(page)).toContain("EXPOSE 80/tcp");
    await panel
      .locator("li", { hasText: "Stage name" })
      .locator("button", { hasText: "Do not check" })
      .click();
    await expect.poll(() => readEditor(page)).toMatch(/^# check=skip=StageNameCasing\n/);
  });

  test("shows the plan while the user types, and the result after a build", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "line");
    await newFile(page, "public/mine.txt", `${Math.random()}`);
    await openFile(page, "Dockerfile");
    await writeDockerfile(
      page,
      `FROM scratch AS other\nCOPY notes /\nFROM scratch\nCOPY public/mine.txt /\nCOPY public/index.html /${width}/\n`,
    );
    await expect.poll(() => readMarks(page)).toEqual(["1 unneeded", "2 unneeded", "4 miss", "5 unknown"]);
    await build(page);
    await showPane(page, "Editor");
    await expect.poll(() => readMarks(page)).toEqual(["1 unneeded", "2 unneeded", "4 miss", "5 miss"]);
    if (width > 1000) {
      const mark = page.locator(".time-line-mark", { hasText: "miss" }).first();
      expect(await mark.locator(".time-line-time").textContent()).toMatch(/^[\d.,]+ (ms|s)$/);
      expect(await mark.locator(".time-line-bytes").textContent()).toMatch(/^[\d.,]+ k?B$/);
    }
    await openFile(page, "public/index.html");
    await page.locator(".cm-content").click();
    await page.keyboard.type(`changed ${Math.random()}`);
    await openFile(page, "Dockerfile");
    await expect.poll(() => readMarks(page)).toEqual(["1 unneeded", "2 unneeded", "4 hit", "5 miss"]);
    // No build has run since, so this is the plan.
    await showPane(page, "Build");
    await expect.poll(() => page.locator(".steps-source").textContent()).toContain("Plan");
  });
});

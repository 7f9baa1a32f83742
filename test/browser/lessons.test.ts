import type { Page, WebSocketRoute } from "playwright-core";
import { describe, expect, test } from "vitest";
import { lessons } from "../../src/playground/lessons/lessons.ts";
import { answer, append, appendTo, atStep, finished, openLesson, ways } from "./lesson-steps.ts";
import {
  audit,
  auditLooks,
  build,
  openFile,
  openPage,
  openWorkbench,
  readEditor,
  showPane,
  useBrowser,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

describe.each(widths)("at %i px", (width) => {
  test("axe finds no problem in the list and in a lesson", async () => {
    const page = await openPage({ width, at: "/#/learn" });
    await page.getByRole("link", { name: "What an image is made of" }).waitFor();
    expect(await page.getByRole("heading", { level: 2 }).count()).toBe(lessons.length);
    expect(await auditLooks(page)).toEqual([]);
    await page.getByRole("link", { name: "What an image is made of" }).click();
    await atStep(page, 1);
    await page.getByRole("button", { name: "Hint" }).click();
    await build(page);
    await atStep(page, 2);
    await answer(page, "One");
    await page.locator(".lesson-wrong").waitFor();
    expect(await auditLooks(page)).toEqual([]);
  });

  test("the user's project is restored afterwards, and the lesson continues where it was left", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY mine /\n");
    // Without a pause: changes between two autosaves must not be lost.
    await openLesson(page, "layers");
    await build(page);
    await answer(page, "One");
    await appendTo(page, "second.txt", "changed in the lesson\n");
    await page.getByRole("link", { name: "Back to your project" }).click();
    await showPane(page, "Editor");
    await expect.poll(() => readEditor(page)).toBe("FROM scratch\nCOPY mine /\n");
    await page.goBack();
    await atStep(page, 3);
    await openFile(page, "second.txt");
    await expect.poll(() => readEditor(page)).toContain("changed in the lesson");
    // The user's project survives even a page that is closed during a lesson.
    await page.reload();
    await atStep(page, 3);
    await openFile(page, "second.txt");
    await expect.poll(() => readEditor(page)).toContain("changed in the lesson");
    await page.getByRole("link", { name: "Back to your project" }).click();
    await showPane(page, "Editor");
    await expect.poll(() => readEditor(page)).toBe("FROM scratch\nCOPY mine /\n");
  });
});

test("the next step is visible below the explanation of the last one", async () => {
  const page = await openPage({ width: 1280 });
  await openLesson(page, "layers");
  const isVisible = () =>
    page.evaluate(() => {
      const boxOf = (selector: string) => document.querySelector(selector)?.getBoundingClientRect();
      const [panel, latest, current] = [".lesson-panel", ".lesson-latest", ".lesson-current"].map(boxOf);
      if (panel === undefined || latest === undefined || current === undefined) return false;
      return latest.top > panel.top - 2 && current.bottom < panel.bottom + 2;
    });
  await build(page);
  await atStep(page, 2);
  await expect.poll(isVisible).toBe(true);
  await answer(page, "One");
  await atStep(page, 3);
  await appendTo(page, "second.txt", "changed\n");
  await build(page);
  await atStep(page, 4);
  await expect.poll(isVisible).toBe(true);
  await append(page, "COPY second.txt /first.txt\n");
  await build(page);
  await atStep(page, 5);
  await expect.poll(isVisible).toBe(true);
  // Neither a hint nor a wrong answer is below the visible area.
  const end = async (selector: string) => {
    const box = await page.locator(selector).boundingBox();
    return (box?.y ?? 0) + (box?.height ?? 0);
  };
  await page.getByRole("button", { name: "Hint" }).click();
  expect(await end(".lesson-note")).toBeLessThan((await end(".lesson-panel")) + 2);
  await answer(page, "In the build cache only");
  expect(await end(".lesson-wrong")).toBeLessThan((await end(".lesson-panel")) + 2);
});

test("on a narrow page, a notice leads to the next step", async () => {
  const page = await openPage({ width: 360 });
  await page.setViewportSize({ width: 360, height: 440 });
  await openLesson(page, "image");
  await build(page);
  await answer(page, "Two");
  await answer(page, "Into the config");
  await atStep(page, 4);
  await append(page, "LABEL author=me\n");
  await build(page);
  const notice = page.getByRole("button", { name: "Step 4 is done. Show what is next" });
  await notice.waitFor();
  expect(await audit(page)).toEqual([]);
  await notice.click();
  await notice.waitFor({ state: "hidden" });
  const heading = await page.getByRole("heading", { name: "Step 5 of 5" }).boundingBox();
  expect(heading?.y).toBeGreaterThan(0);
  expect(heading?.y).toBeLessThan(440);
  await answer(page, "The config and the manifest");
  await finished(page);
});

test("commands do not wrap within a flag", async () => {
  const page = await openPage({ width: 1280 });
  await page.evaluate(() => localStorage.setItem("varve.lessons", '{"settings":5}'));
  await page.reload();
  await page.goto(new URL("/#/learn/settings", page.url()).href);
  await atStep(page, 6);
  const lines = await page.locator(".lesson-current pre").evaluate((pre) => {
    const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const at = node.textContent?.indexOf("--entrypoint") ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + "--entrypoint".length);
      return range.getClientRects().length;
    }
    return 0;
  });
  expect(lines).toBe(1);
});

test("a container that stopped with its connection can be restarted", async () => {
  const page = await openPage();
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/v1\/containers\//, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  await page.evaluate(() => localStorage.setItem("varve.lessons", '{"containers":4}'));
  await page.reload();
  await page.goto(new URL("/#/learn/containers", page.url()).href);
  await atStep(page, 5);
  await build(page);
  const run = page.locator(".lesson-current").getByRole("button", { name: "Run in the shell" });
  await run.click();
  await atStep(page, 6);
  const note = page.getByText("The container first is not running.");
  expect(await note.count()).toBe(0);
  await sockets[0]?.close();
  await note.waitFor();
  expect(await audit(page)).toEqual([]);
  await page.locator(".shell-input").fill("docker stop first");
  await page.keyboard.press("Enter");
  const error = page.locator(".shell-text", { hasText: "The connection was lost" });
  await error.waitFor();
  // The whole message is visible.
  expect(
    await error.evaluate(
      ({ scrollWidth, parentElement }) => scrollWidth <= (parentElement?.clientWidth ?? 0),
    ),
  ).toBe(true);
  await page.getByRole("button", { name: "Start it again" }).click();
  await note.waitFor({ state: "hidden" });
  await run.click();
  await atStep(page, 7);
  await run.click();
  await atStep(page, 8);
  // A reload also ends containers.
  await page.evaluate(() => localStorage.setItem("varve.lessons", '{"commands":8}'));
  await page.reload();
  await page.goto(new URL("/#/learn/commands", page.url()).href);
  await atStep(page, 9);
  await page.getByText("The container web is not running.").waitFor();
});

test("with a runner, a file can be deleted, which does not shrink the image either", async () => {
  const page = await openPage();
  await openLesson(page, "removing");
  await build(page);
  await answer(page, "As large as before, or a little larger");
  await page.getByText("A runner is connected, so you can delete the file instead").waitFor();
  await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
  await writeDockerfile(
    page,
    'FROM scratch\nCOPY data/ /data/\nCOPY --chmod=0755 busybox /bin/busybox\nRUN ["/bin/busybox", "rm", "/data/big.txt"]\n',
  );
  await build(page);
  await atStep(page, 4);
  await answer(page, "a little larger");
});

test("opening the image does not reset a lesson; starting over does", async () => {
  const page = await openPage({ at: "/#/learn/image" });
  await atStep(page, 1);
  await build(page);
  await page.getByRole("link", { name: "Layers and files of the last image" }).click();
  await page.getByRole("button", { name: /COPY pages/ }).waitFor();
  await page.getByRole("tab", { name: "Config" }).click();
  await page.getByRole("link", { name: "Back to the lesson" }).click();
  await atStep(page, 2);
  await answer(page, "Two");
  await append(page, "# mine\n");
  await page.getByRole("button", { name: "Start over" }).click();
  await atStep(page, 1);
  await expect.poll(() => readEditor(page)).not.toContain("# mine");
  await page.getByRole("link", { name: "All lessons" }).click();
  await page.getByText("Not started").first().waitFor();
});

test("a question about an image that no longer exists requests a build", async () => {
  const page = await openPage({ at: "/#/learn/image" });
  await atStep(page, 1);
  await build(page);
  await atStep(page, 2);
  // A reload restores the image; another tab does not have it.
  await page.reload();
  await page.getByRole("link", { name: "Layers and files of the last image" }).waitFor();
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByText("Build an image first.").waitFor();
  const two = page.locator(".lesson-answers").getByRole("button", { name: "Two", exact: true });
  expect(await two.isDisabled()).toBe(true);
  await build(page);
  await two.click();
  await atStep(page, 3);
});

test("switching to another lesson keeps their states apart", async () => {
  const page = await openPage({ at: "/#/learn/variables" });
  await atStep(page, 1);
  await (ways.variables as (page: Page) => Promise<void>)(page);
  await page.getByRole("link", { name: "Next: From Dockerfile to container" }).click();
  await atStep(page, 1);
  await expect.poll(() => readEditor(page)).toContain("COPY greet.sh");
  await page.goBack();
  await finished(page);
  await expect.poll(() => readEditor(page)).toContain("ENV VERSION=$VERSION");
});

test("is in Korean", async () => {
  const page = await openPage({ at: "/#/learn", locale: "ko-KR" });
  await page.getByRole("link", { name: "태그와 다이제스트" }).click();
  await page.getByText("6단계 중 1단계").waitFor();
  await page.getByRole("button", { name: "힌트" }).click();
  await page.getByText("빌드 버튼을 누르거나").waitFor();
});

test("invalid stored progress is ignored, and a missing lesson is reported", async () => {
  const page = await openPage({ at: "/#/learn/%3Cimg%20src=x%3E" });
  await page.getByText("Lesson not found").waitFor();
  expect(await page.locator("main img").count()).toBe(0);
  await page.evaluate(() => {
    localStorage.setItem("varve.lessons", '{"image":1e9,"layers":"<b>","__proto__":3}');
    localStorage.setItem("varve.lesson.image", "no project");
  });
  await page.goto(new URL("/#/learn/image", page.url()).href);
  await page.reload();
  await finished(page);
  await expect.poll(() => readEditor(page)).toContain("COPY hello.txt");
});

test("statements about the build cache are true on a server where others have done the lesson", async () => {
  for (let learner = 0; learner < 2; learner++) {
    const page = await openPage({ at: "/#/learn/order" });
    await atStep(page, 1);
    await page.locator(".time-line-mark").first().waitFor();
    await build(page);
    await atStep(page, 2);
    expect(await page.locator(".steps .status-miss").count()).toBe(2);
    await answer(page, "Both");
    await atStep(page, 3);
    await appendTo(page, "src/main.js", "// the same for all learners\n");
    await atStep(page, 4);
    await writeDockerfile(page, "FROM scratch\nCOPY libraries/ /libraries/\nCOPY src/ /app/\n");
    await build(page);
    await atStep(page, 5);
    expect(await page.locator(".steps .status-hit").count()).toBe(0);
  }
});

test("the code of a finished step stays visible, and requested digests are shown", async () => {
  const page = await openPage({ at: "/#/learn/image" });
  await atStep(page, 1);
  await build(page);
  await answer(page, "Two");
  await answer(page, "Into the config");
  await atStep(page, 4);
  await append(page, "LABEL author=me\n");
  await build(page);
  await atStep(page, 5);
  expect(await page.locator(".lesson-done pre").textContent()).toBe("LABEL author=me");
  await page.goto(new URL("/#/learn/tags", page.url()).href);
  await atStep(page, 1);
  await build(page);
  await atStep(page, 2);
  await appendTo(page, "page.html", `<p>${Math.random()}</p>\n`);
  await build(page);
  await answer(page, "The second image");
  await atStep(page, 4);
  const digests = page.locator(".lesson-digests a");
  expect(await digests.count()).toBe(2);
  const [first, second] = await digests.allTextContents();
  expect(first).toMatch(/^sha256:[0-9a-f]{12}…$/);
  expect(second).not.toBe(first);
  expect(await audit(page)).toEqual([]);
  await digests.first().click();
  await expect.poll(() => page.locator("main").textContent()).toContain(first?.slice(0, 19) ?? "none");
  await page.getByRole("link", { name: "Back to the lesson" }).click();
  await atStep(page, 4);
});

test.each(widths)(
  "a teacher's link opens a lesson with another project, and the summary lists it, at %i px",
  async (width) => {
    const teacher = await openWorkbench({ width });
    await openLesson(teacher, "order");
    await appendTo(teacher, "src/main.js", "\nconsole.log('of the class');\n");
    await showPane(teacher, "Files");
    await teacher.getByRole("button", { name: "Share", exact: true }).click();
    await teacher.getByText("A link to this project was copied.").first().waitFor();
    const address = await teacher.evaluate(() => navigator.clipboard.readText());
    expect(address).toContain("/#/learn/order/");

    // A learner without progress, with another image name and other files than the teacher's.
    const learner = await openWorkbench({ width });
    await learner.goto(address);
    await learner.locator(".lesson-panel").getByText("This lesson uses the project of the link").waitFor();
    await atStep(learner, 1);
    await openFile(learner, "src/main.js");
    const text = await readEditor(learner);
    expect(text).toContain("of the class");
    expect(text).not.toContain("{unique}");
    expect(text.split("\n")[0]).not.toBe((await firstLine(teacher, "src/main.js")) ?? "");
    await build(learner);
    await atStep(learner, 2);
    await answer(learner, "Both");
    await atStep(learner, 3);
    expect(await audit(learner)).toEqual([]);
    // A reload without the project in the address keeps it.
    await learner.goto(new URL("/#/learn/order", address).href);
    await learner.reload();
    await atStep(learner, 3);

    await learner.goto(new URL("/#/learn/summary", address).href);
    const article = learner.getByRole("article");
    await article.getByRole("heading", { name: "Order decides the cache" }).waitFor();
    expect(await article.getByRole("listitem").count()).toBe(2);
    expect(await audit(learner)).toEqual([]);
    await learner.emulateMedia({ media: "print" });
    expect(await learner.getByRole("button", { name: "Print" }).isVisible()).toBe(false);
    expect(await learner.locator("header").isVisible()).toBe(false);
    await learner.emulateMedia({ media: "screen" });

    await learner.goto(new URL("/#/learn/order", address).href);
    await learner.getByRole("button", { name: "Use the lesson's own project" }).click();
    await atStep(learner, 1);
    await openFile(learner, "src/main.js");
    expect(await readEditor(learner)).not.toContain("of the class");
  },
);

async function firstLine(page: Page, path: string): Promise<string | undefined> {
  await openFile(page, path);
  return (await readEditor(page)).split("\n")[0];
}

describe.each(widths)("the shell at %i px", (width) => {
  test("executes commands, keeps their history, and shows errors", async () => {
    const page = await openPage({ width, at: "/#/learn/commands" });
    await atStep(page, 1);
    await showPane(page, "Build");
    await page.getByRole("tab", { name: "Shell" }).click();
    const input = page.getByLabel("Command", { exact: true });
    const enter = async (line: string) => {
      await input.fill(line);
      await input.press("Enter");
    };
    const output = page.locator(".shell-entry").last();
    await enter("docker swarm init");
    await expect.poll(() => output.textContent()).toContain("'swarm' is not supported on this page");
    await expect.poll(() => output.textContent()).toContain("Exit code 1");
    await enter("docker run --rm busybox sh -c 'echo out; exit 3'");
    await expect.poll(() => output.textContent(), { timeout: 30_000 }).toMatch(/out.*Exit code 3/s);
    await enter("docker run --rm nothing-here");
    await expect.poll(() => output.textContent()).toContain("Unable to find image 'nothing-here'");
    await input.press("ArrowUp");
    await input.press("ArrowUp");
    expect(await input.inputValue()).toContain("exit 3");
    await input.press("ArrowDown");
    expect(await input.inputValue()).toBe("docker run --rm nothing-here");
    // With a terminal, the input goes to the container.
    await enter("docker run --rm -it busybox");
    await page.locator(".shell .xterm-rows").waitFor();
    await expect.poll(() => page.locator(".shell .xterm-rows").textContent()).toContain("#");
    await page.locator(".shell .xterm-helper-textarea").focus();
    await page.keyboard.type("exit 4");
    await page.keyboard.press("Enter");
    await page.getByText("Exit code 4").waitFor();
    expect(await audit(page)).toEqual([]);
    await enter("clear");
    await page.getByText("Run docker commands on this server").waitFor();
  });
});

import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { type Locale, locale } from "../../src/playground/i18n/locale.ts";
import { lessons } from "../../src/playground/lessons/lessons.ts";
import { messages as lessonMessages } from "../../src/playground/views/lessons/messages.ts";
import { messages } from "../../src/playground/views/workbench/messages.ts";
import {
  audit,
  build,
  newFile,
  openFile,
  openPage,
  paste,
  readEditor,
  setLanguage,
  showPane,
  writeDockerfile,
} from "./suite.ts";

/** Opens a lesson at its first step. */
export async function openLesson(page: Page, id: string): Promise<void> {
  await page.goto(new URL(`/#/learn/${id}`, page.url()).href);
  await page.locator(".cm-content").waitFor();
  await atStep(page, 1);
}

/** Waits until a step is the current one. */
export async function atStep(page: Page, number: number): Promise<void> {
  await page
    .locator(".lesson-current")
    .getByRole("heading", { name: new RegExp(`^Step ${number} of|단계 중 ${number}단계`) })
    .waitFor();
}

/** Texts of all answers in a language. */
function answersIn(language: Locale): string[] {
  const before = locale.peek();
  setLanguage(language);
  const texts = lessons.flatMap(({ words }) =>
    Object.values(words.value.steps).flatMap(({ answers }) => Object.values(answers ?? {})),
  );
  setLanguage(before);
  return texts;
}

/** Answers a question in the language of the page. @param name the answer in English */
export async function answer(page: Page, name: string): Promise<void> {
  const translated = answersIn(locale.peek());
  const alike = answersIn("en").flatMap((text, index) => (text === name ? (translated[index] ?? []) : []));
  const names = new RegExp(
    `^(?:${alike.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})$`,
  );
  await page.locator(".lesson-answers").getByRole("button", { name: names }).click();
}

/** Waits for the end of the lesson. */
export async function finished(page: Page): Promise<void> {
  await page.getByText(lessonMessages.value.end).waitFor();
}

/** Adds text to the end of the open file. */
export async function append(page: Page, line: string): Promise<void> {
  await showPane(page, "Editor");
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+End");
  await paste(page, line);
}

/** Adds text to the end of a file. */
export async function appendTo(page: Page, path: string, text: string): Promise<void> {
  await openFile(page, path);
  await append(page, text);
  await openFile(page, "Dockerfile");
}

/** Executes the command of the current step with the button. */
async function runCommand(page: Page, number: number): Promise<void> {
  await atStep(page, number);
  await page
    .locator(".lesson-current")
    .getByRole("button", { name: /^(Run in the shell|셸에서 실행)$/ })
    .click();
}

/** Executes the commands of consecutive steps, and waits for the step after them. */
async function runCommands(page: Page, first: number, last: number): Promise<void> {
  for (let number = first; number <= last; number++) await runCommand(page, number);
  // A process that ignores SIGTERM is killed after ten seconds.
  await page
    .locator(".lesson-current")
    .getByRole("heading", { name: new RegExp(`^Step ${last + 1} of|단계 중 ${last + 1}단계`) })
    .or(page.getByText(lessonMessages.value.end))
    .waitFor({ timeout: 60_000 });
}

/** Replaces a line of the Dockerfile. */
async function replaceIn(page: Page, line: RegExp, by: string): Promise<void> {
  await openFile(page, "Dockerfile");
  await showPane(page, "Editor");
  const text = await readEditor(page);
  await writeDockerfile(page, text.replace(line, by));
}

/** The steps that complete each lesson. */
export const ways: Record<string, (page: Page) => Promise<void>> = {
  async image(page) {
    await build(page);
    await atStep(page, 2);
    await answer(page, "Five, one for each instruction");
    await page.locator(".lesson-wrong").waitFor();
    await answer(page, "Two");
    await answer(page, "Into the config");
    await atStep(page, 4);
    await append(page, "LABEL author=me\n");
    await build(page);
    await atStep(page, 5);
    await answer(page, "The config and the manifest");
  },
  async layers(page) {
    await build(page);
    await answer(page, "One");
    await atStep(page, 3);
    await appendTo(page, "second.txt", `${Math.random()}\n`);
    await build(page);
    await atStep(page, 4);
    await append(page, "COPY second.txt /first.txt\n");
    await build(page);
    await answer(page, "Still in the first layer");
  },
  async removing(page) {
    await build(page);
    await answer(page, "As large as before, or a little larger");
    await atStep(page, 3);
    await append(page, "COPY empty /data/big.txt\n");
    await build(page);
    await answer(page, "a little larger");
    await atStep(page, 5);
    await writeDockerfile(page, "FROM scratch\nCOPY data/notes.txt /data/\n");
    await build(page);
  },
  async order(page) {
    await build(page);
    await answer(page, "Both");
    await atStep(page, 3);
    await appendTo(page, "src/main.js", `// ${Math.random()}\n`);
    await atStep(page, 4);
    await writeDockerfile(page, "FROM scratch\nCOPY libraries/ /libraries/\nCOPY src/ /app/\n");
    await build(page);
    await atStep(page, 5);
    await appendTo(page, "src/main.js", `// ${Math.random()}\n`);
    await build(page);
    await answer(page, "What changes rarely first, what changes often last");
  },
  async context(page) {
    await build(page);
    await answer(page, "Yes");
    await atStep(page, 3);
    await newFile(page, ".dockerignore", ".env\nlogs/\n");
    await atStep(page, 4);
    await build(page);
    await atStep(page, 5);
    await appendTo(page, "logs/debug.log", "more\n");
    await answer(page, "Ignored files are not part of the context, so no key depends on them");
  },
  async stages(page) {
    await build(page);
    await atStep(page, 2);
    const text = await page.locator(".lesson-code pre").textContent();
    await writeDockerfile(page, `${text}\n`);
    await atStep(page, 3);
    await build(page);
    await answer(page, "One");
    await atStep(page, 5);
    await writeDockerfile(page, `FROM scratch AS notes\nCOPY . /all/\n\n${text}\n`);
    await atStep(page, 6);
    await showPane(page, "Build");
    await page.getByLabel(messages.value.target).selectOption("build");
    await build(page);
  },
  async variables(page) {
    await build(page);
    await answer(page, "MODE");
    await atStep(page, 3);
    await showPane(page, "Build");
    await page.getByRole("button", { name: messages.value.more }).click();
    await page.getByLabel(messages.value.buildArgs).fill("VERSION=2");
    await build(page);
    await atStep(page, 4);
    await append(page, "ENV VERSION=$VERSION\n");
    await build(page);
    await answer(page, "In the history, in the config");
  },
  async blueprint(page) {
    await build(page);
    await runCommands(page, 2, 3);
    await openFile(page, "greet.sh");
    await showPane(page, "Editor");
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await paste(page, "echo Good morning\n");
    await runCommands(page, 4, 4);
    await build(page);
    await runCommands(page, 6, 6);
    await answer(page, "Its blueprint");
  },
  async instructions(page) {
    await build(page);
    await answer(page, "During the build");
    await runCommands(page, 3, 3);
    await append(page, "RUN date > /built.txt\n");
    await build(page);
    await build(page);
    await answer(page, "The time of the first build");
    await atStep(page, 6);
    await replaceIn(page, /^RUN date.*$/m, "ADD parts.tar /");
    await build(page);
    await atStep(page, 7);
    await replaceIn(page, /^ADD.*$/m, "COPY parts.tar /");
    await build(page);
    await atStep(page, 8);
    const text = await page.locator(".lesson-code pre").textContent();
    await replaceIn(page, /^COPY.*$/m, text ?? "");
    await build(page);
  },
  async containers(page) {
    await build(page);
    await runCommands(page, 2, 2);
    await answer(page, "milk");
    await runCommands(page, 4, 8);
  },
  async volumes(page) {
    await build(page);
    await runCommands(page, 2, 6);
    await appendTo(page, "list.txt", "butter\n");
    await runCommands(page, 7, 8);
    await answer(page, "In memory");
    await atStep(page, 10);
    await append(page, "VOLUME /lists\n");
    await build(page);
  },
  async commands(page) {
    await runCommands(page, 1, 13);
  },
  async moving(page) {
    await build(page);
    await runCommands(page, 2, 3);
    await answer(page, "Layers, config and names");
    await runCommands(page, 5, 7);
    await answer(page, "It is the same image");
    await answer(page, "The same image, with the same ID");
  },
  async base(page) {
    await build(page);
    await atStep(page, 2);
    await append(page, "\nFROM base AS shop\nCOPY shop.txt /shop.txt\n");
    await build(page);
    await atStep(page, 3);
    await append(page, "\nFROM base AS blog\nCOPY blog.txt /blog.txt\n");
    await build(page);
    await answer(page, "Once");
    await answer(page, "Only the layer with the blog");
    await atStep(page, 6);
    await appendTo(page, "libraries/list.txt", "fixed\n");
    await build(page);
    await answer(page, "Nothing");
  },
  async settings(page) {
    await build(page);
    await runCommands(page, 2, 3);
    await replaceIn(page, /^CMD.*$/m, 'ENTRYPOINT ["echo", "The server"]\nCMD ["listens at port 80"]');
    await build(page);
    await runCommands(page, 5, 6);
    await append(page, "USER 1000\n");
    await build(page);
    await runCommands(page, 8, 8);
    await append(page, "EXPOSE 80\n");
    await build(page);
    await answer(page, "No, no port was published");
    await atStep(page, 11);
    await append(page, 'HEALTHCHECK --interval=10s CMD ["true"]\n');
    await build(page);
    await answer(page, "None");
  },
  async platforms(page) {
    await build(page);
    await atStep(page, 2);
    await showPane(page, "Build");
    await page.getByRole("button", { name: messages.value.more }).click();
    await page.getByLabel(messages.value.platform, { exact: true }).fill("linux/arm64");
    await build(page);
    await answer(page, "The config, and so the manifest");
    await answer(page, "The kernel cannot execute it");
    await atStep(page, 5);
    await page.getByLabel(messages.value.platform, { exact: true }).fill("linux/amd64,linux/arm64");
    await build(page);
    await answer(page, "The client");
  },
  async tags(page) {
    await build(page);
    await atStep(page, 2);
    await appendTo(page, "page.html", `<p>${Math.random()}</p>\n`);
    await build(page);
    await answer(page, "The second image");
    await answer(page, "The first image");
    await atStep(page, 5);
    const name = await page.getByLabel(messages.value.imageName).inputValue();
    await page.getByLabel(messages.value.imageName).fill(name.replace(/:1$/, ":2"));
    await build(page);
    await answer(page, "app@sha256:…");
  },
};

/** Tests that each lesson can be completed in a language. */
export function testLessons(language: Locale): void {
  test.each(lessons.map(({ id }) => id))(
    "the lesson %s can be completed, and only by doing its tasks",
    async (id) => {
      setLanguage(language);
      onTestFinished(() => setLanguage("en"));
      const page = await openPage({ locale: language === "ko" ? "ko-KR" : "en-GB" });
      await openLesson(page, id);
      await (ways[id] as (page: Page) => Promise<void>)(page);
      await finished(page);
      expect(await audit(page)).toEqual([]);
    },
  );
}

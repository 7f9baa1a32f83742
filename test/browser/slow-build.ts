import type { Page } from "playwright-core";
import { showPane, writeDockerfile } from "./suite.ts";

/** Adds a shell to the project, for its RUN steps. */
export async function addBusybox(page: Page): Promise<void> {
  await showPane(page, "Files");
  await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
}

/** A Dockerfile whose RUN takes some seconds and is not in the build cache. */
function slowDockerfile(seconds: number): string {
  return `FROM scratch\nCOPY --chmod=0755 busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "echo started ${Math.random()}; /bin/busybox sleep ${seconds}"]\nCMD ["/bin/busybox"]\n`;
}

/** Starts a build whose RUN takes some seconds. */
export async function startSlowBuild(page: Page, seconds: number): Promise<void> {
  await addBusybox(page);
  await writeDockerfile(page, slowDockerfile(seconds));
  await showPane(page, "Build");
  await page.locator("form.build-form").getByRole("button", { name: "Build" }).click();
  await page.locator(".step .status-running").waitFor();
}

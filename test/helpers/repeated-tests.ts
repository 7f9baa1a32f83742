import type { Reporter, TestModule } from "vitest/node";

/** Prints the tests that failed and passed when they were repeated, with their first error, so that a retry hides nothing. */
export default class RepeatedTests implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (!test.diagnostic()?.flaky) continue;
        const [error] = test.result().errors ?? [];
        console.log(`== passed only when repeated: ${module.relativeModuleId} > ${test.fullName}`);
        console.log(`   ${error?.stack ?? error?.message ?? "no error was kept"}`);
      }
    }
  }
}

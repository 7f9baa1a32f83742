import { main } from "./main.ts";
import { post } from "./post.ts";
import { Workflow } from "./workflow.ts";

// GitHub starts the same file twice: for the step, and when the job ends.
const workflow = new Workflow(process.env, (text) => process.stdout.write(text));
if (workflow.state("isPost") === "true") {
  await post(process.env, workflow);
} else {
  workflow.saveState("isPost", "true");
  process.exitCode = await main(process.env, workflow);
}

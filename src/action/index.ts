import { main } from "./main.ts";
import { post } from "./post.ts";
import { Workflow } from "./workflow.ts";

// GitHub runs this file twice: for the step, and at the end of the job.
const workflow = new Workflow(process.env, (text) => process.stdout.write(text));
if (workflow.state("isPost") === "true") {
  await post(process.env, workflow);
} else {
  workflow.saveState("isPost", "true");
  process.exitCode = await main(process.env, workflow);
}

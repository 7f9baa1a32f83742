import { basename } from "node:path";
import { bake } from "./bake.ts";
import { join } from "./join.ts";
import { main } from "./main.ts";
import { post } from "./post.ts";
import { Workflow } from "./workflow.ts";

/** The actions of this repository by the file that GitHub starts. Each file but the first imports this one. */
const actions = { "index.mjs": main, "bake.mjs": bake, "join.mjs": join };

// GitHub runs the file twice: for the step, and at the end of the job.
const workflow = new Workflow(process.env, (text) => process.stdout.write(text));
if (workflow.state("isPost") === "true") {
  await post(process.env, workflow);
} else {
  workflow.saveState("isPost", "true");
  const name = basename(process.argv[1] ?? "");
  process.exitCode = await (name in actions ? actions[name as keyof typeof actions] : main)(
    process.env,
    workflow,
  );
}

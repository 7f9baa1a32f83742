import { RUNNER_PROGRAM } from "./runner-program-words.ts";

// The single executable: the command, and the program that it starts for RUN steps.

if (process.argv[2] === RUNNER_PROGRAM) void import("../../runner/runner-program.ts");
else void import("../varve.ts");

import { PORT_PROGRAM, RUNNER_PROGRAM } from "./runner-program-words.ts";

// The single executable: the command, and the programs that it starts for RUN steps and for ports of containers.

if (process.argv[2] === RUNNER_PROGRAM) void import("../../runner/runner-program.ts");
else if (process.argv[2] === PORT_PROGRAM) void import("../../runner/port-program.ts");
else void import("../varve.ts");

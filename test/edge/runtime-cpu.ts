import { readdir, readFile } from "node:fs/promises";

/** Milliseconds of CPU that the runtimes of this process have used on all their threads. */
export async function runtimeCpu(): Promise<number> {
  let nanoseconds = 0;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [, name, rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    if (name !== "workerd" || Number(rest.split(" ")[1]) !== process.pid) continue;
    for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      const times = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0");
      nanoseconds += Number(times.split(" ")[0]);
    }
  }
  return nanoseconds / 1e6;
}

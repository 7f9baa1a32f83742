import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_CAPABILITIES } from "../../src/runner/sandbox/capabilities.ts";
import { findRuntime, type Runtime, runtimeCommand } from "../../src/runner/sandbox/runtime.ts";
import { type SeccompFilter, seccompFilter } from "../../src/runner/sandbox/seccomp.ts";
import { seccompProgram } from "../../src/runner/sandbox/seccomp-program.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { runProgram } from "./bpf.ts";
import { hostProgram } from "./host-program.ts";
import { type OrdinaryUser, ordinaryUser } from "./ordinary-user.ts";
import { archive, patient, unable, Workbench } from "./workbench.ts";

const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name));
const X86_64 = 0xc000003e;
const EPERM = 1;
const ENOSYS = 38;

/** Calls that end, stop or fork the process, or stop the machine, with any arguments. */
const OMITTED = [
  7, 13, 14, 15, 18, 22, 23, 24, 34, 35, 56, 57, 58, 60, 61, 62, 112, 128, 130, 162, 200, 201, 219, 230, 231,
  234, 247, 270, 271, 306, 335, 336, 435,
];

/** Prints the number of each system call and its error for invalid arguments. */
const ALL = `
my %omitted = map { $_ => 1 } (${OMITTED.join(",")});
for my $n (0 .. 480) {
  next if $omitted{$n};
  my $r = syscall($n, -1, -1, -1, -1, -1, -1);
  print "$n ", $r == -1 ? $! + 0 : 0, "\\n";
}`;

/** Calls with valid arguments, and their result for root in a docker build. */
const NAMED: readonly (readonly [name: string, call: string, errno: number])[] = [
  ["add_key", '248, "user", "x", "y", 1, -3', EPERM],
  ["request_key", '249, "user", "x", 0, -3', EPERM],
  ["keyctl", "250, 0, -3, 0", EPERM],
  ["bpf", "321, 0, 0, 0", EPERM],
  ["perf_event_open", "298, 0, 0, -1, -1, 0", EPERM],
  ["userfaultfd", "323, 1", EPERM],
  ["io_uring_setup", "425, 1, 0", EPERM],
  ["unshare(CLONE_NEWUSER)", "272, 0x10000000", EPERM],
  ["unshare(CLONE_NEWNET)", "272, 0x40000000", EPERM],
  ["clone(CLONE_NEWUSER)", "56, 0x10000011, 0, 0, 0, 0", EPERM],
  ["clone(CLONE_NEWNS)", "56, 0x00020011, 0, 0, 0, 0", EPERM],
  ["clone3", "435, 0, 0", ENOSYS],
  ["setns", "308, -1, 0", EPERM],
  ["mount", '165, "tmpfs", "/tmp", "tmpfs", 0, 0', EPERM],
  ["umount2", '166, "/proc", 2', EPERM],
  ["move_mount", '429, -1, "", -1, "", 0', EPERM],
  ["open_tree", '428, -1, "", 0', EPERM],
  ["pivot_root", '155, "/", "/"', EPERM],
  ["open_by_handle_at", "304, -1, 0, 0", EPERM],
  ["fanotify_init", "300, 0, 0", EPERM],
  ["kexec_load", "246, 0, 0, 0, 0", EPERM],
  ["init_module", '175, 0, 0, ""', EPERM],
  ["reboot", "169, 0, 0, 0, 0", EPERM],
  ["swapon", '167, "/x", 0', EPERM],
  ["acct", '163, "/x"', EPERM],
  ["personality(ADDR_NO_RANDOMIZE)", "135, 0x0040000", EPERM],
  ["socket(AF_ALG)", "41, 38, 5, 0", EPERM],
  ["socket(AF_VSOCK)", "41, 40, 1, 0", EPERM],
  ["a call that is newer than the filter", "480, 0", ENOSYS],
  // Allowed calls fail with other errors, or succeed.
  ["ptrace(PTRACE_TRACEME)", "101, 0, 0, 0, 0", 0],
  ["process_vm_readv", "310, 1, 0, 0, 0, 0, 1", 22],
  ["personality(PER_LINUX)", "135, 0", 0],
  ["memfd_create", '319, "x", 0', 0],
  ["chroot", '161, "/"', 0],
  ["socket(AF_UNIX)", "41, 1, 1, 0", 0],
];

const PERL_OF_NAMED = NAMED.map(
  ([name, call], index) =>
    `{ my $pid = fork; if (!$pid) { my @a = (${call}); my $r = syscall(shift @a, @a); print "${index} ", $r == -1 ? $! + 0 : 0, "\\n"; exit 0 } waitpid $pid, 0 } # ${name}`,
).join("\n");

function results(log: string): [number, number][] {
  return log
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number) as [number, number]);
}

describe.skipIf(unable || process.arch !== "x64").each(runtimes)(
  "system calls, with %s",
  patient,
  (runtime) => {
    describe.each(["root", "another user"])("for a runner of %s", (who) => {
      let user: OrdinaryUser;
      let bench: Workbench;
      const perl = archive(hostProgram("/usr/bin/perl"));
      beforeAll(async () => {
        user = await ordinaryUser("varve-many", { ids: true });
        const options = { runtime, network: "none" } as const;
        bench = who === "root" ? await Workbench.start(options) : await Workbench.startAs(user, options);
      });
      afterAll(async () => {
        await bench.close();
        execFileSync("rm", ["-rf", user.folder]);
      });

      function run(program: string) {
        const layers = [bench.base, bench.server.addLayer(perl)];
        return bench.succeed("", { layers, args: ["/usr/bin/perl", "-e", `$| = 1; ${program}`] });
      }

      it("are rejected as with docker", async () => {
        const { log } = await run(PERL_OF_NAMED);
        const answers = new Map(results(log));
        expect(NAMED.map(([name], index) => [name, answers.get(index)])).toEqual(
          NAMED.map(([name, , errno]) => [name, errno]),
        );
      });

      it("are rejected exactly when the filter rejects them", async () => {
        const program = seccompProgram(seccompFilter(DEFAULT_CAPABILITIES) as SeccompFilter) as Buffer;
        const all = results((await run(ALL)).log);
        expect(all.length).toBeGreaterThan(440);
        const args = Array<bigint>(6).fill(2n ** 64n - 1n);
        const refused = all.filter(([number, errno]) => {
          const result = runProgram(program, { number, architecture: X86_64, args });
          return result >>> 16 === 5 && (result & 0xffff) !== errno;
        });
        expect(refused).toEqual([]);
        // The kernel has these calls.
        const unknown = all.filter(([number, errno]) => errno === ENOSYS && number < 200);
        expect(unknown).toEqual([]);
      });
    });
  },
);

describe.skipIf(unable || !findRuntime("crun"))("the program of the filter", patient, () => {
  const folder = suiteFolder();

  /** The program that libseccomp compiles for crun, which crun caches. */
  function programOf(filter: SeccompFilter): Buffer {
    const bundle = join(folder, "bundle");
    for (const name of ["proc", "dev", "bin"]) mkdirSync(join(bundle, "rootfs", name), { recursive: true });
    copyFileSync("/usr/bin/busybox", join(bundle, "rootfs/bin/busybox"));
    const spec = {
      ociVersion: "1.0.2",
      process: { cwd: "/", args: ["/bin/busybox", "true"], env: [], user: { uid: 0, gid: 0 } },
      root: { path: "rootfs" },
      mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
      linux: { seccomp: filter, namespaces: [{ type: "mount" }, { type: "pid" }] },
    };
    writeFileSync(join(bundle, "config.json"), JSON.stringify(spec));
    const crun = findRuntime("crun") as Runtime;
    execFileSync("unshare", ["--mount", ...runtimeCommand(crun, { bundle, id: "x", hasGroups: false })]);
    const kept = join(bundle, "state/.cache/seccomp");
    const program = readFileSync(join(kept, readdirSync(kept)[0] as string));
    rmSync(bundle, { recursive: true });
    return program;
  }

  it.each([
    ["docker's default", DEFAULT_CAPABILITIES],
    ["none", []],
    ["some that change the rules", ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYSLOG", "CAP_DAC_READ_SEARCH"]],
  ])("answers as that of libseccomp, with the capabilities: %s", (_, capabilities) => {
    const filter = seccompFilter(capabilities) as SeccompFilter;
    const theirs = programOf(filter);
    const ours = seccompProgram(filter) as Buffer;
    const values = [
      0,
      1,
      8,
      17,
      37,
      38,
      39,
      40,
      41,
      0x20000,
      0x20008,
      0x10000000,
      0x7e020000,
      2 ** 31,
      2 ** 32 - 1,
    ].flatMap((value) => [BigInt(value), BigInt(value) + 2n ** 32n]);
    const compared = new Set<string>();
    for (const architecture of [X86_64, 0x40000003, 0xc00000b7, 0x40000028, 5])
      for (const base of [0, 0x40000000])
        for (let number = 0; number < 600; number++)
          for (const value of values) {
            const call = { architecture, number: base + number, args: [value, value, 0n, 0n, 0n, 0n] };
            const [expected, actual] = [theirs, ours].map((program) => runProgram(program, call)) as [
              number,
              number,
            ];
            // Newer calls return ENOSYS, as with runc.
            const isNewer = (architecture === X86_64 ? number : call.number) > 460;
            if (isNewer && actual === 0x50000 + ENOSYS && expected === 0x50000 + EPERM) continue;
            if (actual !== expected)
              compared.add(`${architecture} ${base + number} ${value}: ${actual} ${expected}`);
          }
    expect([...compared].slice(0, 20)).toEqual([]);
  });
});

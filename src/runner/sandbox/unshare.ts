import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { plainEnvironment } from "../command.ts";
import { resolveInRoot } from "../files/root-path.ts";
import { quoteForShell } from "../files/shell-quote.ts";
import { JobError } from "../job-error.ts";
import {
  type Container,
  capabilitiesOf,
  environment,
  MASKED,
  READ_ONLY,
  type SpecMount,
  systemMounts,
  ulimitsOf,
} from "./oci-spec.ts";
import { findProgram } from "./runtime.ts";
import { NETWORK_DESCRIPTOR } from "./sandbox.ts";

// The runtime for machines without crun and runc: a shell script with the programs of util-linux. It does everything except
// control groups for devices. It detaches the machine's root before the process starts, so that the process cannot leave the
// image's root. The programs that run after that are copied first, with their libraries; the process sees them, read-only,
// at /dev/.varve.
//
// The script loads nothing from the image and sets no variable of the step while it has privileges. A second script sets the
// variables, as the step's user and behind the filter of system calls.

/** Programs that run after the machine's root is detached. */
const PROGRAMS: readonly string[] = ["setpriv", "umount", "sh"];
/** Loads the filter. setpriv(1) cannot, because it would also disable setuid programs. */
const FILTER_LOADER = "perl";
const TOOLS = "/dev/.varve";
const FILTER = "/dev/.varve.filter";
const START = "/dev/.varve.start";
const OLD_ROOT = "/dev/.machine";
const LOADER = "loader";
const DEVICES: readonly string[] = ["null", "zero", "full", "random", "urandom", "tty"];
const LINKS: readonly (readonly [name: string, target: string])[] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
  ["ptmx", "pts/ptmx"],
];

/** Whether this machine can filter the system calls of containers started by `unshareScript`. */
export function canFilter(): boolean {
  return findProgram(FILTER_LOADER) !== undefined;
}

/** Copies the programs, their libraries and the loader of these into `folder`. */
export async function copyTools(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const name of canFilter() ? [...PROGRAMS, FILTER_LOADER] : PROGRAMS) {
    const path = findProgram(name);
    if (path === undefined) throw new Error(`Cannot find the program ${name}`);
    await copyFile(path, join(folder, name));
    await chmod(join(folder, name), 0o755);
    const linked = execFileSync("ldd", [path], { encoding: "utf8", env: plainEnvironment });
    for (const [, library = ""] of linked.matchAll(/(?:^|\s)(\/\S+) \(0x/g)) {
      const isLoader = /^ld[-.6]/.test(basename(library));
      await copyFile(library, join(folder, isLoader ? LOADER : basename(library)));
    }
  }
}

/** The command that runs the script of a container in new namespaces. */
export function unshareCommand(script: string, network: Container["network"]): string[] {
  return ["unshare", "--ipc", "--uts", ...(network === "none" ? ["--net"] : []), "sh", script];
}

/**
 * The script that makes the container and becomes its process.
 * @param inside path of the rootfs for this program
 * @param tools folder that `copyTools` filled
 * @param start file with the result of `startScript`
 * @param filter file with the compiled filter of system calls
 * @throws {JobError} for a mount inside another mount, whose links could redirect the script
 */
export function unshareScript(
  container: Container,
  inside: string,
  { tools, start, filter }: { tools: string; start: string; filter: string | undefined },
): string {
  const at = (path: string) => {
    const { found, missing } = resolveInRoot(inside, path);
    return `${container.rootfs}${found}${missing.map((name) => `/${name}`).join("")}`;
  };
  // The script makes the mount points in these.
  const system = new Map(["/proc", "/dev", "/sys"].map((path) => [path, at(path)]));
  const place = (path: string) => {
    const first = path.split("/", 2).join("/");
    const base = system.get(first);
    return base === undefined ? at(path) : base + path.slice(first.length);
  };
  return [
    "set -e",
    `exec ${NETWORK_DESCRIPTOR}<&-`,
    // crun and runc do the same.
    ...(container.network === "none" ? ["ip link set lo up 2>/dev/null || :"] : []),
    ...systemMounts(container).flatMap((mount) => [
      `mkdir -p ${quoteForShell(place(mount.destination))}`,
      mountLine(mount, place(mount.destination)),
    ]),
    ...deviceLines(place("/dev")),
    ...container.mounts.flatMap((mount) => {
      rejectNested(mount, container.mounts);
      const target = place(mount.destination);
      const makes = mount.destination.startsWith("/dev/")
        ? [
            `mkdir -p ${quoteForShell(target.slice(0, target.lastIndexOf("/")))}`,
            `touch ${quoteForShell(target)}`,
          ]
        : [];
      return [...makes, ...bindLines(mount, target)];
    }),
    ...(container.isInsecure
      ? []
      : [
          ...MASKED.map((path) => maskLine(quoteForShell(place(path)))),
          ...READ_ONLY.map((path) => readOnlyLine(quoteForShell(place(path)))),
        ]),
    `hostname ${quoteForShell(container.hostname)}`,
    ulimitLine(container),
    ...(container.readonly ? [`mount -o remount,bind,ro ${quoteForShell(container.rootfs)}`] : []),
    `mkdir ${quoteForShell(place(TOOLS))} ${quoteForShell(place(OLD_ROOT))}`,
    `mount --bind ${quoteForShell(tools)} ${quoteForShell(place(TOOLS))}`,
    `mount -o remount,bind,ro,nosuid,nodev ${quoteForShell(place(TOOLS))}`,
    ...(filter === undefined ? [] : [`cp ${quoteForShell(filter)} ${quoteForShell(place(FILTER))}`]),
    `install --mode=400 --owner=${container.account.uid} --group=${container.account.gid} ${quoteForShell(start)} ${quoteForShell(place(START))}`,
    `cd ${quoteForShell(container.rootfs)}`,
    `pivot_root . ${quoteForShell(place(OLD_ROOT).slice(container.rootfs.length + 1))}`,
    "cd /",
    `${tool("umount")} -n -l ${OLD_ROOT}`,
    `cd ${quoteForShell(container.workdir)}`,
    "umask 022",
    "unset LC_ALL LIBMOUNT_FORCE_MOUNT2 PATH PWD OLDPWD",
    `exec ${filter === undefined ? "" : `${loadFilter()} `}${becomeUser(container)} -- ${tool("sh")} ${START}`,
    "",
  ].join("\n");
}

/** The script that sets the variables and starts the step's program. */
export function startScript(container: Container): string {
  return [
    "unset PWD OLDPWD SHLVL",
    ...environmentLines(container),
    `exec ${container.args.map(quoteForShell).join(" ")}`,
    "",
  ].join("\n");
}

/**
 * Loads `struct sock_fprog` (seccomp(2)), for which root of a namespace needs no further right, and closes inherited
 * descriptors.
 */
function loadFilter(): string {
  const program = [
    "my ($path, @command) = @ARGV;",
    'open my $file, "<:raw", $path or die "Cannot read $path: $!\\n";',
    "my $filter = do { local $/; <$file> };",
    'my $program = pack "S x6 P", length($filter) / 8, $filter;',
    `syscall(${SECCOMP[process.arch]}, 1, 0, $program) == 0 or die "Cannot filter system calls: $!\\n";`,
    "for my $fd (3 .. 1023) { open(my $file, '<&=', $fd) and close $file }",
    'exec { $command[0] } @command or die "Cannot start $command[0]: $!\\n";',
  ].join(" ");
  return `${tool(FILTER_LOADER)} -e ${quoteForShell(program)} ${FILTER}`;
}

/** System call number of seccomp(2), by Node's name of the architecture. */
const SECCOMP: Readonly<Record<string, number>> = { x64: 317, arm64: 277 };

function tool(name: string): string {
  return `${TOOLS}/${LOADER} --library-path ${TOOLS} ${TOOLS}/${name}`;
}

function rejectNested({ destination }: SpecMount, all: readonly SpecMount[]): void {
  const outer = all.find((mount) => destination.startsWith(`${mount.destination}/`));
  if (outer === undefined) return;
  throw new JobError(
    "refused",
    `the mount at ${destination} is inside the mount at ${outer.destination}, which needs a runner with crun or runc`,
  );
}

function mountLine({ type, source, options }: SpecMount, target: string): string {
  if (type === "none") return bindLines({ type, source, options, destination: "" }, target).join("\n");
  return `mount -t ${type} -o ${quoteForShell(options.join(","))} ${quoteForShell(source)} ${quoteForShell(target)}`;
}

function bindLines(mount: SpecMount, target: string): string[] {
  if (mount.type === "tmpfs") return [mountLine(mount, target)];
  const flags = mount.options.filter((option) => !["rbind", "rw"].includes(option));
  return [
    `mount --rbind ${quoteForShell(mount.source)} ${quoteForShell(target)}`,
    ...(flags.length > 0 ? [`mount -o remount,bind,${flags.join(",")} ${quoteForShell(target)}`] : []),
  ];
}

function deviceLines(dev: string): string[] {
  return [
    ...DEVICES.map((name) => {
      const path = quoteForShell(`${dev}/${name}`);
      return `touch ${path}; mount --bind /dev/${name} ${path}`;
    }),
    ...LINKS.map(([name, target]) => `ln -s ${target} ${quoteForShell(`${dev}/${name}`)}`),
  ];
}

function maskLine(path: string): string {
  return `if [ -d ${path} ]; then mount -t tmpfs -o ro tmpfs ${path}; elif [ -e ${path} ]; then mount --bind /dev/null ${path}; fi`;
}

function readOnlyLine(path: string): string {
  return `if [ -e ${path} ]; then mount --bind ${path} ${path}; mount -o remount,bind,ro ${path}; fi`;
}

/** Sets limits with prlimit(1), because few shells support all of them. */
function ulimitLine(container: Container): string {
  const value = (limit: number) => (limit < 0 ? "unlimited" : String(limit));
  const options = ulimitsOf(container).map(
    ({ name, soft, hard }) => `--${name}=${value(soft)}:${value(hard)}`,
  );
  return `prlimit --pid $$ ${options.join(" ")}`;
}

/** Leaves out variables whose names a shell cannot set. */
function environmentLines({ env, account }: Container): string[] {
  return environment(env, account.home).flatMap((line) => {
    const name = line.slice(0, line.indexOf("="));
    return /^[A-Za-z_]\w*$/.test(name)
      ? [`export ${name}=${quoteForShell(line.slice(name.length + 1))}`]
      : [];
  });
}

/** Switches to the user, without the capabilities that could undo the mounts. */
function becomeUser(container: Container): string {
  const { uid, gid, groups } = container.account;
  const kept = capabilitiesOf(container).map((name) => `+${name.slice("CAP_".length).toLowerCase()}`);
  return [
    tool("setpriv"),
    `--reuid=${uid} --regid=${gid} --groups=${[gid, ...groups].join(",")}`,
    `--inh-caps=-all --bounding-set=${["-all", ...kept].join(",")}`,
  ].join(" ");
}

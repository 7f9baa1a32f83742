// System calls that a container of `docker build` is refused: those that need a capability it has not, or that reach
// what is not divided into namespaces. Everything else is allowed.

const REFUSED: readonly string[] = [
  "acct",
  "add_key",
  "bpf",
  "clock_adjtime",
  "clock_settime",
  "create_module",
  "delete_module",
  "fanotify_init",
  "finit_module",
  "fsconfig",
  "fsmount",
  "fsopen",
  "fspick",
  "get_kernel_syms",
  "init_module",
  "io_uring_enter",
  "io_uring_register",
  "io_uring_setup",
  "ioperm",
  "iopl",
  "kcmp",
  "kexec_file_load",
  "kexec_load",
  "keyctl",
  "lookup_dcookie",
  "mount",
  "mount_setattr",
  "move_mount",
  "move_pages",
  "nfsservctl",
  "open_by_handle_at",
  "open_tree",
  "perf_event_open",
  "pivot_root",
  "query_module",
  "quotactl",
  "quotactl_fd",
  "reboot",
  "request_key",
  "setdomainname",
  "sethostname",
  "setns",
  "settimeofday",
  "stime",
  "swapoff",
  "swapon",
  "sysfs",
  "syslog",
  "umount",
  "umount2",
  "unshare",
  "uselib",
  "userfaultfd",
  "ustat",
  "vhangup",
  "vm86",
  "vm86old",
];

/** Flags of clone() that ask for new namespaces: cgroup, UTS, IPC, user, PID, network, mount. */
const NEW_NAMESPACES: readonly number[] = [
  0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000,
];

const EPERM = 1;
const ENOSYS = 38;

/** The filter, in the form of the runtime specification (config-linux.md, "Seccomp"). */
export const seccompFilter = {
  defaultAction: "SCMP_ACT_ALLOW",
  architectures: nativeArchitectures(),
  syscalls: [
    { names: REFUSED, action: "SCMP_ACT_ERRNO", errnoRet: EPERM },
    // Its flags lie in memory, where no filter can look; programs then fall back to clone.
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
    ...NEW_NAMESPACES.map((flag) => ({
      names: ["clone"],
      action: "SCMP_ACT_ERRNO",
      errnoRet: EPERM,
      args: [{ index: 0, value: flag, valueTwo: flag, op: "SCMP_CMP_MASKED_EQ" }],
    })),
  ],
};

/** The machine's own system calls and those of its 32-bit programs. */
function nativeArchitectures(): string[] {
  if (process.arch === "x64") return ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"];
  if (process.arch === "arm64") return ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"];
  return [];
}

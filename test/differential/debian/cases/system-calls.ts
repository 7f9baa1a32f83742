import type { Case } from "../../case.ts";
import { onDebian } from "./dockerfile.ts";

/** Numbers of x86-64: calls that end, stop or divide the process that makes them, whatever their arguments. */
const OMITTED = [
  7, 13, 14, 15, 18, 22, 23, 24, 34, 35, 56, 57, 58, 60, 61, 62, 112, 128, 130, 162, 200, 201, 219, 230, 231,
  234, 247, 270, 271, 306, 335, 336, 435,
];

/** The last one that the filter of Docker 26 knows. It answers newer ones as if the kernel did not know them. */
const LAST = 456;

/** The error of each system call with arguments that none accepts. */
const all = `my %omitted = map { $_ => 1 } (${OMITTED.join(",")});
for my $n (0 .. ${LAST}, 512 .. 547) {
  next if $omitted{$n};
  my $r = syscall($n, -1, -1, -1, -1, -1, -1);
  print "$n ", $r == -1 ? $! + 0 : "ok", "\\n";
}
`;

/** The errors of calls whose arguments the filter checks, and of other common calls. */
const some = `sub try {
  my ($name, @call) = @_;
  my $pid = fork;
  if (!$pid) {
    my $r = syscall(shift @call, @call);
    print "$name ", $r == -1 ? $! + 0 : "ok", "\\n";
    exit 0;
  }
  waitpid $pid, 0;
}
$| = 1;
try("personality $_", 135, $_) for 0, 8, 0x20000, 0x20008, 0x40000, 0x200000, 0xffffffff;
try("socket $_", 41, $_, 1, 0) for 1, 2, 10, 16, 17, 40;
try("socket raw", 41, 2, 3, 1);
try("clone $_", 56, $_ | 17, 0, 0, 0, 0) for 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000;
try("unshare $_", 272, $_) for 0, 0x20000, 0x10000000, 0x40000000;
try("clone3", 435, 0, 0);
try("ptrace", 101, 0, 0, 0, 0);
try("add_key", 248, "user", "x", "y", 1, -3);
try("keyctl", 250, 0, -3, 0);
try("bpf", 321, 0, 0, 0);
try("userfaultfd", 323, 1);
try("io_uring_setup", 425, 1, 0);
try("perf_event_open", 298, 0, 0, -1, -1, 0);
try("mount", 165, "tmpfs", "/tmp", "tmpfs", 0, 0);
try("umount2", 166, "/proc", 2);
try("memfd_create", 319, "x", 0);
try("chroot", 161, "/");
try("mknod", 133, "/tmp/n", 8576, 259);
`;

/** Which system calls a step may make, and how others fail. Both builders are on the same kernel. */
export const systemCallCases: Case[] = [
  {
    name: "system-calls-of-root",
    dockerfile: onDebian("COPY *.pl /", "RUN perl /all.pl > /all && perl /some.pl > /some"),
    context: { "all.pl": all, "some.pl": some },
  },
  {
    name: "system-calls-of-user",
    dockerfile: onDebian(
      "COPY *.pl /",
      "USER nobody",
      "RUN perl /all.pl > /tmp/all && perl /some.pl > /tmp/some",
    ),
    context: { "all.pl": all, "some.pl": some },
  },
];

import type { SeccompFilter, SystemCallRule } from "./seccomp.ts";
import numbers from "./system-calls.json" with { type: "json" };

// Compiles a filter to classic BPF, as the kernel accepts it (seccomp(2)). crun and runc use libseccomp for this, which takes
// longer than everything else that crun does, and unshare(1) has no such library. A test compares this program with that of
// libseccomp over all system calls. `system-calls.json` has the numbers of the profile's system calls (linux:
// arch/*/tools/syscall*.tbl).

/** Instructions (linux/bpf_common.h). */
const LOAD = 0x20;
const AND = 0x54;
const JUMP = 0x05;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER = 0x25;
const JUMP_GREATER_OR_EQUAL = 0x35;
const RETURN = 0x06;

/** Fields of `struct seccomp_data`: the number of the call, its architecture, and six arguments of 64 bits. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number) => 16 + 8 * index;

/** Results (linux/seccomp.h). */
const ALLOW = 0x7fff0000;
const KILL = 0;
const ERRNO = 0x00050000;
const ENOSYS = 38;

/** The first number of x32's system calls. x32 has the architecture of x86-64. */
const X32 = 0x40000000;

/** AUDIT_ARCH_* (linux/audit.h). */
const AUDIT: Readonly<Record<string, number>> = {
  SCMP_ARCH_X86_64: 0xc000003e,
  SCMP_ARCH_X32: 0xc000003e,
  SCMP_ARCH_X86: 0x40000003,
  SCMP_ARCH_AARCH64: 0xc00000b7,
  SCMP_ARCH_ARM: 0x40000028,
};

/** Architectures with 64-bit arguments. For the others libseccomp compares 32 bits. */
const WIDE: ReadonlySet<string> = new Set(["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]);

/** `struct sock_filter`. Jump distances count from the next instruction. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** Calls from `from` up to the next range, which all have the same code. */
interface Range {
  from: number;
  code: readonly Instruction[];
}

/**
 * The program for a filter, in little-endian byte order. Calls newer than the filter return ENOSYS, as with runc, so that
 * programs fall back. Undefined for unsupported architectures.
 */
export function seccompProgram(filter: SeccompFilter): Buffer | undefined {
  const { architectures } = filter;
  if (architectures.some((name) => AUDIT[name] === undefined)) return undefined;
  const code: Instruction[] = [[LOAD, 0, 0, ARCHITECTURE]];
  for (const name of architectures) {
    if (name === "SCMP_ARCH_X32") continue;
    const own = callsOf(name, filter);
    const x32 = name === "SCMP_ARCH_X86_64" && architectures.includes("SCMP_ARCH_X32");
    const ranges = x32 ? [...own, ...callsOf("SCMP_ARCH_X32", filter)] : own;
    const block: Instruction[] = [[LOAD, 0, 0, NUMBER], ...search(ranges)];
    code.push([JUMP_EQUAL, 1, 0, AUDIT[name] as number], [JUMP, 0, 0, block.length], ...block);
  }
  code.push([RETURN, 0, 0, KILL]);
  return encode(code);
}

function encode(code: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * code.length);
  for (const [index, [instruction, ifTrue, ifFalse, value]] of code.entries()) {
    const at = 8 * index;
    bytes.writeUInt16LE(instruction, at);
    bytes.writeUInt8(ifTrue, at + 2);
    bytes.writeUInt8(ifFalse, at + 3);
    bytes.writeUInt32LE(value, at + 4);
  }
  return bytes;
}

/** The code for the system calls of one architecture, in the order of their numbers. */
function callsOf(architecture: string, filter: SeccompFilter): Range[] {
  const table = numbers[architecture as keyof typeof numbers];
  const base = architecture === "SCMP_ARCH_X32" ? X32 : 0;
  const otherwise = result(filter.defaultAction, filter.defaultErrnoRet);
  const rules = new Map<string, SystemCallRule[]>();
  for (const rule of filter.syscalls)
    for (const name of rule.names) rules.set(name, [...(rules.get(name) ?? []), rule]);
  const ranges: Range[] = [];
  let next = base;
  for (const entry of table.split(" ")) {
    const [name = "", digits] = entry.split("=");
    const number = base + Number(digits);
    const own = rules.get(name);
    // Some numbers have two names.
    if (own === undefined || number < next) continue;
    if (number > next) addRange(ranges, { from: next, code: [otherwise] });
    addRange(ranges, { from: number, code: callCode(own, filter, otherwise, WIDE.has(architecture)) });
    next = number + 1;
  }
  addRange(ranges, { from: next, code: [[RETURN, 0, 0, ERRNO | ENOSYS]] });
  return ranges;
}

/** Adds a range, unless it has the same code as the last one. */
function addRange(ranges: Range[], range: Range): void {
  if (ranges.at(-1)?.code.join(";") !== range.code.join(";")) ranges.push(range);
}

/** A binary search for the range of the loaded number, with the code of each range at its end. */
function search(ranges: readonly Range[]): readonly Instruction[] {
  if (ranges.length < 2) return ranges[0]?.code ?? [];
  const middle = ranges.length >> 1;
  const below = search(ranges.slice(0, middle));
  const above = search(ranges.slice(middle));
  const { from = 0 } = ranges[middle] ?? {};
  return [[JUMP_GREATER_OR_EQUAL, 0, 1, from], [JUMP, 0, 0, below.length], ...below, ...above];
}

/** The code of a call: its rules in order, or only a rule without conditions, which precedes all others. */
function callCode(
  rules: readonly SystemCallRule[],
  { defaultErrnoRet }: SeccompFilter,
  otherwise: Instruction,
  isWide: boolean,
): Instruction[] {
  const resultOf = ({ action, errnoRet = defaultErrnoRet }: SystemCallRule) => result(action, errnoRet);
  const plain = rules.find(({ args = [] }) => args.length === 0);
  if (plain !== undefined) return [resultOf(plain)];
  return [...rules.flatMap((rule) => ruleCode(rule, resultOf(rule), isWide)), otherwise];
}

function result(action: string, errno: number): Instruction {
  if (action === "SCMP_ACT_ALLOW") return [RETURN, 0, 0, ALLOW];
  if (action === "SCMP_ACT_ERRNO") return [RETURN, 0, 0, ERRNO | errno];
  throw new RangeError(`Cannot compile the seccomp action ${action}`);
}

/** Returns the result when all conditions hold; otherwise continues after its last instruction. */
function ruleCode({ args = [] }: SystemCallRule, end: Instruction, isWide: boolean): Instruction[] {
  let code: Instruction[] = [end];
  for (const condition of args.toReversed()) {
    code = [...lowerCode(condition, code.length), ...code];
    if (isWide) code = [...upperCode(condition, code.length), ...code];
  }
  return code;
}

type Condition = NonNullable<SystemCallRule["args"]>[number];

/** Continues with the next instruction if the lower 32 bits meet the condition; otherwise skips `beyond` instructions. */
function lowerCode({ index, value, valueTwo = 0, op }: Condition, beyond: number): Instruction[] {
  const load: Instruction = [LOAD, 0, 0, argument(index)];
  const lower = value % 2 ** 32;
  switch (op) {
    case "SCMP_CMP_EQ":
      return [load, [JUMP_EQUAL, 0, beyond, lower]];
    case "SCMP_CMP_MASKED_EQ":
      // The value is the mask.
      return [load, [AND, 0, 0, lower], [JUMP_EQUAL, 0, beyond, valueTwo % 2 ** 32]];
    case "SCMP_CMP_LT":
      return [load, [JUMP_GREATER_OR_EQUAL, beyond, 0, lower]];
    case "SCMP_CMP_GT":
      return [load, [JUMP_GREATER, 0, beyond, lower]];
    default:
      throw new RangeError(`Cannot compile the seccomp comparison ${op}`);
  }
}

/**
 * Compares the upper 32 bits. If the lower bits decide, continues with the next instruction, the first of `lowerCode`. If
 * the condition holds, continues after `lowerCode`; if it does not, skips `beyond` instructions.
 */
function upperCode({ index, value, valueTwo = 0, op }: Condition, beyond: number): Instruction[] {
  const load: Instruction = [LOAD, 0, 0, argument(index) + 4];
  const upper = Math.floor(value / 2 ** 32);
  /** Number of instructions of `lowerCode` for < and >. */
  const lowerLength = 2;
  switch (op) {
    case "SCMP_CMP_LT":
      return [load, [JUMP_GREATER, beyond + 1, 0, upper], [JUMP_EQUAL, 0, lowerLength, upper]];
    case "SCMP_CMP_GT":
      return [load, [JUMP_GREATER, lowerLength + 1, 0, upper], [JUMP_EQUAL, 0, beyond, upper]];
    case "SCMP_CMP_MASKED_EQ":
      return [load, [AND, 0, 0, upper], [JUMP_EQUAL, 0, beyond, Math.floor(valueTwo / 2 ** 32)]];
    default:
      return [load, [JUMP_EQUAL, 0, beyond, upper]];
  }
}

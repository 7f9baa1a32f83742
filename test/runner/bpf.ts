/** The result of a classic BPF program for a system call (seccomp(2)): 32 bits. */
export function runProgram(program: Buffer, call: SystemCall): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.architecture, 4);
  for (const [index, argument] of call.args.entries()) data.writeBigUInt64LE(argument, 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const code = program.readUInt16LE(8 * at);
    const [ifTrue, ifFalse] = [program.readUInt8(8 * at + 2), program.readUInt8(8 * at + 3)];
    const value = program.readUInt32LE(8 * at + 4);
    switch (code) {
      case 0x20:
        accumulator = data.readUInt32LE(value);
        break;
      case 0x54:
        accumulator = (accumulator & value) >>> 0;
        break;
      case 0x05:
        at += value;
        break;
      case 0x15:
        at += accumulator === value ? ifTrue : ifFalse;
        break;
      case 0x25:
        at += accumulator > value ? ifTrue : ifFalse;
        break;
      case 0x35:
        at += accumulator >= value ? ifTrue : ifFalse;
        break;
      case 0x06:
        return value;
      default:
        throw new Error(`unknown instruction ${code}`);
    }
  }
  throw new Error("the program has no end");
}

/** `struct seccomp_data`. */
interface SystemCall {
  number: number;
  architecture: number;
  args: readonly bigint[];
}

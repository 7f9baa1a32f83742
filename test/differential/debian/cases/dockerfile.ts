import { doc } from "../../cases/dockerfile.ts";
import { DEBIAN, TOOLS } from "../base.ts";

/** On Debian's smallest system. */
export const onDebian = (...lines: string[]) => doc(`FROM ${DEBIAN}`, ...lines);
/** On the same with a compiler, setcap, setfattr and python3. */
export const onTools = (...lines: string[]) => doc(`FROM ${TOOLS}`, ...lines);

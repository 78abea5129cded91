/** Every platform has it. */
declare function setTimeout(work: () => void, delayMs: number): unknown

// Programs that are run, and where.

import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const TOOLS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
export const SAMPLE = path.dirname(TOOLS)
export const LIB = path.join(SAMPLE, 'lib')
export const MODULES = path.join(TOOLS, 'node_modules')
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

/** What it said and whether it succeeded; it never throws. */
export async function run(program, options, { cwd = TOOLS, env = {} } = {}) {
  const how = { cwd, env: { ...process.env, ...env }, maxBuffer: OUTPUT_BYTES_MAX }
  try {
    const { stdout, stderr } = await promisify(execFile)(program, options, how)
    return { ok: true, out: stdout, said: stdout + stderr }
  } catch (error) {
    return { ok: false, out: error.stdout ?? '', said: `${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}` }
  }
}

/** A program of node_modules. */
export function tool(name, options, how) {
  return run(process.execPath, [path.join(MODULES, '.bin', name), ...options], how)
}

// `npm pack`: what is in the package, and that it is imported and required by its name.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { cp, rename } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { LIB, MODULES, run } from './run.mjs'

const NAME = 'reminders-miniprogram-client'
const IMPORT = `import * as client from '${NAME}'; console.log(Object.keys(client).sort().join(' '))`
const REQUIRE = `console.log(Object.keys(require('${NAME}')).sort().join(' '))`

/** Packs it, and lays it where the builds find it: they get what others would. */
export async function pack({ check, same }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pack-'))
  try {
    const packed = await run('npm', ['pack', '--pack-destination', folder], { cwd: LIB })
    check('it is packed, and its CommonJS is what its sources make', packed.ok, packed.said)
    const [archive] = readdirSync(folder)
    const unpacked = await run('tar', ['-xzf', archive], { cwd: folder })
    check('and unpacked', unpacked.ok, unpacked.said)
    const files = readdirSync(path.join(folder, 'package'), { recursive: true, withFileTypes: true })
    const names = files.filter((one) => one.isFile()).map((one) => one.name)
    const strange = names.filter((name) => !/\.(?:m?js|d\.m?ts)$|^package\.json$|^README/.test(name))
    same('nothing is in it that is not meant to be', strange.concat(names.filter((name) => name === 'routes.js')), [])
    const modules = readdirSync(path.join(LIB, 'src')).length
    same(
      'all modules are, in both forms',
      [names.filter((name) => name.endsWith('.mjs')).length, names.filter((name) => /^[^.]+\.js$/.test(name)).length],
      [modules, modules],
    )
    const at = path.join(MODULES, NAME)
    rmSync(at, { recursive: true, force: true })
    await rename(path.join(folder, 'package'), at).catch(() =>
      cp(path.join(folder, 'package'), at, { recursive: true }),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const imported = await run(process.execPath, ['--input-type=module', '--eval', IMPORT])
  const required = await run(process.execPath, ['--eval', REQUIRE])
  check('it is imported', imported.ok && imported.out.includes('createReminders'), imported.said)
  same('and required, the same', required.said, imported.said)
}

// The client as a package, and the pages, as other people's tools take them: types, compilers, bundlers.
//
//   tests/miniprogram/tools/check [--base-port 9520] [PART …]
//
// What is bundled runs in a local world; SIMULATOR names its program, see ../phone/world.mjs.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { builds } from './checks/builds.mjs'
import { compilers } from './checks/compilers.mjs'
import { lock } from './checks/lock.mjs'
import { lunar } from './checks/lunar.mjs'
import { pack } from './checks/pack.mjs'
import { types } from './checks/types.mjs'
import { typescriptPage } from './checks/typescript-page.mjs'

// Where the user lives; before anything asks what time it is.
process.env.TZ = 'Asia/Shanghai'

const TOOLS = path.dirname(fileURLToPath(import.meta.url))
const { values, positionals: chosen } = parseArgs({
  options: { 'base-port': { type: 'string', default: '9520' } },
  allowPositionals: true,
})

let passed = 0
let failed = 0

function check(title, holds, found) {
  if (holds) passed += 1
  else failed += 1
  console.log(`  ${holds ? 'ok    ' : 'FAILED'}  ${title}${holds ? '' : `\n          found: ${found}`}`)
}

function same(title, found, expected) {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  check(title, is === should, `${is}\n          not:   ${should}`)
}

if (!existsSync(path.join(TOOLS, 'node_modules/typescript'))) {
  console.error(`first: npm ci --prefix ${path.relative(process.cwd(), TOOLS) || '.'}`)
  process.exit(2)
}
const PARTS = { lock, pack, types, compilers, lunar, 'a page in TypeScript': typescriptPage, builds }
for (const [title, play] of Object.entries(PARTS).filter(([title]) => !chosen.length || chosen.includes(title))) {
  console.log(title)
  try {
    await play({ check, same, basePort: Number(values['base-port']) })
  } catch (error) {
    check('it is played to its end', false, error.stack)
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || !passed ? 1 : 0
